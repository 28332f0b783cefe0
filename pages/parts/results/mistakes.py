"""Where a run errs: its confusion matrix, and the held-out photographs behind each of its cells, most confident first."""

from functools import partial
from pathlib import Path

import streamlit as st

from catsdogs.analysis import calibration, originals
from catsdogs.data import images, naming
from catsdogs.errors import InputError
from catsdogs.figures import confusion_matrix
from catsdogs.runs import Run, predictions, temperature
from catsdogs.system import access, paths, words
from pages.parts.shared import chart, names

_SIDE = 180  # px of a thumbnail
_PAGE = 8  # photographs
_INK = {"light": "#2b2520", "dark": "#f3ebe0"}  # the theme's text colour


def show(run: Run, confusion: tuple, labels: tuple[str, str]) -> None:
    """The matrix, and beside it the photographs of the clicked or chosen cell; at first, of the more frequent mistake."""
    cell, key = f"cell-{run.id}", f"confusion-{run.id}"
    cells = [(0, 1), (1, 0), (0, 0), (1, 1)]
    st.session_state.setdefault(cell, max(cells[:2], key=lambda place: confusion[place[0]][place[1]]))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        chart.show(
            confusion_matrix.draw(confusion, labels, _INK[st.context.theme.type or "light"]),
            "Confusion matrix",
            key,
            help="On the held-out photographs. Click a cell to see those in it.",
            can_zoom=False,
            on_select=lambda: _choose(cell, key),
            selection_mode="points",
        )
    with right:
        title = partial(_title, confusion=confusion, labels=labels)
        chosen = st.pills("Photographs", cells, format_func=title, key=cell, required=True, label_visibility="collapsed", wrap=True)
        _show_photographs(run, chosen, labels)


def _title(cell: tuple[int, int], confusion: tuple, labels: tuple[str, str]) -> str:
    truth, answer = cell
    several = [names.plain(naming.plural_of(label)) for label in labels]
    outcome = "correct" if truth == answer else f"as {several[answer]}"
    return f"{several[truth]} {outcome} ({confusion[truth][answer]:,})"


def _choose(cell: str, key: str) -> None:
    """A click on the matrix chooses the cell; a second one, which unselects it, changes nothing."""
    points = st.session_state[key].selection.points
    if points:
        st.session_state[cell] = tuple(points[0]["customdata"])


def _show_photographs(run: Run, cell: tuple[int, int], labels: tuple[str, str]) -> None:
    rows = [row for row in predictions.load(run) if (row.label, row.answer) == cell]
    rows.sort(key=lambda row: -row.confidence)
    if not rows:
        st.caption("None.")
        return
    if not paths.is_folder(Path(run.config.data)):
        st.caption(f"The data set {names.plain(names.data_set(run.config.data))} is no longer there, so its photographs can't be shown.")
        return
    shown = st.session_state.setdefault(f"shown-{run.id}-{cell}", _PAGE)
    st.caption(f"Predicted “{names.plain(labels[cell[1]])}”, most confident first.")
    confidences = calibration.temper([row.confidence for row in rows[:shown]], temperature.load(run).value)
    with st.grid(columns=4, min_column_width=110):
        for row, confidence in zip(rows[:shown], confidences, strict=True):
            _show_photograph(run, row.path, confidence)
    if shown < len(rows) and st.button(f"Show more of {len(rows):,}", icon=":material/expand_more:"):
        st.session_state[f"shown-{run.id}-{cell}"] += _PAGE
        st.rerun()


def _show_photograph(run: Run, path: str, confidence: float) -> None:
    try:
        access.require_folder(run.config.data)
        image = images.load(Path(run.config.data, path), _SIDE, proportions=run.config.proportions)
        is_another = originals.is_another(run, path)
    except (InputError, OSError):
        st.caption(f"{names.plain(path)} is no longer there.")
        return
    if is_another:
        st.caption(f"Another photograph lies at {names.plain(path)} now.")
        return
    st.image(image, caption=f"{words.probability(confidence)} · {names.plain(Path(path).name)}", width="stretch", alt=names.shown(path))
