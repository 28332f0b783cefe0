"""Sentences on differences: by how much one group beat another, or that they can't be told apart, and by which test."""

from collections.abc import Sequence
from math import isclose

import streamlit as st

from catsdogs.analysis import comparison, evaluation, learned, repetitions, significance
from catsdogs.analysis.comparison import Comparison
from catsdogs.analysis.repetitions import Group
from catsdogs.analysis.significance import Difference
from catsdogs.system import words
from pages.parts.shared import names

_ICONS = {significance.DIFFERENT: "check_circle", significance.NO_DIFFERENCE: "drag_handle", significance.OPEN: "help"}
_P = (
    "The p-value is how often two that are equally good would differ by at least this much, by chance alone. Below 0.05, a difference "
    "counts as more than chance."
)
_MOST, _MOST_TESTED = 3, 6  # groups that are shown one by one: such as allow no test, and others


def show_best(groups: Sequence[Group], most: int | None = None) -> Group | None:
    """The group with the best validation accuracy against each of the others, or the `most` next best.

    Returns it; None where each had seen these photographs before.
    """
    honest = [group for group in groups if is_fair(group)]
    if not honest:
        st.markdown(learned.NONE_IS_BEST)
        return None
    best = max(honest, key=lambda group: group.validation.mean)
    among = "" if len(honest) == len(groups) else " of those that did not start from a run that had seen these photographs"
    is_apart = repetitions.hold_out_apart([run for group in groups for run in group.runs])
    about = "which played no part in this choice" if is_apart else "some of which are validation photographs of other seeds"
    tied = sum(isclose(group.validation.mean, best.validation.mean) for group in honest) - 1
    also = f", tied with {names.counted(tied, 'other')}" if tied else ""
    accuracy = f"{words.share(best.validation.mean)} of {names.span({evaluation.load(run).validation.count for run in best.runs})}"
    st.markdown(
        f"**{names.plain(best.name)}** has the highest validation accuracy{among}, {accuracy} photographs{also}. On the held-out ones, "
        f"{about}:"
    )
    others = [group for group in groups if group is not best]
    if most or len(others) > _MOST_TESTED:
        others.sort(key=lambda group: (not is_fair(group), -group.validation.mean))
    found = comparison.compare([(group, best) for group in others[:most]])
    tested, untested = [one for one in found if one.difference], [one for one in found if not one.difference]
    for one in tested[:_MOST_TESTED]:
        _show(one)
    if more := tested[_MOST_TESTED:]:
        with st.expander(f"{names.counted(len(more), 'other')}, none with a higher validation accuracy"):
            for one in more:
                _show(one)
    if untested:
        with st.expander(f"{len(untested)} can't be told apart from it yet") if len(untested) > _MOST else st.container():
            for one in untested:
                _show(one)
    show_tests(found)
    return best


def show_tests(found: Sequence[Comparison]) -> None:
    """How the differences were judged, and what a p-value is; folded, as a sentence that says which is better needs none of it."""
    is_tested = any(one.difference for one in found)
    with st.expander(":material/functions: How this was tested") if is_tested else st.container():
        for line in [_P] * is_tested + comparison.explanations(found):
            st.caption(line)


def is_fair(group: Group) -> bool:
    """Whether it may be called the best."""
    return all(map(learned.is_fair, group.runs))


def show_too_few(groups: Sequence[Group]) -> None:
    """What it takes for an interval, where a group of several runs has none."""
    few = [group for group in groups if group.test.low is None and len(group.runs) > 1]
    if few and len(groups) == 1:
        st.caption(names.plain(comparison.too_few(few[0])))
    elif few:
        st.caption(f"An interval over the seeds takes {significance.FEWEST} of them or more.")


def p(difference: Difference) -> str:
    """The p-value, as papers write it; no line ends within it."""
    written = f"p = {difference.p:.3f}" if difference.p >= 0.001 else "p < 0.001"
    return written.replace(" ", "\N{NO-BREAK SPACE}")


def _show(one: Comparison) -> None:
    tested = f" {p(one.difference)}." if one.difference else ""
    st.markdown(f":material/{_ICONS[one.outcome]}: **{names.plain(one.finding)}**{tested} {one.needed}")
    if one.left_out:
        st.caption(names.plain(one.left_out))
