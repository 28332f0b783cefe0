"""Sessions, servers and browsers for the tests of the pages."""

import asyncio
from functools import cache, partial
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Error, expect
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import app_test, local_script_runner

from catsdogs.inference.companion import Companion
from catsdogs.system import access
from pages.parts.shared import backend, entrance
from pages.parts.shared.access_settings import AccessSettings
from tests.browsing import open_browser, serve, watch_runs
from tests.pages.opening import end_session

WIDE = {"width": 1440, "height": 1000}


@pytest.fixture(scope="session", autouse=True)
def what_is_installed_stays():
    """Streamlit's test runner looks through all packages for components at every page it opens, and compiles its scripts at every run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        compiled = app_test.ScriptCache()
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_companion():
    """The process that has Keras loaded outlives what Streamlit is told to forget: another one takes seconds to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "companion", cache(Companion))
        yield


@pytest.fixture(autouse=True)
def session():
    """End the session, as closing a tab does: Streamlit's test runner gives all of them the same id."""
    yield
    end_session()


@pytest.fixture
def the_owner_comes_back():
    """After a test of others who come in."""
    yield
    entrance.watch(AccessSettings())
    access.identify_by(lambda: access.OWNER)


@pytest.fixture(scope="session")
def chromium():
    """Headless Chromium with a window on a wide screen, and Playwright's loop: one for all tests, as the application's scripts, megabytes,
    are compiled anew in each. Between its tests, the loop doesn't count as running: nothing else could run one in this thread.
    """
    with open_browser() as opened:
        window = opened.new_context(viewport=WIDE)
        window.set_default_timeout(60_000)
        watch_runs(window)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield opened, window, loop
        asyncio._set_running_loop(loop)
        window.close()


@pytest.fixture
def browser(chromium):
    """Headless Chromium."""
    opened, _, loop = chromium
    asyncio._set_running_loop(loop)
    yield opened
    asyncio._set_running_loop(None)


@pytest.fixture
def page(browser, chromium, monkeypatch):
    """A tab for which nothing is remembered; as a rule the one of the test before, in which all is compiled. It waits long: the machine may
    be busy.
    """
    _, window, _ = chromium
    expect.set_options(timeout=60_000)
    opened = next(iter(window.pages), None) or window.new_page()
    changed = []
    for name in ("on", "add_init_script"):  # a tab does not forget these
        monkeypatch.setattr(opened, name, partial(noting, changed, getattr(opened, name)))
    yield opened
    for other in window.pages[1:]:
        other.close()
    try:
        assert not changed
        forget(opened)
    except (AssertionError, Error):  # of a server that has ended, or of what the page asks before it is left
        opened.close()
    window.clear_cookies()
    window.clear_permissions()


def noting(calls: list, function, *given):
    """Call the function, and remember it."""
    calls.append(function)
    return function(*given)


def forget(page) -> None:
    """Leave the tab as a new one is, but for what is compiled, on a page of the same server that has no scripts."""
    page.unroute_all(behavior="ignoreErrors")
    page.mouse.move(0, 0)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(urljoin(page.url, "/_stcore/health"), timeout=10_000)
    page.evaluate("localStorage.clear(); sessionStorage.clear()")


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The address of one server for all tests that don't need their own, and its home folder."""
    folder = tmp_path_factory.mktemp("served") / "home"
    with serve(folder) as address:
        yield address, folder


@pytest.fixture
def server(served, home, monkeypatch, tmp_path_factory):
    """The address of the shared server; its home folder, empty again, becomes the test's, and `home` stops what is left running."""
    address, folder = served
    if folder.exists():
        folder.rename(tmp_path_factory.mktemp("before") / "home")
    monkeypatch.setenv("CATSDOGS_HOME", str(folder))
    return address
