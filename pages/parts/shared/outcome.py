"""How a run ended: its error or note, and its accuracy on the three subsets side by side, each with what that can and can't say."""

import streamlit as st

from catsdogs.analysis import evaluation
from catsdogs.analysis.evaluation import Evaluation, Score
from catsdogs.data import naming
from catsdogs.runs import Run, liveness, store
from catsdogs.system import words
from pages.parts.shared import names

_REASONS = {
    store.PRUNED: "Its search stopped it: after the same number of epochs, it was worse than the median of the runs before it.",
    store.OUT_OF_TIME: "The time of its search was up before it had finished.",
}


def show(run: Run) -> None:
    """As much of it as there is."""
    if run.state == "hung":
        st.warning(hung(run), icon=":material/hourglass_disabled:")
    if "error" in run.status:
        st.error(names.said(run.status["error"]), icon=":material/error:")
    elif "note" in run.status:
        st.warning(names.plain(run.status["note"]), icon=":material/info:")
    elif run.ending in _REASONS:
        st.info(_REASONS[run.ending], icon=":material/content_cut:")
    evaluated = evaluation.load(run)
    if evaluated is None:
        return
    with st.grid(columns=3, min_column_width=176, key="scores"):
        _show_score("Held-out", evaluated.test, names.interval(evaluated.test.low, evaluated.test.high), (
            "On photographs used neither to train nor to choose the epoch: what to expect on new photographs of the same kind. With 95% "
            "confidence, their accuracy is within the interval (Wilson)."
        ))  # fmt: skip
        _show_score("Validation", evaluated.validation, "chose the epoch", (
            f"On the photographs that chose the best epoch, so it tends to be too high for new ones, as does its 95% interval (Wilson), "
            f"{names.interval(evaluated.validation.low, evaluated.validation.high)}."
        ))  # fmt: skip
        _show_score("Training", evaluated.training, "learned from", (
            "On the photographs it was trained on. It says nothing about new ones, so there is no interval for these. If it is far above "
            "the other two, the network has memorised them."
        ))  # fmt: skip
    st.caption(
        "Judge the network by its held-out accuracy: only these photographs played no part in the training. The range is where its "
        "accuracy on new photographs of the same kind probably lies (95% confidence interval)."
    )
    if evaluated.caution:
        st.warning(_caution(run, evaluated), icon=":material/balance:")


def hung(run: Run) -> str:
    """Since when a run that hangs has made no progress, and what to do."""
    since = names.forecast(liveness.silence(run.folder))
    return f"No progress for {since}: its worker has hung. Stop it, or resume it after its last whole epoch; other runs are waiting for it."


def _show_score(subset: str, score: Score, qualified: str, about: str) -> None:
    delta = f"{qualified} · {names.counted(score.count, 'photograph')}"
    st.metric(f"{subset} accuracy", words.share(score.accuracy), delta, delta_color="off", delta_arrow="off", border=True, help=about)


def _caution(run: Run, evaluated: Evaluation) -> str:
    """Why the held-out accuracy means little, how good the network is on each class, and what to do."""
    found = evaluated.test.by_class
    recalls = zip(found.recall, naming.labels_of(evaluated.class_names), strict=True)
    recognised = " and ".join(f"{words.share(recall)} of the {names.plain(naming.plural_of(label))}" for recall, label in recalls)
    is_advised = found.larger is not None and run.config.class_weight == "none"
    return (
        f"**The held-out accuracy of {words.share(evaluated.test.accuracy)} is {names.plain(evaluated.caution)}.** The network recognised "
        f"{recognised}: a balanced accuracy of {found.balanced_accuracy:.1%}."
        + (" To make both classes count the same in training, set `class_weight` to balanced." if is_advised else "")
    )
