"""A tab whose server is restarted, or that is loaded again: what was brought is there again, or the page says that it isn't."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browsing import CHROMIUM, come_to_rest, free_port, serve
from tests.images import encoded, noise, picture
from tests.pages.test_browser_sources import choose
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def classify(page, address, files):
    """The page with answers to these pictures."""
    page.goto(f"{address}/classify")
    page.get_by_label("Pictures", exact=True).set_input_files(files)
    expect_answers(page, files)


def expect_answers(page, files):
    for file in files:
        expect(page.get_by_role("img", name=file.name, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="CSV")).to_be_enabled()
    come_to_rest(page)


def mark(page):
    """The buttons by which the first picture is said to be a dog."""
    return page.get_by_role("radiogroup", name="What it really is").first.get_by_role("radio", name="dog")


def test_pictures_and_marks_outlive_a_reload(page, server, tmp_path):
    files = [picture(tmp_path / f"{number}.png") for number in range(3)]
    classify(page, server, files)
    mark(page).click()
    come_to_rest(page)
    page.reload()
    expect_answers(page, files)
    expect(mark(page)).to_be_checked()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="drawn pictures")).to_be_visible()
    come_to_rest(page)
    page.reload()
    expect(page.get_by_role("button", name="drawn pictures")).to_be_visible()
    come_to_rest(page)
    expect(page.get_by_text("Your pictures were deleted")).to_have_count(0)


def test_another_tab_of_the_same_window_shows_pictures_of_its_own(page, server, tmp_path):
    files = [picture(tmp_path / "mine.png")]
    classify(page, server, files)
    with page.context.expect_page() as opened:  # which gets a copy of what the tab keeps
        page.evaluate("window.open('/classify', '_blank')")
    expect(opened.value.get_by_role("button", name="drawn pictures")).to_be_visible()
    come_to_rest(opened.value)
    expect(opened.value.get_by_text("mine.png")).to_have_count(0)
    opened.value.close()
    page.get_by_role("radio", name="dog").last.click()
    expect_answers(page, files)


def test_who_comes_back_too_late_hears_that_the_pictures_were_deleted(page, server, tmp_path):
    classify(page, server, [picture(tmp_path / "mine.png")])
    page.goto("about:blank")
    page.goto(f"{server}/classify")
    page.evaluate("(id) => { sessionStorage['catsdogs-pictures '] = id; }", 24 * "00")
    page.reload()
    expect(page.get_by_text("Your pictures were deleted while you were away.")).to_be_visible()


def test_pictures_and_marks_outlive_the_server(page, home, tmp_path):
    files, port = [picture(tmp_path / f"{number}.png") for number in range(2)], free_port()
    with serve(port=port) as address:
        classify(page, address, files)
        mark(page).click()
        come_to_rest(page)
        connected = set()
        page.on("websocket", lambda socket: connected.add(socket.url))
    with serve(port=port):
        wait_until(lambda: page.wait_for_timeout(100) or connected)
        page.get_by_text("Average with the mirror image").click()  # until then, the page shows what it did
        come_to_rest(page)
        expect_answers(page, files)
        expect(mark(page)).to_be_checked()


def test_pictures_that_were_on_their_way_when_the_server_ended_are_said_to_be_missing(page, home, tmp_path):
    port, connected = free_port(), set()
    with serve(port=port, classifies=False) as address:
        page.goto(f"{address}/classify")
        page.route("**/pictures/*", lambda route: None)
        page.get_by_label("Pictures", exact=True).set_input_files([picture(tmp_path / "mine.png")])
        expect(page.get_by_role("button", name="Clear")).to_be_visible()
        come_to_rest(page)
        page.on("websocket", lambda socket: connected.add(socket.url))
    with serve(port=port):
        wait_until(lambda: page.wait_for_timeout(100) or connected)
        page.get_by_text("Average with the mirror image").click()
        told = re.compile("Send the missing pictures again|1 file was not taken; the reasons are below")
        expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
        page.unroute("**/pictures/*")
        come_to_rest(page)
        page.get_by_label("Pictures", exact=True).set_input_files(tmp_path / "mine.png")
        expect_answers(page, [tmp_path / "mine.png"])


def test_a_zip_file_that_was_not_unpacked_when_the_server_ended_is_said_to_be_lost(page, home, tmp_path):
    port, content = free_port(), encoded(noise(1, (64, 64)), "PNG")
    with zipfile.ZipFile(tmp_path / "Many.zip", "w") as made:
        for number in range(20_000):
            made.writestr(f"{('cats', 'dogs')[number % 2]}/{number}.png", content)
    with serve(port=port, classifies=False) as address:
        page.goto(f"{address}/data")
        choose(page, "Upload")
        page.get_by_label("ZIP file", exact=True).set_input_files(tmp_path / "Many.zip")
        expect(page.get_by_text("Unpacking: ")).to_be_visible()
    with serve(port=port, classifies=False):
        expect(page.get_by_role("alert").filter(has_text="lost before the file was unpacked. Send it again")).to_be_visible()
        come_to_rest(page)
        expect(page.get_by_text("Drop a ZIP file here, or click to choose one")).to_have_count(1)


def test_who_reloads_the_page_while_something_is_sent_is_asked_first(page, server, tmp_path):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{server}/classify")
    come_to_rest(page)
    page.get_by_text("Average with the mirror image").click()  # a browser asks only where the page was used
    come_to_rest(page)
    page.reload()
    assert asked == []
    for path, route, box in (("classify", "pictures", "Pictures"), ("data", "receive", "ZIP file")):
        page.goto(f"{server}/{path}")
        come_to_rest(page)
        if path == "data":
            choose(page, "Upload")
        else:
            page.get_by_text("Average with the mirror image").click()
            come_to_rest(page)
        page.route(f"**/{route}/*", lambda route: None)
        page.get_by_label(box, exact=True).set_input_files(picture(tmp_path / "mine.png"))
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.reload()
        assert asked.pop() == "beforeunload" and not asked
        page.unroute(f"**/{route}/*")
