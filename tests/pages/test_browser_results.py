"""Results in a real browser: compare, open a cell of the confusion matrix, download, repeat, delete, undo."""

import json
import re
import zipfile
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from catsdogs.data import dataset
from catsdogs.networks import registry
from catsdogs.runs import history, liveness, store, trash
from catsdogs.settings import grid
from catsdogs.settings.config import Config
from catsdogs.system import home, lists
from tests import storing
from tests.browsing import CHROMIUM, come_to_rest, watch_runs
from tests.images import photographs
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture
def stored(server, tmp_path):
    """Two finished runs on real images, one per optimizer."""
    folder = photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})
    dataset.check(folder)
    small = {"target_size": 32, "dense_units": 8, "data": str(folder), "epochs": 7}
    return [storing.finished(Config(optimizer=name, **small), right=right) for name, right in (("sgd", 60), ("adam", 90))]


def test_two_runs_are_compared(page: Page, server, stored):
    page.goto(f"{server}/results?" + "&".join(f"run={run.id}" for run in stored))
    expect(page.get_by_role("heading", name="2 runs compared")).to_be_visible()
    expect(page.get_by_text("Adam beat 2 · SGD by 30.0")).to_be_visible()
    for measure in ("accuracy", "loss"):
        expect(page.locator(f".st-key-compared-{measure} .legend")).to_contain_text("1 · Adam2 · SGD")
    page.get_by_role("radio", name="minute").click()
    expect(page.locator(".st-key-compared-accuracy .xtitle").first).to_have_text("minutes of training")


