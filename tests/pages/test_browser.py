"""The application as a person uses it: a real server, real workers, a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.runs import history, liveness, store
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.system import home
from tests import storing, workers
from tests.browsing import CHROMIUM, come_to_rest
from tests.images import photographs, picture

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})
    dataset.check(made)
    return made


def test_from_drawing_to_training_to_an_answer(page, server, tmp_path):
    workers.know_precision()
    page.goto(server)
    page.get_by_label("Images (20 to 20,000)").fill("60")
    page.get_by_role("button", name="Draw data set").click()
    expect(page.get_by_text("Samples")).to_be_visible()
    expect(page.get_by_text("30 cats and 30 dogs")).to_be_visible()

    go(page, "Train")
    page.get_by_label("Epochs", exact=True).fill("2")
    page.get_by_label("Epochs", exact=True).press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(page).to_have_url(re.compile("run="))
    page.reload()  # the worker does not notice, and the address still has the run
    expect(page.get_by_text("Finished · Conv2D · Adam · 96 px · batch 32")).to_be_visible(timeout=180_000)
    expect(page.get_by_text("Held-out accuracy", exact=True)).to_be_visible()
    (run,) = store.list_all()
    assert run.state == "finished" and len(history.load(run)) == 2

    page.get_by_role("link", name="View results").click()
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    expect(page).to_have_url(re.compile(f"results.*run={run.id}"))

    page.get_by_role("link", name="Classify with it").click()
    letter = tmp_path / "letter.jpg"
    letter.write_text("Dear cat,")
    drawn = home.folder() / "data" / "drawn-60-0"
    chosen = [*sorted((drawn / "cats").iterdir())[:2], *sorted((drawn / "dogs").iterdir())[:2], letter]
    page.get_by_label("Pictures", exact=True).set_input_files(chosen)
    expect(page.get_by_role("heading", name=re.compile(r"^(cat|dog) \d+\.\d%$"))).to_have_count(4, timeout=180_000)
    expect(page.get_by_test_id("stAlert")).to_have_count(1)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_new_tab_shows_the_whole_curve_of_a_running_run(page, server, tmp_path):
    run = storing.trained(*map(storing.epoch, range(1, 31)), config=presets.config("quick", data=str(tmp_path), epochs=50))
    with liveness.claim(run.folder):
        store.write_status(run, "running", phase="training", epoch=31, done=1, total=10)
        page.goto(f"{server}/train?run={run.id}")
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("30 / 50")
        expect(page.locator(f".st-key-accuracy-{run.id} canvas").first).to_be_visible()
        history.append(run, storing.epoch(31))
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("31 / 50")


@pytest.mark.parametrize("width", [1440, 420])
def test_the_toolbars_of_live_curves_cover_no_number(page, server, tmp_path, width):
    run = storing.trained(storing.epoch(1), config=presets.config("quick", data=str(tmp_path)))
    page.set_viewport_size({"width": width, "height": 1000})
    with liveness.claim(run.folder):
        store.write_status(run, "running", phase="training", epoch=2, done=1, total=10, pictures_per_second=95.0, seconds_left=20_000)
        page.goto(f"{server}/train?run={run.id}")
        expect(page.get_by_test_id("stMetricValue")).to_have_text(["1 / 8", "75.0%", "80.0%", "95", "5 h 33 min"])
        for measure in ("accuracy", "loss"):
            chart = page.locator(f".st-key-{measure}-{run.id}")
            chart.locator("canvas").first.hover()
            shown = chart.get_by_test_id("stElementToolbar")
            expect(shown).to_have_css("opacity", "1")
            shown.element_handle().wait_for_element_state("stable")
            toolbar = shown.bounding_box()
            for number in page.get_by_test_id("stMetric").all():
                box = number.bounding_box()
                assert box["y"] + box["height"] <= toolbar["y"], f"{number.inner_text()!r} is under the toolbar"


def test_a_mistake_is_shown_and_what_was_typed_stays(page, server, folder):
    page.goto(f"{server}/train")
    rate = page.get_by_label("Learning rate", exact=True)
    rate.fill("-1")
    rate.press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("learning_rate = -1.0: must be 1e-06 to 1 or auto.")).to_be_visible()
    go(page, "Results")
    go(page, "Train")
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("-1.000000")


def test_what_is_filled_in_outlasts_a_reload_unless_a_link_fills_the_form(page, server, folder):
    """A phone drops a tab that it doesn't show, and loads it again: all settings were those of Quick start then."""
    epochs, optimizer = page.get_by_label("Epochs", exact=True), page.get_by_role("combobox", name="Optimizer")
    run = store.create(presets.config("study-sgd", data=str(folder), epochs=3))
    page.goto(f"{server}/train")
    come_to_rest(page)
    page.get_by_role("radio", name="Study 4 · Conv2D, SGD").click()
    expect(optimizer).to_have_value("SGD")
    come_to_rest(page)
    epochs.fill("7")
    epochs.press("Enter")
    expect(page.get_by_text("Changed: Epochs.")).to_be_visible()
    come_to_rest(page)
    page.reload()
    expect(epochs).to_have_value("7")
    expect(optimizer).to_have_value("SGD")
    expect(page.get_by_text("Changed: Epochs.")).to_be_visible()
    page.goto(f"{server}/train?like={run.id}")
    expect(page.get_by_text("The form below has the settings of")).to_be_visible()
    come_to_rest(page)
    expect(epochs).to_have_value("3")
    with page.context.expect_page() as opened:
        page.evaluate("window.open('/train', '_blank', 'noopener')")
    expect(opened.value.get_by_label("Epochs", exact=True)).to_have_value("8")
    opened.value.close()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_click_that_ends_typing_counts(page, server, folder):
    page.goto(f"{server}/train")
    start = page.get_by_role("button", name="Start training")
    expect(page.get_by_text("Trains on")).to_be_visible()
    come_to_rest(page)
    start.scroll_into_view_if_needed()
    start.evaluate("""button => {
        window.heights = new Set()
        new ResizeObserver(seen => heights.add(Math.round(seen[0].contentRect.height))).observe(button.closest("details"))
    }""")
    page.get_by_label("Learning rate", exact=True).fill("-1")
    start.hover()
    page.mouse.down()
    expect(page.get_by_text("Changed:")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_text("learning_rate = -1.0: must be 1e-06 to 1 or auto.")).to_be_visible()
    heights = page.evaluate("[...heights]")
    assert min(heights) == heights[0], f"the page jumped: {heights}"


