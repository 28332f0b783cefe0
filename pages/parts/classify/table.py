"""The answers as a table, in which many pictures are marked at once."""

import pandas as pd
import streamlit as st

from catsdogs.inference import sheet
from catsdogs.inference.sheet import Row
from catsdogs.runs import Run
from pages.parts.classify import marks, networks
from pages.parts.shared import names

_SELECTED = "answers_table"
_HEIGHT = 520  # px


def show(rows: list[Row], run: Run, other: Run | None) -> None:
    """Draw it, and buttons that mark the rows that are selected in it."""
    chosen = st.dataframe(
        _frame(rows, bool(other)),
        column_config=_columns(other),
        hide_index=True,
        height=min(_HEIGHT, 37 * (len(rows) + 1)),
        on_select="rerun",
        selection_mode="multi-row",
        key=_SELECTED,
    )
    selected = [rows[index].digest for index in chosen.selection.rows if index < len(rows)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{names.counted(len(selected), 'row')} selected. Mark as" if selected else "Select rows to mark them all at once.",
            width="content",
        )
        for label in (*networks.labels(run), sheet.NEITHER, None) if selected else ():
            st.button(names.plain(label or "no mark"), key=f"mark-all-{label}", on_click=marks.put, args=(selected, label))


def _frame(rows: list[Row], is_compared: bool) -> pd.DataFrame:
    columns = {
        "name": [names.shown(row.name) for row in rows],
        "answer": [f"neither, rather {row.answer.label}" if row.is_strange else row.answer.label or "" for row in rows],
        "probability": [names.percent(row.answer.probability) for row in rows],
    }
    if is_compared:
        columns |= {
            "other": [(row.other and row.other.label) or "" for row in rows],
            "other_probability": [names.percent(row.other.probability) if row.other else None for row in rows],
            "disagree": [row.is_disputed for row in rows],
        }
    if any(row.is_strange for row in rows):
        columns["strange"] = [row.is_strange for row in rows]
    columns |= {"mark": [row.mark or "" for row in rows], "wrong": [row.is_wrong for row in rows]}
    if any(row.error for row in rows):
        columns["problem"] = [row.error or "" for row in rows]
    return pd.DataFrame(columns)


def _columns(other: Run | None) -> dict:
    config = st.column_config
    named = networks.short(other) if other else ""
    return {
        "name": config.TextColumn("Picture", width=120, pinned=True),
        "answer": config.TextColumn("Answer"),
        "probability": config.ProgressColumn("Probability", format="%.1f%%", min_value=0, max_value=100, width="small"),
        "other": config.TextColumn(f"Answer · {named}", width="small"),
        "other_probability": config.ProgressColumn(f"Probability · {named}", format="%.1f%%", min_value=0, max_value=100, width="small"),
        "disagree": config.CheckboxColumn("Disagree", width="small"),
        "strange": config.CheckboxColumn("Looks like neither", width="small"),
        "mark": config.TextColumn("Marked as", width="small"),
        "wrong": config.CheckboxColumn("Wrong", width="small"),
        "problem": config.TextColumn("Problem", width="medium"),
    }
