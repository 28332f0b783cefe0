"""How much of what one person may have is used: a quiet line where it matters, and nothing where no limit is configured."""

import streamlit as st

from catsdogs.queue import allowance as of_runs
from catsdogs.sources import allowance as of_data
from catsdogs.system import access, home, shortage
from pages.parts.shared import names


def warn(count: int, advice: str = "") -> bool:
    """Where so many more runs are too many now, say so before they are asked for, and what to do. Returns whether they are."""
    problem = of_runs.problem(count)
    if problem:
        st.warning(names.plain(f"{problem} {advice}"), icon=":material/groups:")
    return bool(problem)


def show_runs(count: int) -> None:
    """Before `count` runs are started, draw how many the person has waiting or training, of how many; or that these are too many."""
    asking = access.person()
    if asking.limits.runs is not None and not warn(count):
        used = names.counted(of_runs.used(asking.name), "run")
        st.caption(f":material/groups: You have {used} waiting or training; {asking.limits.runs:,} are allowed at once.")


def show_data() -> None:
    """Draw how much space the person's data sets take, of how much, and how much is left on the disk for everybody."""
    asking = access.person()
    sentences = []
    if asking.limits.data is not None:
        used, most = names.size(of_data.used(asking.name)), names.size(asking.limits.data)
        sentences.append(f"Your data sets take {used} of {most}.")
    if asking.limits.free:
        left = max(0, shortage.free(home.folder()) - asking.limits.free)
        sentences.append(f"{names.size(left)} is left on the server for everybody.")
    if sentences:
        st.caption(f":material/groups: {' '.join(sentences)}")
