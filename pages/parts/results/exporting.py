"""A run for other runtimes and browsers: converted and checked, then offered with what each file is worth."""

from pathlib import Path

import pandas as pd
import streamlit as st

from catsdogs.export import conversion, portable
from catsdogs.runs import Run, store, temperature
from pages.parts.shared import frame, names


def show(run: Run) -> None:
    """The button that opens the dialog."""
    if st.button("Export", icon=":material/ios_share:", help="For phones and browsers: LiteRT, ONNX or a web page, in 32 and in 8 bits"):
        _show_dialog(run)


@st.dialog("Export for other runtimes", width="large", icon=":material/ios_share:")
def _show_dialog(run: Run) -> None:
    st.caption(
        f"{names.plain(names.run(run))} as a ZIP file with the network in 32 and in 8 bits, and a script "
        "that classifies without Keras, or a web page that does so in the browser, offline. "
        "Each file is compared with the network on a hundred pictures before it is offered; all of it can take a minute or more."
    )
    format = st.segmented_control(
        "Format",
        portable.FORMATS,
        format_func=portable.FORMATS.get,
        default=next(iter(portable.FORMATS)),
        required=True,
        key="export-format",
    )
    key = ("exported", run.id, format, store.answer_version(run), temperature.load(run).value)
    if st.button("Convert and check", icon=":material/sync_alt:", disabled=key in st.session_state):
        with frame.reported(), st.spinner("Converting and checking", show_time=True):
            st.session_state[key] = conversion.convert(run, format)
    if key in st.session_state:
        _show_worth(run, format, *st.session_state[key])


def _show_worth(run: Run, format: str, path: Path, facts: dict) -> None:
    rows = [
        {
            "file": each["name"],
            "size": names.size(each["bytes"]),
            "ms": each["ms"],
            "same answer": 100 * each["agreement"],
            "same neither": None if each["neither"] is None else 100 * each["neither"],
            "largest difference": each["difference"],
            "accuracy": None if each["accuracy"] is None else 100 * each["accuracy"],
            "": f"left out: {each['refusal']}" if each["refusal"] else "",
        }
        for each in facts["files"]
    ]
    table = pd.DataFrame(rows).dropna(axis="columns", how="all")
    if not any(row[""] for row in rows):
        table = table.drop(columns="")
    share = st.column_config.NumberColumn(format="%.1f%%")
    columns = {
        "ms": st.column_config.NumberColumn("time", format="%.1f ms", help="For one image, on one thread of the server"),
        "same answer": share,
        "same neither": share,
        "accuracy": share,
        "largest difference": st.column_config.NumberColumn(format="%.4f", help="Of a probability, from 0 to 1"),
    }
    st.dataframe(table, hide_index=True, column_config=columns, alt="Exported files")
    own = "" if facts["accuracy"] is None else f" The network itself is right on {facts['accuracy']:.1%} of them."
    st.caption(f"Compared on {facts['count']} {facts['what']}.{own}")
    if path.exists():
        name = f"{run.id}-{format}.zip"
        st.download_button("Save", path.read_bytes, name, "application/zip", icon=":material/save:", type="primary", on_click="ignore")
