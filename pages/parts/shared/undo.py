"""Deleting and cancelling runs, which can be undone until the page is left."""

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import history, trash
from catsdogs.runs.store import Run
from pages.parts.shared import names


@dataclass(frozen=True)
class _Gone:
    """What is to be known of a deleted run: its bytes of disk space, and whether it was cancelled while it waited."""

    size: int
    was_waiting: bool


def delete(run: Run) -> None:
    """Delete the run, until the page is left; why it can't be deleted is shown by the next drawing of the page."""
    size = trash.size(run)
    try:
        trash.put(run)
    except InputError as error:
        st.session_state.setdefault("not_deleted", []).append(str(error))
    else:
        _deleted()[run.id] = _Gone(size, was_waiting=False)


def cancel(waiting: list[Run]) -> None:
    """Take these out of the queue, and out of the list of runs, too, where they have no epoch; `show_undo` has the way back."""
    for run in reversed(waiting):  # from the end: what could start meanwhile goes last
        jobs.stop(run)
        if not history.epochs_done(run):
            with suppress(InputError):  # it has started meanwhile: its worker will end it
                trash.put(run)
                _deleted()[run.id] = _Gone(0, was_waiting=True)


def show(page: str) -> None:
    """What was deleted or cancelled since this page was opened, and the way back; what was on another one is gone for good."""
    if st.session_state.get("undo_page", page) != page:
        leave()
    st.session_state.undo_page = page
    if not _deleted():
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="undo"):
        st.markdown(f":material/delete: {_told(list(_deleted().values()))}")
        st.space("stretch")
        if st.button("Undo", icon=":material/undo:"):
            _undo()
            st.rerun()


def leave() -> None:
    """Another page was opened: what was deleted is gone for good."""
    if _deleted():
        _empty(_deleted())
        _deleted().clear()


def _told(gone: list[_Gone]) -> str:
    counted = "1 run" if len(gone) == 1 else f"{len(gone)} runs"
    if all(one.was_waiting for one in gone):
        return f"**{counted} cancelled.** {'It is' if len(gone) == 1 else 'They are'} gone for good when you leave this page."
    return f"**{counted} deleted.** {names.bytes(sum(one.size for one in gone))} will be free when you leave this page."


def _undo() -> None:
    queued = []
    for id, gone in reversed(list(_deleted().items())):  # the last one cancelled was the first one in the queue
        _deleted().pop(id)
        run = trash.restore(id)
        if gone.was_waiting:
            queued.append(run)
    jobs.submit(*queued)


def _empty(deleted: dict[str, _Gone]) -> None:
    trash.empty(list(deleted))


@st.cache_resource(scope="session", on_release=_empty, show_spinner=False)
def _deleted() -> dict[str, _Gone]:
    """Runs that this session deleted, by their ids; a tab that is closed has left the page, too."""
    return {}
