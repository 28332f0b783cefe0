"""Deleting and cancelling runs, both of which can be undone until the page is left."""

from collections import defaultdict
from collections.abc import Sequence

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import Run, history, trash
from catsdogs.runs.damage import Unreadable
from catsdogs.system import files
from catsdogs.system.shortage import DiskFull
from pages.parts.shared import absence, names

_PROBLEMS = "not_done"  # in the session, until the next attempt: the page may be drawn again at once
_STOPPED = "Runs that were not queued again are on Results, stopped; to resume one, click Open in Train, then Resume."


def delete(several: Sequence[Run | Unreadable]) -> bool:
    """Delete the runs; whether all are deleted: `show` says why one could not be."""
    problems = []
    for run in several:
        size = files.space(run.folder)
        try:
            trash.put(run)
        except InputError as error:
            problems.append(str(error))
        else:
            _deleted()[run.id] = size
    st.session_state[_PROBLEMS] = problems
    return not problems


def cancel(waiting: list[Run]) -> None:
    """Take these runs out of the queue, and delete those without an epoch; `show` offers to undo that, or says that the disk is full."""
    st.session_state[_PROBLEMS] = []
    try:
        for run in reversed(waiting):  # from the end: the next to start goes last
            _cancel(run)
    except DiskFull as error:
        st.session_state[_PROBLEMS] = [str(error)]


def _cancel(run: Run) -> None:
    try:
        jobs.stop(run)
        if not history.epochs_done(run):
            trash.put(run)
            _deleted()[run.id] = None
    except DiskFull:
        raise
    except InputError:  # deleted in another tab; or it has just started, and its worker will end it
        pass


def show(page: str) -> None:
    """Offer to undo what was deleted or cancelled on this page; what was on another one is now gone for good."""
    if st.session_state.get("undo_page", page) != page:
        leave()
    st.session_state.undo_page = page
    with st.container():  # one place for what comes and goes, else all that is below would be built anew, where the keyboard is
        _show()


def _show() -> None:
    for problem in st.session_state.get(_PROBLEMS, ()):
        st.error(names.said(problem), icon=":material/error:")
    if not _deleted():
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="undo"):
        st.markdown(f":material/delete: {_message()}")
        st.space("stretch")
        if st.button("Undo", icon=":material/undo:"):
            st.session_state[_PROBLEMS] = _undo()
            st.rerun()


def replace(id: str) -> None:
    """Another copy of a run that was deleted here has come: the deletion can't be undone any more."""
    if id in _deleted():
        _deleted().pop(id)
        trash.empty([id])


def leave() -> None:
    """Another page was opened: delete for good what was deleted here."""
    st.session_state.pop(_PROBLEMS, None)
    if _deleted():
        trash.empty(_deleted())
        _deleted().clear()


def _message() -> str:
    sizes = [size for size in _deleted().values() if size is not None]
    counted, them = names.counted(len(_deleted()), "run"), "it" if len(_deleted()) == 1 else "them"
    if not sizes:
        return f"**{counted} cancelled.** Leaving this page deletes {them} for good."
    return f"**{counted} deleted.** Leaving this page deletes {them} for good and frees {names.size(sum(sizes))}."


def _undo() -> list[str]:
    """Why some of it could not be done.

    By now, as many others of somebody may wait as one person may have: those that were cancelled are there again, but stopped.
    """
    queued, problems = defaultdict(list), []
    for id, size in reversed(list(_deleted().items())):  # `cancel` began at the end of the queue
        _deleted().pop(id)
        try:
            run = trash.restore(id)
        except InputError as error:
            problems.append(str(error))
            continue
        if size is None:
            queued[run.by].append(run)
    for each in queued.values():  # so that the runs of one person don't keep those of the others from coming back
        try:
            jobs.submit(*each, is_return=True)
        except InputError as error:
            problems.append(f"{error} {_STOPPED}")
    return problems


def _deleted() -> dict[str, int | None]:
    """Bytes of each run that this session deleted, by id; None if it was cancelled while waiting. Closing the tab leaves the page, too."""
    return absence.keep("deleted", dict, trash.empty)
