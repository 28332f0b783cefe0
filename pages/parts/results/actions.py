"""What can be done with stored runs: name, annotate, star, delete, import others, save the table as CSV."""

import pandas as pd
import streamlit as st

from catsdogs.runs import Run, store
from catsdogs.system import access, cells, files
from pages.parts.results import run_import, selection
from pages.parts.shared import frame, names, undo


def show(picked: list[Run], rows: pd.DataFrame) -> None:
    """The buttons for the selected runs and for the rows of the table."""
    with st.container(horizontal=True, vertical_alignment="center", key="actions"):
        st.markdown(f"**{len(picked)}** selected" if picked else "None selected")
        st.space("stretch")
        starred = bool(picked) and all(run.label.is_starred for run in picked)
        if st.button("Unstar" if starred else "Star", icon=":material/star:", key="star", disabled=not picked or access.looks_only()):
            for run in picked:
                _write(run, is_starred=not starred)
            st.rerun()
        _show_delete(picked)
        run_import.show()
        st.download_button(
            f"{names.counted(len(picked), 'selected run')} as CSV" if picked else "Table as CSV",
            lambda: as_csv(selected(picked, rows)),
            file_name="runs.csv",
            mime="text/csv",
            icon=":material/download:",
            disabled=rows.empty,
            on_click="ignore",
            key="csv",
        )
    run_import.tell()


def selected(picked: list[Run], rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the selected runs, in the order of the table; all where none is selected."""
    return rows.loc[[run.id for run in picked]] if picked else rows


def as_csv(rows: pd.DataFrame) -> str:
    """The table, for a spreadsheet: names and notes are visitors'."""
    return rows.map(cells.safe).to_csv(index=False)


def show_label(run: Run) -> None:
    """Name and note of one run, to be edited in place."""
    with st.container(horizontal=True):
        _text_input(run, "name", placeholder="Give it a name", max_chars=store.MAX_NAME, width=320)
        _text_input(run, "note", placeholder="What you tried, what you saw", max_chars=store.MAX_NOTE)


def _text_input(run: Run, field: str, **look) -> None:
    """Another tab may write both: its text is shown here, and only what is edited here is written."""
    key, stored = f"{field}-{run.id}", getattr(run.label, field)
    if st.session_state.get(key) != stored:
        st.session_state[key] = stored
    st.text_input(
        field.capitalize(),
        key=key,
        on_change=lambda: _write(run, **{field: st.session_state[key].strip()}),
        disabled=access.looks_only(),
        **look,
    )


def _write(run: Run, **written) -> None:
    with frame.toasted():  # it may have been deleted in another tab
        store.change_label(run, **written)


def _show_delete(picked: list[Run]) -> None:
    size = names.size(sum(files.space(run.folder) for run in picked))
    label, is_off = f"Delete ({size})" if picked else "Delete", not picked or access.looks_only()
    key = f"deleting-{hash(tuple(run.id for run in picked))}"  # another selection closes it
    with st.popover(label, icon=":material/delete:", disabled=is_off, key=key):
        if not picked:
            return
        st.markdown(f"Delete {names.counted(len(picked), 'run')} and free **{size}** of disk space?")
        if others := names.others(picked):
            st.markdown(others)
        if st.button("Delete", type="primary", icon=":material/delete_forever:", key="delete"):
            if undo.delete(picked):
                selection.choose([])
            st.rerun()
