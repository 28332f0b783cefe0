"""Pages run by Streamlit's own test runner, and what is on them."""

import threading
from pathlib import Path

from streamlit.runtime import caching
from streamlit.testing.v1 import AppTest

from pages.parts.shared import absence

PAGES = Path(__file__).parents[2] / "pages"


def open_page(name: str, **query: str) -> AppTest:
    """The page as the first one that a session opens."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return checked(app.switch_page(f"{name}.py").run())


def checked(app: AppTest) -> AppTest:
    """The page, which shows no exception."""
    assert not app.exception, app.exception
    return app


def break_off() -> None:
    """The connection of the session is lost."""
    caching.clear_session_resource_cache("test session id")


def end_session() -> None:
    """It is lost for good, and what the session kept is done away with."""
    break_off()
    for timer in timers():
        timer.cancel()
        timer.join()
        timer.function(*timer.args)


def timers() -> list[threading.Timer]:
    """Those that run while a session is away, and not those of others: the companion's would kill it, and may not have started yet."""
    found = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    running = [timer for timer in found if not timer.finished.is_set()]  # one that was cancelled takes a moment to end
    return [timer for timer in running if timer.function.__module__ == absence.__name__]


def texts(app: AppTest) -> str:
    """All that is written on it."""
    kinds = (app.markdown, app.caption, app.header, app.title, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


def health(app: AppTest) -> dict[str, str]:
    """What the health check says, by the titles of its lines."""
    lines = [found.label.split("**") for found in app.expander if "**" in found.label]
    return {title: sentence.strip() for _, title, sentence in lines}


def open_line(app: AppTest, name: str) -> AppTest:
    """The page with that line of the health check open; its name is that of the finding."""
    app.session_state["health_open"] = {name}
    return checked(app.run())


def button(app: AppTest, label: str):
    """The button with that label."""
    return next(found for found in app.button if found.label == label)


def press(app: AppTest, label: str) -> AppTest:
    """The page after a click on the button with that label."""
    return checked(button(app, label).click().run())
