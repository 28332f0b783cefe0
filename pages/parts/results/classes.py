"""How good a run is on each class, which its accuracy hides where one class has more photographs than the other."""

import pandas as pd
import streamlit as st

from catsdogs.analysis.evaluation import Evaluation
from catsdogs.data import naming
from pages.parts.shared import names


def show(evaluated: Evaluation, labels: tuple[str, str]) -> None:
    """A row for each subset of which that is known."""
    labels = names.shown(labels[0]), names.shown(labels[1])
    scores = {title: getattr(evaluated, subset).by_class for title, subset in names.SUBSETS.items()}
    rows = []
    for title, found in scores.items():
        if found:
            of_classes = {}
            for label, count, recall, precision in zip(labels, found.counts, found.recall, found.precision, strict=True):
                shares = {f"{label} recall": names.percent(recall), f"{label} precision": names.percent(precision)}
                of_classes |= {naming.plural_of(label): count, **shares}
            of_both = {"balanced accuracy": found.balanced_accuracy, "share of the larger class": found.larger_share}
            rows.append({"photographs": title, **{name: names.percent(share) for name, share in of_both.items()}, **of_classes})
    st.header("By class", anchor=False)
    look = {"hide_index": True, "placeholder": "–", "height": "content", "alt": "Accuracies by class"}
    st.dataframe(pd.DataFrame(rows), column_config=_columns(labels), **look)


def _columns(labels: tuple[str, str]) -> dict:
    about = {
        "balanced accuracy": "The mean recall of both classes. Always giving the same answer gets 50%, however unequal the classes are.",
        "share of the larger class": "The accuracy of always answering it",
        **{f"{label} recall": f"The share of the {names.plain(naming.plural_of(label))} that were recognised" for label in labels},
        **{f"{label} precision": f"The share of the answers “{names.plain(label)}” that were right" for label in labels},
    }
    percent = {name: st.column_config.NumberColumn(format="%.1f%%", help=text) for name, text in about.items()}
    counts = {naming.plural_of(label): st.column_config.NumberColumn(format="%,d") for label in labels}
    return {"photographs": st.column_config.TextColumn(pinned=True), **counts, **percent}