def test_a_slider_redraws_the_preview_and_nothing_jumps(page, server, folder):
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(f"{server}/train")
    expect(page.get_by_role("tab", name="Augmentation")).to_be_visible()
    come_to_rest(page)
    page.get_by_role("tab", name="Augmentation").click()
    page.get_by_text("Preview nine photographs").click()
    photos = page.locator(".st-key-preview_photos img")
    expect(photos).to_have_count(18)
    slider = page.get_by_role("slider", name="Rotation range (degrees)")
    slider.press("End")  # from here on, the line above has "Changed:"
    expect(page.get_by_text("augmented, anew in every epoch")).to_be_visible()
    come_to_rest(page)
    places = [photo.bounding_box() for photo in photos.all()]
    assert [box["y"] == places[0]["y"] for box in places[::2]] == 3 * [True] + 6 * [False], "three columns"
    before, after = (photos.nth(index).get_attribute("src") for index in (0, 1))
    slider.press("ArrowLeft")
    expect(photos.nth(1)).not_to_have_attribute("src", after)
    come_to_rest(page)
    assert [photo.bounding_box() for photo in photos.all()] == places and photos.nth(0).get_attribute("src") == before


def test_nothing_is_cut_off_on_a_phone(page, server, folder):
    page.set_viewport_size({"width": 420, "height": 900})
    one, other = (storing.finished(Config(data=str(folder), seed=seed)).id for seed in range(2))
    paths = (
        "data",
        f"train?run={one}",
        f"results?run={one}",
        f"results?run={one}&run={other}",
        "results?view=Repeat+the+study",
        "classify",
    )
    for path in paths:
        page.goto(f"{server}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        come_to_rest(page)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420, path


def test_an_answer_is_explained_by_a_heat_map_and_layer_by_layer(page, server, tmp_path):
    page.goto(f"{server}/classify")
    page.get_by_label("Pictures", exact=True).set_input_files(picture(tmp_path / "pet.png", (300, 150)))
    page.get_by_role("button", name="Why?").click()
    dialog = page.get_by_role("dialog")
    heat = dialog.get_by_alt_text(re.compile("points to"))
    expect(heat).to_have_css("opacity", "0.6")
    box = heat.bounding_box()
    assert box["width"] == pytest.approx(2 * box["height"], rel=0.02), "the picture in its own proportions"
    painted = heat.get_attribute("src")
    slider = dialog.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    expect(heat).to_have_css("opacity", "0.65")
    assert heat.get_attribute("src") == painted, "it is not made again"

    dialog.get_by_text("Layer by layer").click()
    expect(dialog.get_by_alt_text(re.compile(r"^channel \d+, mean"))).to_have_count(24)
    expect(dialog.locator(".tiles .filter")).to_have_count(24)
    dialog.get_by_text("Show all 32 channels").click()
    tiles = dialog.get_by_alt_text(re.compile(r"^channel \d+, mean"))
    expect(tiles).to_have_count(32)
    means = [float(tile.get_attribute("alt").partition("mean ")[2]) for tile in tiles.all()]
    assert means == sorted(means, reverse=True)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_network_is_shown_layer_by_layer_with_its_run(page, server, tmp_path):
    bundled = store.load(store.SHIPPED)
    run = storing.finished(Config(data=str(tmp_path), target_size=bundled.config.target_size))
    run.model_path.write_bytes(bundled.model_path.read_bytes())
    page.goto(f"{server}/results?run={run.id}")
    page.get_by_text("The network, layer by layer").click()
    expect(page.get_by_text("61 layers, 2,425,489 weights.")).to_be_visible()
    blocks = page.locator(".st-key-chain-" + run.id + " .bars .point path")
    expect(blocks).to_have_count(61)
    blocks.nth(2).click(force=True)
    expect(page.get_by_role("combobox", name=re.compile("Layer"))).to_have_value(re.compile("Conv2D · "))
    expect(page.get_by_text("click “Why?” below an answer")).to_be_visible()
