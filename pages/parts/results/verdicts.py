"""Sentences on differences: by how much one thing beat another, and whether that is more than noise, with the test and its source."""

from collections.abc import Sequence

import streamlit as st

from catsdogs.analysis import repetitions, significance
from catsdogs.analysis.significance import Difference
from pages.parts.shared import names


def show(compared: Sequence[tuple[str, str, Difference | None]]) -> None:
    """A line for each (before, after, how much higher `after` is)."""
    for before, after, difference in compared:
        if difference:
            st.markdown(f"{_icon(difference)} **{names.plain(repetitions.sentence(before, after, difference))}** {_p(difference)}")
    unknown = [before for before, _, difference in compared if difference is None]
    if unknown:
        best, others = names.plain(compared[0][1]), names.plain(", ".join(unknown))
        st.markdown(f":material/help: **{best}** can't be compared with {others} yet: train each with two seeds or more.")
    tests = sorted({difference.test for _, _, difference in compared if difference})
    for test in tests:
        st.caption(f"Held-out accuracy, 95 % interval, {test} ({significance.SOURCES[test]}).")
    if len(compared) > 2 and tests:
        st.caption(f"Of {len(compared)} comparisons, one in twenty looks like more than noise by chance; that is not corrected for.")


def _icon(difference: Difference) -> str:
    return ":material/check_circle:" if difference.is_more_than_noise else ":material/graphic_eq:"


def _p(difference: Difference) -> str:
    return f"p = {difference.p:.3f}" if difference.p >= 0.001 else "p < 0.001"
