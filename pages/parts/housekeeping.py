"""Keeping the stored runs in order: name, note and star; deleting and cancelling, which can be undone until the page is left."""

from contextlib import suppress
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.runs import store, trash
from catsdogs.runs.store import Run
from pages.parts import names


@dataclass(frozen=True)
class _Gone:
    """What is to be known of a deleted run: its bytes of disk space, and whether it was cancelled while it waited."""

    size: int
    was_waiting: bool


def show_actions(picked: list[Run], rows: pd.DataFrame) -> None:
    """The buttons for the selected runs, and for the rows of the table that are shown."""
    with st.container(horizontal=True, vertical_alignment="center", key="actions"):
        st.markdown(f"**{len(picked)}** selected" if picked else "None selected")
        st.space("stretch")
        starred = bool(picked) and all(run.label.is_starred for run in picked)
        if st.button("Unstar" if starred else "Star", icon=":material/star:", key="star", disabled=not picked):
            for run in picked:
                store.write_label(run, replace(run.label, is_starred=not starred))
            st.rerun()
        _show_delete(picked)
        st.download_button(
            "Table as CSV",
            lambda: rows.to_csv(index=False),
            file_name="runs.csv",
            mime="text/csv",
            icon=":material/download:",
            disabled=rows.empty,
            on_click="ignore",
        )


def show_label(run: Run) -> None:
    """Name and note of one run, to be changed in place."""
    with st.container(horizontal=True):
        name = st.text_input("Name", run.label.name, placeholder="a name of your own", max_chars=80, key=f"name-{run.id}", width=320)
        note = st.text_input("Note", run.label.note, placeholder="what you tried, what you saw", max_chars=500, key=f"note-{run.id}")
    written = replace(run.label, name=name.strip(), note=note.strip())
    if written != run.label:
        store.write_label(run, written)
        st.rerun()


def cancel(waiting: list[Run]) -> None:
    """Take these out of the queue, and out of the list of runs, too, where they have no epoch; `show_undo` has the way back."""
    for run in reversed(waiting):  # from the end: what could start meanwhile goes last
        jobs.stop(run)
        if not store.epochs_done(run):
            with suppress(InputError):  # it has started meanwhile: its worker will end it
                trash.put(run)
                _deleted()[run.id] = _Gone(0, was_waiting=True)


def show_undo(page: str) -> None:
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


def _show_delete(picked: list[Run]) -> None:
    taken = sum(map(trash.size, picked))
    label = f"Delete ({names.bytes(taken)})" if picked else "Delete"
    selection = "-".join(run.id for run in picked)
    with st.popover(label, icon=":material/delete:", disabled=not picked, key=f"deleting-{hash(selection)}"):  # closed for another one
        if not picked:
            return
        many = "this run" if len(picked) == 1 else f"these {len(picked)} runs"
        st.markdown(f"Delete {many} and free **{names.bytes(taken)}** of disk space?")
        if st.button("Delete", type="primary", icon=":material/delete_forever:", key="delete"):
            for run in picked:
                _delete(run)
            if "not_deleted" not in st.session_state:
                st.query_params.pop("run", None)
            st.rerun()
    for told in st.session_state.pop("not_deleted", []):
        st.error(told, icon=":material/error:")


def _delete(run: Run) -> None:
    size = trash.size(run)
    try:
        trash.put(run)
    except InputError as error:
        st.session_state.setdefault("not_deleted", []).append(str(error))
    else:
        _deleted()[run.id] = _Gone(size, was_waiting=False)


def _empty(deleted: dict[str, _Gone]) -> None:
    trash.empty(list(deleted))


@st.cache_resource(scope="session", on_release=_empty, show_spinner=False)
def _deleted() -> dict[str, _Gone]:
    """Runs that this session deleted, by their ids; a tab that is closed has left the page, too."""
    return {}
