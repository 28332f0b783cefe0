"""The application as a person uses it: a real server, real workers, a real browser."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.drawn import demo
from catsdogs.queue import jobs
from catsdogs.runs import history, liveness, store
from catsdogs.settings import config, presets
from tests.browsing import CHROMIUM, serve
from tests.images import photographs

SMALL = {"target_size": 32, "batch_size": 8, "dense_units": 8, "precision": "float32"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", level=1).wait_for()


@pytest.mark.parametrize(
    ("path", "title"), [("", "Photographs"), ("data", "Photographs"), ("train", "Train"), ("results", "Results"), ("classify", "Classify")]
)
def test_every_page_is_right_when_it_is_the_first_visit_to_a_fresh_server(page, path, title):
    with serve() as address:
        page.goto(f"{address}/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page).to_have_title("Cats & Dogs Studio")
        for name in ("Data", "Train", "Results", "Classify"):
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.goto(f"{address}/{path}")  # and the second one, when the server knows its pages
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_link_to_a_run_is_right_as_the_first_visit(page, tmp_path):
    run = store.create(presets.config("study-sgd", data=str(tmp_path)))
    store.write_status(run, "stopped")
    with serve() as address:
        page.goto(f"{address}/train?run={run.id}")
        expect(page.get_by_text("Stopped · Conv2D · SGD · 150 px · batch 100")).to_be_visible()


def test_the_whole_way_from_nothing_to_an_answer(page, server, home, tmp_path):
    page.goto(server)
    page.get_by_label("Pictures (20 to 20,000)").fill("120")
    page.get_by_role("button", name="Draw and use them").click()
    expect(page.get_by_text("A look at them")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("60")

    go(page, "Train")
    page.get_by_label("Epochs", exact=True).fill("3")
    page.get_by_label("Epochs", exact=True).press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text(re.compile(r"epoch \d of 3"))).to_be_visible(timeout=60_000)
    page.reload()  # the worker does not notice, and the page finds it again by its address
    expect(page.get_by_text("Finished · Conv2D · Adam · 96 px · batch 32")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("accuracy, held out")).to_be_visible()
    run = store.list_all()[0]
    assert run.state == "finished" and len(history.load(run)) == 3

    page.get_by_role("link", name="Look into it").click()
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    expect(page).to_have_url(re.compile(f"results.*run={run.id}"))

    page.get_by_role("link", name="Classify with it").click()
    letter = tmp_path / "letter.jpg"
    letter.write_text("Dear cat,")
    drawn = home / "data" / "drawn-120-0"
    chosen = [*sorted((drawn / "cats").iterdir())[:2], *sorted((drawn / "dogs").iterdir())[:2], letter]
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(chosen)
    expect(page.get_by_role("heading", name=re.compile(r"^(cat|dog) \d+\.\d%$"))).to_have_count(4, timeout=60_000)
    expect(page.get_by_text("This is not an image that can be read")).to_be_visible()
    assert not page.get_by_test_id("stException").count()


def test_an_epoch_is_on_the_page_soon_after_it_ended_and_stop_ends_the_run(page, server, tmp_path):
    folder = demo.create(tmp_path / "drawn", 200, 0)
    dataset.check(folder)
    run = store.create(config.Config(data=str(folder), **{**SMALL, "target_size": 96}, epochs=500))
    jobs.submit(run)
    page.goto(f"{server}/train?run={run.id}")
    done = page.get_by_test_id("stMetricValue").first
    expect(done).to_have_text(re.compile(r"^[1-9]\d* / 500$"), timeout=60_000)
    shown = int(done.inner_text().split(" / ")[0])
    assert len(history.load(run)) - shown <= 3  # epochs of less than half a second, looked at once a second

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped · ")).to_be_visible(timeout=6_000)
    assert store.load(run.id).state == "stopped"
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_a_tab_that_is_opened_in_the_middle_shows_the_whole_curve(page, server, tmp_path):
    run = store.create(presets.config("quick", data=str(tmp_path), epochs=50))
    for epoch in range(1, 31):
        measured = {"loss": 1 / epoch, "accuracy": 0.8, "val_loss": 1 / epoch, "val_accuracy": 0.8}
        history.append(run, {"epoch": epoch, **measured, "seconds": 1.0, "pictures_per_second": 100.0})
    with liveness.claim(run.folder):
        store.write_status(run, "running", phase="training", epoch=31, done=1, total=10)
        page.goto(f"{server}/train?run={run.id}")
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("30 / 50")
        expect(page.locator(f".st-key-accuracy-{run.id} canvas").first).to_be_visible()


def test_mistakes_are_told_on_the_page_and_the_rest_goes_on(page, server, tmp_path):
    dataset.check(photographs(tmp_path / "photos", {"cats": 20, "dogs": 20}))
    page.goto(f"{server}/train")
    rate = page.get_by_label("Learning rate", exact=True)
    rate.fill("-1")
    rate.press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("learning_rate = -1.0: allowed is 1e-06 to 1 or auto.")).to_be_visible()
    go(page, "Results")
    go(page, "Train")
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("-1.000000")
    assert json.loads((Path(dataset.home.folder()) / "folders.json").read_text())


def test_the_click_that_ends_typing_counts_and_nothing_moves_under_the_mouse(page, server, tmp_path):
    dataset.check(photographs(tmp_path / "photos", {"cats": 20, "dogs": 20}))
    page.goto(f"{server}/train")
    start = page.get_by_role("button", name="Start training")
    expect(page.get_by_text("It will train on")).to_be_visible()
    start.scroll_into_view_if_needed()
    start.evaluate("""button => {
        window.heights = new Set()
        new ResizeObserver(seen => heights.add(Math.round(seen[0].contentRect.height))).observe(button.closest("details"))
    }""")
    page.get_by_label("Learning rate", exact=True).fill("-1")
    start.hover()
    page.mouse.down()
    expect(page.get_by_text("Changed since")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_text("learning_rate = -1.0: allowed is 1e-06 to 1 or auto.")).to_be_visible()
    heights = page.evaluate("[...heights]")
    assert min(heights) == heights[0], f"the page jumped: {heights}"


def test_two_runs_are_compared_by_a_link(page, server, tmp_path):
    for optimizer in ("sgd", "adam"):
        run = store.create(config.Config(data=str(tmp_path), optimizer=optimizer))
        measured = {"loss": 0.6, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.7}
        history.append(run, {"epoch": 1, **measured, "seconds": 1.0, "pictures_per_second": 100.0})
        store.write_status(run, "stopped")
    link = "&".join(f"run={run.id}" for run in store.list_all())
    page.goto(f"{server}/results?{link}")
    expect(page.get_by_role("heading", name="2 runs beside each other")).to_be_visible()
    for measure in ("accuracy", "loss"):
        expect(page.locator(f".st-key-compared-{measure} .legend")).to_have_text("1 · Adam2 · SGD")


def test_nothing_is_cut_off_on_a_telephone(browser, server):
    context = browser.new_context(viewport={"width": 420, "height": 900})
    page = context.new_page()
    for path in ("", "train", "results", "classify"):
        page.goto(f"{server}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
    context.close()
