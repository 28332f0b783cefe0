"""A server and a browser for the tests of the pages."""

import pytest
from playwright.sync_api import expect

from tests.browsing import open_browser, serve


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, one for all tests of a file."""
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser):
    """A tab of its own, on a wide screen. It waits long: the machine may be busy."""
    expect.set_options(timeout=30_000)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def server():
    """The address of a fresh server."""
    with serve() as address:
        yield address
