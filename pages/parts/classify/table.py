"""The answers as a table, in which many pictures are marked at once."""

import pandas as pd
import streamlit as st

from catsdogs.inference import sheet
from catsdogs.inference.classifier import Answer
from catsdogs.inference.sheet import Row
from catsdogs.runs import Run
from pages.parts.classify import marks, networks
from pages.parts.shared import frame, names

_SELECTED = "answers_table"  # the key's beginning
_HEIGHT = 520  # px
_NAME, _NAME_ON_A_PHONE = 230, 108  # px; the column stays in view, and a phone has to have room for others
_BAR = 112  # px; in a small column, the bar is a dot
_ANSWER = 150  # px; the other network's name, in the head, may be much longer than what it says


def show(rows: list[Row], run: Run, other: Run | None) -> None:
    """Draw it, and buttons that mark the rows that are selected in it."""
    chosen = st.dataframe(
        _frame(rows, bool(other)),
        column_config=_columns(other),
        hide_index=True,
        height=min(_HEIGHT, 37 * (len(rows) + 1)),
        on_select="rerun",
        selection_mode="multi-row",
        alt="Answers",
        key=f"{_SELECTED}_{hash(tuple(row.digest for row in rows))}",  # rows are selected by their places: other rows, no selection
    )
    selected = [rows[index].digest for index in chosen.selection.rows if index < len(rows)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{names.counted(len(selected), 'row')} selected. Mark as" if selected else "Select rows to mark them all at once.",
            width="content",
        )
        labels = networks.labels(run)
        called = marks.called(marks.options(labels))
        for mark in (*marks.options(labels), None) if selected else ():
            st.button(called(mark) if mark else "no mark", key=f"mark-all-{mark}", on_click=marks.put, args=(labels, selected, mark))


def _frame(rows: list[Row], is_compared: bool) -> pd.DataFrame:
    columns = {
        "name": [names.shown(row.name) for row in rows],
        "answer": [sheet.verdict(row.answer) for row in rows],
        "probability": [_percent(row.answer) for row in rows],
    }
    if is_compared:
        columns |= {
            "other": [sheet.verdict(row.other) for row in rows],
            "other_probability": [_percent(row.other) for row in rows],
            "disagree": [row.is_disputed for row in rows],
        }
    if any(row.is_strange for row in rows):
        columns["strange"] = [row.is_strange for row in rows]
    columns |= {"mark": [sheet.shown(row.mark) for row in rows], "wrong": [row.is_wrong for row in rows]}
    if any(row.error for row in rows):
        columns["problem"] = [row.error or "" for row in rows]
    return pd.DataFrame(columns)


def _percent(answer: Answer | None) -> float | None:
    """Its probability, but no 100.0%: see `words.probability`."""
    return min(names.percent(answer.probability), 99.9) if answer and answer.probability is not None else None


def _columns(other: Run | None) -> dict:
    config = st.column_config
    named = networks.short(other) if other else ""
    return {
        "name": config.TextColumn("picture", width=_NAME_ON_A_PHONE if frame.is_phone() else _NAME, pinned=True),
        "answer": config.TextColumn("answer"),
        "probability": config.ProgressColumn("probability", format="%.1f%%", min_value=0, max_value=100, width=_BAR),
        "other": config.TextColumn(f"answer · {named}", width=_ANSWER),
        "other_probability": config.ProgressColumn(f"probability · {named}", format="%.1f%%", min_value=0, max_value=100, width=_BAR),
        "disagree": config.CheckboxColumn("disagree", width="small"),
        "strange": config.CheckboxColumn("looks like neither"),
        "mark": config.TextColumn("marked as", width="small"),
        "wrong": config.CheckboxColumn("wrong", width="small"),
        "problem": config.TextColumn("problem", width="medium"),
    }
