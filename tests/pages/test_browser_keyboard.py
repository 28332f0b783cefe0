"""Where the keyboard is: in a popover that it opened, and at its place where a click has removed what was clicked."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from catsdogs.queue import dispatcher
from catsdogs.runs import liveness, store
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from tests import storing
from tests.browsing import CHROMIUM, come_to_rest

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture
def stored(server, tmp_path):
    return [storing.finished(Config(data=str(tmp_path), seed=seed)) for seed in range(2)]


def enter(page: Page, button: Locator) -> None:
    """Press it as somebody without a mouse does."""
    come_to_rest(page)
    expect(button).to_have_count(1)
    button.focus()
    page.keyboard.press("Enter")
    come_to_rest(page)


def opener(page: Page, name: str | re.Pattern) -> Locator:
    return page.get_by_test_id("stPopoverButton").filter(has_text=name)


def test_enter_leads_into_a_popover_and_tab_and_escape_out_of_it(page: Page, server, stored):
    """It was the last thing on the page, after all that comes below its button."""
    page.goto(f"{server}/results")
    columns, opened = opener(page, "Columns"), page.get_by_test_id("stPopoverBody")
    enter(page, columns)
    expect(opened).to_be_focused()
    opened.get_by_role("combobox", name="Columns").wait_for()
    page.keyboard.press("Tab")
    expect(opened.get_by_role("combobox", name="Columns")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(columns).to_be_focused()
    expect(opened).to_have_count(0)

    enter(page, columns)
    page.keyboard.press("Escape")
    expect(columns).to_be_focused()
    expect(opened).to_have_count(0)

    enter(page, columns)
    opened.get_by_role("combobox", name="Columns").wait_for()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(opened).to_have_count(0)
    assert columns.evaluate("button => button.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING")
    expect(page.locator("main :focus")).to_have_count(1)


def test_a_click_opens_a_popover_and_leaves_the_focus_on_its_button(page: Page, server, stored):
    page.goto(f"{server}/results")
    come_to_rest(page)
    columns = opener(page, "Columns")
    columns.click()
    page.get_by_role("combobox", name="Columns").wait_for()
    expect(columns).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("stPopoverBody").get_by_role("combobox", name="Columns")).to_be_focused()


def test_who_deletes_by_keyboard_goes_on_at_the_title_and_after_undo_at_the_list(page: Page, server, stored):
    """The next Tab began at the top of the page, or said nothing of where it was."""
    page.goto(f"{server}/results?run={stored[0].id}")
    enter(page, opener(page, re.compile(r"Delete \(")))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 run deleted.")).to_be_visible()
    title = page.get_by_role("heading", level=1)
    expect(title).to_be_focused()
    expect(title.locator("span")).to_have_css("outline-style", "solid")

    enter(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("1 run deleted.")).to_have_count(0)
    expect(page.locator("[data-testid=stElementContainer]:focus").get_by_role("searchbox", name="Filter")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="Filter")).to_be_focused()
    expect(page.get_by_test_id("stMain").locator("[tabindex='-1'][data-testid=stElementContainer]")).to_have_count(0)


def test_who_clicks_is_not_moved(page: Page, server, stored):
    page.goto(f"{server}/results?run={stored[0].id}")
    come_to_rest(page)
    opener(page, re.compile(r"Delete \(")).click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 run deleted.")).to_be_visible()
    come_to_rest(page)
    page.wait_for_timeout(500)  # longer than it waits
    expect(page.locator("body:focus, main :focus")).to_have_count(0)


def test_runs_are_selected_in_their_table_whose_buttons_stand_above_it(page: Page, server, stored):
    page.goto(f"{server}/results")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    come_to_rest(page)
    page.keyboard.press("Tab")  # from here on, the browser shows the focus
    search = table.get_by_role("button", name="Search: Runs")
    search.focus()
    expect(search).to_have_css("outline-style", "solid")
    page.wait_for_function(
        "([button, table]) => button.getBoundingClientRect().bottom <= table.getBoundingClientRect().top",
        arg=[search.element_handle(), table.element_handle()],
    )
    expect(table.get_by_role("button", name="Download as CSV")).to_be_hidden()  # ours is safe in a spreadsheet

    table.get_by_role("button", name="Fullscreen").focus()
    for key in ("Tab", "ArrowDown", "Shift+Space"):
        page.keyboard.press(key)
    expect(page.get_by_text("1 selected", exact=True)).to_be_visible()
    come_to_rest(page)
    for key in ("ArrowUp", "Shift+Space"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="2 runs compared")).to_be_visible()


def test_a_chart_s_own_buttons_show_the_focus(page: Page, server, stored):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{server}/results?run={stored[0].id}")
    camera = page.get_by_role("button", name="Download plot as a PNG").first
    camera.wait_for()
    come_to_rest(page)
    page.keyboard.press("Tab")
    camera.focus()
    expect(camera).to_have_css("outline", "rgb(240, 140, 79) solid 2px")
    page.emulate_media(color_scheme="light")


def test_a_run_is_moved_in_the_queue_by_one_key_after_another(page: Page, server, tmp_path):
    running, *waiting = (store.create(presets.config("quick", data=str(tmp_path), seed=seed)) for seed in range(4))
    with dispatcher.turn(print), liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, done=1, total=10)
        page.goto(f"{server}/train")
        up = page.locator(f".st-key-earlier-{waiting[2].id} button").filter(visible=True)
        enter(page, up)
        expect(up).to_be_focused()
        page.keyboard.press("Enter")
        come_to_rest(page)  # while its row moves, it is there twice
        expect(up).to_be_disabled()  # it is the first
        first = page.locator(".st-key-queue [class*=st-key-row-]:has(button)").first
        expect(first).to_have_class(re.compile(waiting[2].id))
        enter(page, page.locator(f".st-key-cancel-{waiting[2].id} button").filter(visible=True))
        expect(page.get_by_text("1 run cancelled.")).to_be_visible()
        expect(page.locator(".st-key-queue :focus")).to_have_count(1)


def test_another_page_that_a_button_opens_begins_at_its_title(page: Page, server, tmp_path):
    page.goto(f"{server}/results")
    enter(page, page.get_by_role("button", name="Train a run"))
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("Train")
    expect(title).to_be_focused()
