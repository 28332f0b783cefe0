"""Sentences on differences: by how much one group beat another, whether that is more than noise, and by which test."""

from collections.abc import Sequence

import streamlit as st

from catsdogs.analysis import repetitions, significance
from catsdogs.analysis.repetitions import Group
from catsdogs.analysis.significance import Difference
from pages.parts.shared import names


def show_best(groups: Sequence[Group]) -> None:
    """The best group against each of the others."""
    best = max(groups, key=lambda group: group.test.mean)
    differences = {group.name: repetitions.difference(group, best) for group in groups if group is not best}
    for name, difference in differences.items():
        if difference:
            icon = ":material/check_circle:" if difference.is_more_than_noise else ":material/graphic_eq:"
            st.markdown(f"{icon} **{names.plain(repetitions.sentence(name, best.name, difference))}** {p(difference)}")
    unknown = [name for name, difference in differences.items() if difference is None]
    if unknown:
        best_name, others = names.plain(best.name), names.plain(", ".join(unknown))
        st.markdown(f":material/help: **{best_name}** can't be compared with {others} yet: train each with two seeds or more.")
    tests = sorted({difference.test for difference in differences.values() if difference})
    for test in tests:
        st.caption(f"Held-out accuracy, 95% confidence interval, {test} ({significance.SOURCES[test]}).")
    if len(differences) > 2 and tests:
        st.caption(f"Not corrected for {len(differences)} comparisons: by chance, one in twenty looks like more than noise.")


def p(difference: Difference) -> str:
    """The p-value, as papers write it."""
    return f"p = {difference.p:.3f}" if difference.p >= 0.001 else "p < 0.001"
