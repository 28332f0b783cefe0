"""Sessions, servers and browsers for the tests of the pages."""

from functools import cache

import pytest
from playwright.sync_api import expect
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import app_test, local_script_runner

from catsdogs.inference.companion import Companion
from catsdogs.system import access
from pages.parts.shared import backend, entrance
from pages.parts.shared.access_settings import AccessSettings
from tests.browsing import open_browser, serve, watch_runs
from tests.pages.opening import end_session


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


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, one for all tests of a file."""
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def window(browser):
    """On a wide screen, one for all tests of a file: the application's scripts, megabytes, are compiled once."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(60_000)
    watch_runs(context)
    yield context
    context.close()


@pytest.fixture
def page(window):
    """A tab of its own, for which nothing is remembered. It waits long: the machine may be busy."""
    expect.set_options(timeout=60_000)
    opened = window.new_page()
    yield opened
    if opened.url.startswith("http"):
        opened.evaluate("localStorage.clear()")
    opened.close()
    window.clear_cookies()
    window.clear_permissions()


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
