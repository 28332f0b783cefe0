"""The first visit to a fresh server, which does not know its pages yet."""

import pytest
from playwright.sync_api import Page, expect

from catsdogs.runs import store
from catsdogs.settings import presets
from tests.browsing import CHROMIUM, serve

TITLES = {"": "Data", "data": "Data", "train": "Train", "results": "Results", "classify": "Classify"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def visit(page: Page, address: str, path: str) -> None:
    page.goto(f"{address}/{path}")
    visit_ended(page, TITLES[path])


def visit_ended(page: Page, title: str) -> None:
    """The page is there, with one link in sight to each page."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page).to_have_title("Cats & Dogs Studio")
    for name in ("Data", "Train", "Results", "Classify"):
        expect(link(page, name)).to_have_count(1)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def link(page: Page, name: str):
    """The links to that page that are in sight: until the style is there, there can be two of them."""
    return page.get_by_role("link", name=name, exact=True).filter(visible=True)


@pytest.mark.parametrize("first", ["", "classify"])
def test_every_page_opens_on_a_fresh_server(page, first):
    with serve(classifies=False) as address:
        for path in (first, *TITLES):
            visit(page, address, path)


def test_on_a_phone_each_page_is_a_tap_away(page, server):
    page.set_viewport_size({"width": 420, "height": 900})
    visit(page, server, "data")
    for name in ("Train", "Results", "Classify", "Data"):
        page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()  # at first, Streamlit's own are there
        visit_ended(page, name)
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_hidden()
    page.set_viewport_size({"width": 320, "height": 900})
    tops = {link.bounding_box()["y"] for link in page.locator(".st-key-pages").get_by_role("link").all()}
    assert len(tops) == 1, "the links take a line, as the fourth would touch the first in another"
    for width in (767, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        visit_ended(page, "Data")


def test_a_link_to_a_run_opens_on_a_fresh_server(page, tmp_path):
    run = store.create(presets.config("study-sgd", data=str(tmp_path)))
    store.write_status(run, "stopped")
    with serve(classifies=False) as address:
        page.goto(f"{address}/train?run={run.id}")
        expect(page.get_by_text("Stopped · Conv2D · SGD · 150 px · batch 100")).to_be_visible()
