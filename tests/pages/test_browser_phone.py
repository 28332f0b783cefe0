"""What a phone shows, as narrow as they are: nothing beside the page, nothing too small for a finger, nothing over each other."""

import pytest
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.settings.config import Config
from tests import storing
from tests.browsing import CHROMIUM, come_to_rest
from tests.images import photographs

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

LEAST = 24  # px, as WCAG 2.2 has it
_HARD_TO_HIT = """least => [...document.querySelectorAll("main :is(a[href], button, summary, input:not([type=range]))")].filter((each) => {
  const box = ((each.closest("label") && each.type.match("checkbox|radio")) ? each.closest("label") : each).getBoundingClientRect();
  const isSmall = getComputedStyle(each).display !== "inline" && Math.min(box.width, box.height) < least;
  return each.checkVisibility() && box.width > 1 && (isSmall || box.left < 0 || box.right > innerWidth);
}).map((each) => `${each.ariaLabel ?? each.textContent}: ${JSON.stringify(each.getBoundingClientRect())}`)"""


@pytest.fixture
def run(server, tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})
    dataset.check(folder)
    return storing.finished(Config(data=str(folder), target_size=32, dense_units=8), right=80)


def narrow(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


@pytest.mark.parametrize("view", ["data", "train", "results?run={0}", "classify"])
def test_a_finger_hits_everything_and_the_page_scrolls_up_and_down_only(page: Page, server, run, view):
    page.goto(f"{server}/{view.format(run.id)}")
    for width in (420, 360):
        narrow(page, width)
        come_to_rest(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(_HARD_TO_HIT, LEAST) == []
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")


def test_a_button_with_a_tooltip_looks_as_one_without(page: Page, server, run):
    page.goto(f"{server}/results?run={run.id}")
    boxes = []
    for name in ("Star", "Keras code"):
        button = page.get_by_role("button", name=name)
        button.wait_for()
        boxes.append(button.evaluate("button => [button.offsetHeight, getComputedStyle(button).padding]"))
    assert boxes[0] == boxes[1]


def test_a_finger_closes_a_dialog(page: Page, server, run):
    narrow(page, 360)
    page.goto(f"{server}/results?run={run.id}")
    page.get_by_role("button", name="Keras code").click()
    close = page.get_by_role("dialog").get_by_role("button", name="Close")
    close.wait_for()
    box = close.bounding_box()
    assert min(box["width"], box["height"]) >= LEAST
    close.click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_filter_is_as_wide_as_the_table_on_a_phone_and_beside_the_columns_elsewhere(page: Page, server, run):
    page.goto(f"{server}/results")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    for width in (1440, 420, 360, 320):
        narrow(page, width)
        come_to_rest(page)
        box, listed = page.locator(".st-key-filter").bounding_box(), table.bounding_box()
        assert box["x"] == listed["x"]
        assert box["width"] == (360 if width == 1440 else listed["width"])


def test_the_chosen_network_and_the_types_of_files_that_a_box_takes_can_be_read_in_full(page: Page, server, run):
    narrow(page, 360)
    page.goto(f"{server}/classify")
    chosen = page.get_by_label("Network", exact=True)
    chosen.wait_for()
    expect(page.locator("main p").get_by_text(chosen.input_value(), exact=True)).to_be_visible()
    page.goto(f"{server}/data")
    page.get_by_role("radio", name="Upload").click()
    page.get_by_role("radio", name="Two boxes").click()
    types = page.get_by_test_id("stFileUploaderDropzoneInstructions").locator("span").first
    types.wait_for()
    come_to_rest(page)
    assert types.evaluate("types => types.scrollWidth <= types.clientWidth")


def test_all_choices_of_how_a_picture_becomes_a_square_are_in_view(page: Page, server, run):
    narrow(page, 360)
    page.goto(f"{server}/data")
    choices = page.get_by_role("radiogroup", name="Proportions")
    choices.wait_for()
    come_to_rest(page)
    assert choices.evaluate("group => group.scrollWidth <= group.clientWidth")


def test_labels_of_the_confusion_matrix_stand_beside_each_other_and_no_legend_is_cut_off(page: Page, server, run):
    narrow(page, 360)
    page.goto(f"{server}/results?run={run.id}")
    labels = page.locator(f".st-key-confusion-{run.id} .xtick text")
    expect(labels).to_have_count(2)
    legend = page.locator(".st-key-reliability .legend")
    legend.wait_for()
    come_to_rest(page)
    first, second = (label.bounding_box() for label in labels.all())
    assert first["x"] + first["width"] < second["x"]
    assert legend.locator(".scrollbar").evaluate("bar => bar.getBBox().height") == 0
