"""What Results says of a search and not of a sweep: how far it is, what became of its runs, and whether its best beats where it began."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from catsdogs.analysis import choice, summaries
from catsdogs.analysis.importance import Importance
from catsdogs.figures import sweep as figures
from catsdogs.queue import searches
from catsdogs.queue.searches import Search
from catsdogs.runs import Run, store
from catsdogs.settings import presets
from catsdogs.system import words
from pages.parts.results import verdicts
from pages.parts.shared import chart, frame, names


def is_shown(run: Run) -> bool:
    """Whether it ended early, and far enough to say something about its settings."""
    return run.ending == store.PRUNED and summaries.make(run)["val_accuracy"] is not None


def mention_unreadable() -> None:
    """What of the searches can't be read. Their runs are shown as those of a sweep."""
    for damaged in searches.list_unreadable():
        st.warning(f"A search can't be read. {names.said(damaged)}", icon=":material/broken_image:")


def say(found: Search) -> None:
    """What was asked, what became of its runs, how much time is left or why it has ended."""
    counted = Counter(found.runs.values())
    states = ", ".join(f"{count} {state}" for state, count in counted.items())
    spent = f"its runs have trained for {words.duration(found.spent)} of {words.duration(found.seconds)}"
    st.markdown(
        f"A search that began from **{names.plain(presets.title(found.base))}**: {names.counted(len(found.runs), 'run')}, {states}."
    )
    if found.ended:
        st.caption(f":material/flag: {names.plain(names.visible(found.said))} {spent[:1].upper()}{spent[1:]}.")
    elif found.is_busy:
        waits = f" Waiting: {names.said(found.note)}" if found.note else ""
        st.caption(f":material/schedule: Still running; {spent}.{waits}")
    else:
        st.caption(":material/flag: It was cancelled.")


def columns(found: Search, run: Run) -> dict:
    """What its table has instead of the seed, which is the same for all."""
    return {"outcome": f"{run.ending} (first run)" if run.id == found.first else run.ending}


def show_shares(found: Search) -> None:
    """How much each setting matters."""
    if not found.shares:
        chart.show_missing("What matters", "Known once at least six runs have finished or been pruned (stopped early).")
        return
    shares = sorted(found.shares.items(), key=lambda each: -each[1])
    about = "How much of the differences in validation accuracy each setting explains by itself, as a random forest estimates it (fANOVA)."
    figure = figures.importance([Importance(name, share, {}) for name, share in shares], names.label)
    chart.show(figure, "What matters", key="sweep-importance", help=about, can_zoom=False)
    st.caption("The rest is due to settings acting together and to chance. With few runs, chance alone can make a share large.")


def show_best(found: Search, members: Sequence[Run]) -> None:
    """The best run by validation, and by how much it beats the one that the search began from on the held-out photographs."""
    best = choice.best(members)
    if best is None:
        if why := choice.refusal(members):
            st.header("The best run", anchor=False)
            st.markdown(why)
        return
    began = presets.title(found.base)
    settings = ", ".join(names.setting(name, getattr(best.config, name)) for name in choice.changed(found.base, best))
    called = best.label.name or settings or began
    judged = choice.judge(found.first, members, began, called)
    st.header("The best run", anchor=False)
    st.markdown(f"{names.plain(judged.chosen)} [Open]({frame.address(f'results?run={best.id}')})")
    st.markdown(f"**{names.plain(judged.compared)}**")
    if judged.comparison:
        verdicts.show_tests([judged.comparison])