def test_a_run_is_inspected_downloaded_and_repeated(page: Page, server, stored, tmp_path):
    adam = stored[1]
    registry.build(adam.config).save(adam.model_path)
    page.goto(f"{server}/results?run={adam.id}")
    correct = page.get_by_role("radio", name="cats correct (45)")
    expect(correct).not_to_be_checked()
    click_cell(page, adam, truth=0, answer=0)
    expect(correct).to_be_checked()
    expect(page.get_by_text("Predicted “cat”, most confident first.")).to_be_visible()
    shown = page.get_by_text(re.compile(r"^\d\d\.\d% · cats\.\d+\.jpg$"))
    expect(shown).to_have_count(8)
    page.get_by_role("button", name="Show more of 45").click()
    expect(shown).to_have_count(16)

    with page.expect_download(timeout=180_000) as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download", exact=True).click()
    download.value.save_as(tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert {f"{adam.id}/{name}" for name in ("model.keras", "classify.py", "train.py", "history.csv")} <= set(archive.namelist())

    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Convert and check").click()
    expect(page.get_by_text("Compared on 100 drawings")).to_be_visible(timeout=180_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save", exact=True).click()
    assert download.value.suggested_filename == f"{adam.id}-litert.zip" and zipfile.is_zipfile(download.value.path())
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("button", name="Keras code").click()
    expect(page.get_by_role("dialog").get_by_text("keras.optimizers.Adam(").first).to_be_visible(timeout=180_000)
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Repeat this run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Train")
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("7")


def test_who_downloads_or_exports_a_run_that_somebody_has_just_deleted_is_told_so(page: Page, server, stored):
    run = stored[1]
    registry.build(run.config).save(run.model_path)
    page.goto(f"{server}/results?run={run.id}")
    download = page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download", exact=True)
    download.wait_for()
    page.get_by_role("button", name="Export").click()
    convert = page.get_by_role("button", name="Convert and check")
    convert.wait_for()
    trash.put(run)
    gone = f"There is no run '{run.id}'; it may have been deleted."
    convert.click()
    expect(page.get_by_role("dialog").get_by_text(gone, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    download.click()
    expect(page.get_by_role("alert").get_by_text(gone, exact=True)).to_be_visible()


def test_why_a_file_can_t_be_made_is_read_until_the_next_click(browser, server, stored):
    """It was gone after five seconds, and no screen reader read it."""
    run = stored[1]
    registry.build(run.config).save(run.model_path)
    with browser.new_context() as context:
        context.clock.install()
        watch_runs(context)
        page = context.new_page()
        page.goto(f"{server}/results?run={run.id}")
        download = page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download", exact=True)
        download.wait_for()
        come_to_rest(page)
        width = download.evaluate("button => button.offsetWidth")
        trash.put(run)
        download.click()
        said = page.get_by_role("alert").get_by_text("it may have been deleted")
        expect(said).to_be_visible()
        context.clock.fast_forward(10_000)
        expect(page.get_by_test_id("stDownloadButtonError")).to_have_count(0)
        expect(said).to_be_visible()
        assert download.evaluate("button => button.offsetWidth") == width
        page.get_by_role("heading", level=1).click()
        expect(said).to_have_count(0)


def test_the_toolbar_of_a_chart_is_above_what_is_drawn(page: Page, server, stored):
    page.goto(f"{server}/results?run={stored[1].id}")
    for chart in ("curve-accuracy", "curve-loss", "roc", "reliability"):
        figure = page.locator(f".st-key-{chart}")
        figure.locator(".nsewdrag").first.wait_for()
        toolbar, drawn = (figure.locator(part).first.bounding_box() for part in (".modebar", ".nsewdrag"))
        assert toolbar["y"] + toolbar["height"] <= drawn["y"], chart


def test_the_ticks_of_an_accuracy_differ_where_it_hardly_changes(page: Page, server, stored):
    """The axis of a run between 98.7% and 100% said 100%, 100%, 100%, 99%, 99%."""
    run = stored[1]
    for row, epoch in enumerate(epochs := history.load(run)):
        epoch |= {"accuracy": 0.987 + 0.002 * row, "val_accuracy": 1.0}
    (run.folder / "history.jsonl").write_text("".join(f"{json.dumps(epoch)}\n" for epoch in epochs))
    page.goto(f"{server}/results?run={run.id}")
    ticks = page.locator(".st-key-curve-accuracy .ytick text")
    ticks.first.wait_for()
    shown = ticks.all_text_contents()
    assert len(shown) > 2 and len(set(shown)) == len(shown), shown


@pytest.mark.parametrize("name", ["results", "train"])
def test_no_score_is_cut_off_on_a_phone(page: Page, server, stored, name):
    page.set_viewport_size({"width": 420, "height": 860})
    page.goto(f"{server}/{name}?run={stored[1].id}")
    scores = page.get_by_test_id("stMetricDelta")
    expect(scores).to_have_count(3)
    for words in page.get_by_test_id("stMetric").get_by_test_id("stMarkdownContainer").all():
        assert words.evaluate("node => node.scrollWidth <= node.clientWidth"), words.text_content()


def test_the_title_of_a_figure_that_can_not_be_drawn_yet_is_as_high_as_the_one_beside_it(page: Page, server):
    runs = [storing.finished(config) for config in grid.vary(Config(data="/photos"), {"optimizer": ("adam", "sgd")}, 1)]
    lists.change(home.folder() / "sweeps.json", dict, {}, lambda before: {"alike": [run.id for run in runs]})
    page.goto(f"{server}/results?view=Sweeps")
    come_to_rest(page)
    titles = page.get_by_role("heading", name=re.compile("What matters|Best validation accuracy so far"))
    tops = "titles => titles.map(title => title.getBoundingClientRect().y)"  # of both at one moment: what is above them may still grow
    wait_until(lambda: len(set(titles.evaluate_all(tops))) == 1 and titles.count() == 2, within=30)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_many_settings_of_a_sweep_are_read_on_a_phone(page: Page, server, scheme):
    """Their axes were drawn over each other, and lines through their labels; in the dark, the axes could not be seen."""
    several = {"optimizer": ("adam", "sgd"), "batch_size": (8, 16), "epochs": (2, 3), "zoom_range": (0.0, 0.2), "seed": (0, 1)}
    runs = [storing.finished(config, right=60 + place) for place, config in enumerate(grid.vary(Config(data="/photos"), several, 1))]
    lists.change(home.folder() / "sweeps.json", dict, {}, lambda before: {"many": [run.id for run in runs]})
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 420, "height": 860})
    page.goto(f"{server}/results?view=Sweeps")
    figure = page.locator(".st-key-sweep-parallel")
    labels = figure.locator(".y-axis .axis text")
    labels.first.wait_for()
    places = [title.bounding_box()["x"] for title in figure.locator(".axis-title").all()]
    assert len(places) == 5 and all(after - before > 60 for before, after in pairwise(places))
    frame = page.locator(".st-key-frame-sweep-parallel")
    assert frame.evaluate("node => node.scrollWidth > node.clientWidth && node.clientWidth < 420")
    assert page.get_by_test_id("stMain").evaluate("node => node.scrollWidth == node.clientWidth")

    heading = page.get_by_role("heading", name="Settings and validation accuracy").bounding_box()
    save = page.get_by_test_id("stPopover").first.bounding_box()
    assert heading["y"] < save["y"] + save["height"] / 2 < heading["y"] + heading["height"], "not on a line of its own"

    paper = page.get_by_test_id("stApp").evaluate("node => getComputedStyle(node).backgroundColor")
    line, text = (found.evaluate("node => getComputedStyle(node)") for found in (figure.locator(".domain").first, labels.first))
    assert (text["stroke"], text["paintOrder"]) == (paper, "stroke"), "it is around the letters"
    assert line["stroke"] == text["color"] == text["fill"], "not black"
    last = figure.locator(".y-axis").last
    assert last.locator(".axis text").first.bounding_box()["x"] > last.locator(".domain").bounding_box()["x"], "where no line is"


def test_a_finger_on_a_chart_scrolls_the_page(browser, server, stored):
    """Plotly kept it, for a zoom or for nothing, and the charts of a run are most of what a phone shows of it."""
    run = stored[1]
    registry.build(run.config).save(run.model_path)
    with browser.new_context(viewport={"width": 420, "height": 860}, has_touch=True, is_mobile=True) as context:
        watch_runs(context)
        page = context.new_page()
        page.goto(f"{server}/results?run={run.id}")
        page.get_by_text("The network, layer by layer").tap()
        charts = ("confusion-" + run.id, "curve-accuracy", "curve-loss", "roc", "reliability", "chain-" + run.id)
        for chart in charts:
            page.locator(f".st-key-{chart} .nsewdrag").first.wait_for(state="attached")
        come_to_rest(page)
        touches, main = context.new_cdp_session(page), page.get_by_test_id("stMain")
        for chart in charts:
            figure = page.locator(f".st-key-{chart} .main-svg").first
            figure.scroll_into_view_if_needed()
            before, box = main.evaluate("node => node.scrollTop"), figure.bounding_box()
            for kind, up in (("touchStart", 0), *(("touchMove", -15 * step) for step in range(1, 8))):
                point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2 + up}
                touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
            touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            assert main.evaluate("node => node.scrollTop") != before, chart


def test_a_deleted_run_is_undone_or_gone_with_the_page(page: Page, server, stored):
    sgd, adam = stored
    page.goto(f"{server}/results?run={sgd.id}")
    delete(page)
    expect(page.get_by_text("1 run deleted.")).to_be_visible()
    assert store.list_all() == [adam]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 run deleted.")).to_have_count(0)
    assert len(store.list_all()) == 2

    page.goto(f"{server}/results?run={sgd.id}")
    delete(page)
    expect(page.get_by_text("1 run deleted.")).to_be_visible()
    page.get_by_role("link", name="Classify", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Classify")
    assert [path.name for path in (home.folder() / "runs").iterdir()] == [adam.id]


def test_a_run_that_is_killed_while_one_looks_turns_interrupted(page: Page, server):
    def badge(state: str) -> Locator:
        return page.locator(".stMarkdownBadge").get_by_text(state, exact=True)

    run = store.create(Config())
    with liveness.claim(run.folder):
        store.write_status(run, "running")
        page.goto(f"{server}/results?run={run.id}")
        expect(badge("running")).to_be_visible()
    expect(badge("interrupted")).to_be_visible()
    expect(badge("running")).to_have_count(0)


def delete(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"Delete \(")).click()
    page.locator(".st-key-delete button").click()


def click_cell(page: Page, run: store.Run, truth: int, answer: int) -> None:
    """Click in the middle of a cell of the confusion matrix, where a person would."""
    point = page.locator(f".st-key-confusion-{run.id} .scatterlayer .point").nth(2 * truth + answer)
    point.wait_for(state="attached")
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
