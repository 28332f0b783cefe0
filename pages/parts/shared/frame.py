"""The frame around every page: title, icon, navigation and style."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import jobs, searches
from catsdogs.runs import trash
from pages.parts.shared import absence, access_settings, component, entrance, names, notices, sign_in, undo, uploads

_HERE = Path(__file__).parent
_WAKE_EVERY = 30  # seconds
_LEFT_RESULTS = "left_results"  # in the session
_OPEN = "open_page"  # in the session: the address of the one that was drawn last
DATA, TRAIN, RESULTS, CLASSIFY = "data.py", "train.py", "results.py", "classify.py"  # beside navigation.py


def open_app():
    """Set up the application and return the requested page, to be run.

    What was deleted or cancelled on a page that can undo it is gone for good once another page opens.
    """
    st.set_page_config(page_title="Cats & Dogs Studio", page_icon=str(_HERE / "icon.png"), layout="wide")
    st.logo(str(_HERE / "logo.svg"), size="large")
    st.html(_HERE / "style.css")
    for script in ("keyboard", "download_error"):
        component.load(_HERE / script)(key=script)
    if not entrance.is_watched():  # somebody started the pages without app.py
        entrance.watch(access_settings.read())
    absence.come_back()
    _empty_trash()
    _wake()
    pages = [
        st.Page(DATA, title="Data", icon=":material/photo_library:"),
        train := st.Page(TRAIN, title="Train", icon=":material/model_training:"),
        results := st.Page(RESULTS, title="Results", icon=":material/query_stats:"),
        st.Page(CLASSIFY, title="Classify", icon=":material/pets:"),
    ]
    start = st.Page(_start, default=True, visibility="hidden")  # a default page has only the address /, and /data is linked to
    page = st.navigation([start, *pages], position="top" if entrance.person() else "hidden")
    sign_in.require()  # after the navigation, so that the page that was asked for comes next
    _link(pages)
    if page != start:
        if st.session_state.get(_OPEN, page.url_path) != page.url_path:
            uploads.forget()
        st.session_state[_OPEN] = page.url_path
    if page not in (train, results):  # these two offer undo, and notice by themselves when they are left
        undo.leave()
    if page != results:
        st.session_state[_LEFT_RESULTS] = True
    return page


def has_come_back() -> bool:
    """On Results: whether it is drawn for the first time since another page was."""
    return st.session_state.pop(_LEFT_RESULTS, False)


def _link(pages: list) -> None:
    """Draw links to the pages, which the style shows on a phone alone: Streamlit hides its own there, in a sidebar that is closed."""
    with st.container(key="pages", horizontal=True, horizontal_alignment="distribute", gap=None):
        for page in pages:
            st.page_link(page)


def _start() -> None:
    st.switch_page(DATA)


def address(path: str) -> str:
    """Of a page of this server, where a link is not one of Streamlit's own."""
    return "/".join(("", *filter(None, (st.get_option("server.baseUrlPath").strip("/"), path))))


def heading(title: str, text: str) -> None:
    """The top of a page: its title, its purpose in a sentence, and what people must be told."""
    with st.container(key="heading", gap="xsmall"):
        st.title(title, anchor=False)
        st.markdown(text)
    with st.container():  # one place for what comes and goes
        notices.show()


def look_only() -> None:
    """Say that this person may not change anything here."""
    text = "You can look and classify here, but not train, add photographs or delete. If you need to, ask whoever runs this server."
    st.info(text, icon=":material/visibility:")


def is_phone() -> bool:
    """Whether a phone asks, by what its browser says of itself."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def error(error: Exception | str, icon: str = ":material/error:") -> None:
    """What can't be done, and why: an InputError, or its text. It may name whatever people and files are called."""
    st.error(names.said(error), icon=icon)


@contextmanager
def reported(icon: str = ":material/error:") -> Iterator[None]:
    """Where what is done within fails, the page says why and goes on."""
    try:
        yield
    except (InputError, OSError) as failed:
        error(failed, icon)


@contextmanager
def toasted() -> Iterator[None]:
    """As `reported`, in a corner: for callbacks, and for what is drawn again at once."""
    try:
        yield
    except (InputError, OSError) as failed:
        st.toast(names.said(failed), icon=":material/error:")


def switch(label: str, options: Sequence[str], key: str, **look) -> str:
    """A choice of one of several, side by side, at first the first one; the label is read aloud alone."""
    look = {"default": options[0], "required": True, "label_visibility": "collapsed", **look}
    return st.segmented_control(label, options, key=key, **look)


def empty_state(icon: str, title: str, text: str):
    """What is missing, and what to do next. Returns the box, for a button in it."""
    box = st.container(key="empty", border=True, horizontal_alignment="center", gap="small")
    box.markdown(f"## :material/{icon}: {title}", text_alignment="center")
    box.markdown(text, text_alignment="center")
    return box


@cache  # not Streamlit's: whoever reaches the server can have that cleared, and the deletions of others could be undone no more
def _empty_trash() -> ExitStack:
    """Once per server: delete for good what was deleted when the machine went down."""
    return trash.begin()


@st.cache_resource(show_spinner=False, ttl=_WAKE_EVERY)
def _wake() -> None:
    """Have somebody at the queue, and at every search that has not ended, whatever ended who was."""
    jobs.wake()
    searches.wake()
