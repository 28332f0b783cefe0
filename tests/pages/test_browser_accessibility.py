"""The pages under axe-core, in both themes and at both widths, and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.networks import registry
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.browsing import CHROMIUM, come_to_rest
from tests.images import photographs

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

WIDTHS = {"wide": 1440, "phone": 420}
_THEME_IS_THERE = "theme => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === theme"
_COLOURS_ARE_THERE = (  # in what is folded, transitions stand still
    "document.getAnimations().every(one => !(one instanceof CSSTransition) || !one.effect.target.checkVisibility())"
)
# What is drawn is the same in both themes but for its colours, so in the second one, only the rules on these are tried
RULES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
OPTIONS = {"resultTypes": ["violations"], "preload": False}
VIEWS = ("data", "train", "results", "results?run={0}", "results?run={0}&run={1}", "train?run={2}", "classify")


@pytest.fixture
def runs(server, tmp_path):
    """Two finished runs and one that ended early."""
    folder = photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})
    (folder / "cats" / "damaged.jpg").write_text("not a picture")
    dataset.check(folder)
    small = {"target_size": 32, "dense_units": 8, "data": str(folder)}
    made = [storing.finished(Config(optimizer=name, **small), right=right) for name, right in (("sgd", 60), ("adam", 90))]
    registry.build(made[0].config).save(made[0].model_path)
    early = storing.trained(storing.epoch(1), storing.epoch(2), config=Config(**small))
    store.write_status(early, "stopped", reason="stopped")
    return [run.id for run in (*made, early)]


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_on_a_page_is_seriously_hard_to_reach_or_read(page: Page, server, runs, view):
    page.goto(f"{server}/{view.format(*runs)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    come_to_rest(page)
    assert violations(page) == []


@pytest.mark.parametrize(("view", "title"), [("data", "Upload"), ("results", "Import runs")])
def test_what_opens_at_a_click_is_as_easy_to_read(page: Page, server, view, title):
    page.goto(f"{server}/{view}")
    page.get_by_text(title, exact=True).first.click()
    expect(page.locator("[data-testid=stCaptionContainer] code").first).to_be_visible()
    come_to_rest(page)
    assert violations(page) == []


def test_what_saves_a_chart_is_named_by_the_chart(page: Page, server, runs):
    page.goto(f"{server}/results?run={runs[0]}")
    page.get_by_role("button", name="Save the chart “Loss”").click()
    saving = page.get_by_role("dialog", name="Save the chart “Loss”")
    expect(saving.get_by_role("button", name="Save as interactive HTML")).to_be_visible()
    found = Axe().run(page, context="[data-testid=stPopoverBody]", options=OPTIONS).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def violations(page: Page) -> list[str]:
    """What axe-core calls serious, in both themes and at both widths."""
    found = []
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        for name, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 1000})
            page.wait_for_function(_THEME_IS_THERE, arg=theme)
            come_to_rest(page)
            page.wait_for_function(_COLOURS_ARE_THERE)
            for violation in Axe().run(page, options={**OPTIONS, **rules}).response["violations"]:
                if violation["impact"] in ("serious", "critical") or violation["id"] == "heading-order":
                    found += [f"{theme}, {name}: {violation['id']}: {node['html'][:200]}" for node in violation["nodes"]]
    return found


def test_who_comes_by_keyboard_sees_which_link_or_picture_has_the_focus(page: Page, server, runs):
    """Links were tinted hardly visibly; the button of a picture was not seen at all."""
    page.goto(f"{server}/data")
    picture = page.get_by_role("button", name="Fullscreen").first
    picture.wait_for()
    come_to_rest(page)
    page.keyboard.press("Tab")  # from here on, the browser shows the focus
    for focused in (page.get_by_test_id("stTopNavLink").first, picture):
        focused.focus()
        expect(focused).to_have_css("outline-style", "solid")
    expect(page.get_by_test_id("stElementToolbar").first).to_have_css("opacity", "1")

    page.goto(f"{server}/train")
    link = page.get_by_role("link", name="View or change data set")
    link.wait_for()
    come_to_rest(page)
    page.keyboard.press("Tab")
    link.focus()
    expect(link).to_have_css("outline-style", "solid")


def test_a_zip_file_is_chosen_by_keyboard(page: Page, server):
    page.goto(f"{server}/data")
    page.get_by_role("radio", name="Upload").click()
    box = page.get_by_label("ZIP file", exact=True)
    box.wait_for()
    come_to_rest(page)
    chosen = []
    page.on("filechooser", lambda chooser: chosen.append(chooser))  # noqa: PLW0108  Playwright takes no built-in function
    for _ in range(200):  # the focus is lost where the box is drawn anew
        page.keyboard.press("Enter" if box.evaluate("box => box.matches(':focus')") else "Tab")
        page.wait_for_timeout(100)
        if chosen:
            break
    assert chosen


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("results?run={0}", ["Runs", "Confusion matrix", "Accuracies by class", "Accuracy", "Loss", "ROC curve", "Calibration"]),
        ("results?run={0}&run={1}", ["Runs", "Accuracy", "Loss", "Accuracies", "Settings that differ"]),
        ("train?run={2}", ["Accuracy by epoch", "Loss by epoch"]),
    ],
)
def test_a_screen_reader_is_told_what_each_chart_and_each_table_shows(page: Page, server, runs, view, names):
    page.goto(f"{server}/{view.format(*runs)}")
    drawn = ":is([data-testid=stPlotlyChart], [data-testid=stEChartsChart], [data-testid=stDataFrame] *)"
    for name in names:
        expect(page.locator(f'{drawn}[aria-label$="{name}"]').first).to_be_attached()
