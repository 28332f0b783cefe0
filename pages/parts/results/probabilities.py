"""What a run's probabilities are worth: how well they rank the held-out photographs, and how far they can be trusted."""

import numpy as np
import streamlit as st

from catsdogs.analysis import calibration, evaluation
from catsdogs.data import naming
from catsdogs.figures import reliability_diagram, roc_curve
from catsdogs.runs import Run, predictions, temperature
from catsdogs.runs.temperature import Temperature
from pages.parts.shared import chart, names


def show(run: Run, auc: float, labels: tuple[str, str]) -> None:
    """The ROC curve beside the reliability diagram, each with what it says."""
    _, truths, probabilities = map(np.array, zip(*predictions.load(run), strict=True))
    left, right = st.columns(2)
    positive = names.plain(labels[1])
    classes = naming.plural_of(labels[0]), naming.plural_of(labels[1])
    low, high = evaluation.auc_by_chance(*np.bincount(truths, minlength=2))
    with left:
        about = f"On the held-out photographs; {positive} is the positive class."
        chart.show(roc_curve.draw(*evaluation.roc(truths, probabilities), auc, classes), "ROC curve", "roc", help=about)
        st.caption(
            f"Area under the curve (AUC): {auc:.3f}. That is how often a held-out photograph of {names.plain(classes[1])} gets a higher "
            f"probability of “{positive}” than one of {names.plain(classes[0])}, ties counting half. Guessing gives 0.5; with this many "
            f"photographs, between {low:.2f} and {high:.2f} in 19 of 20 cases."
        )
    with right:
        _show_calibration(run)


def _show_calibration(run: Run) -> None:
    fitted = temperature.load(run)
    answers = predictions.load(run)
    before, after = calibration.before_and_after(answers, fitted.value)
    by_chance = calibration.by_chance(calibration.temper([answer.probability for answer in answers], fitted.value))
    is_changed = fitted.value != 1
    about = (
        f"On the held-out photographs, in {calibration.BINS} bins of equal width. The larger a dot, the more photographs are in its bin; "
        f"bars of fewer than {reliability_diagram.FEW} are pale, as chance moves them most."
    )
    chart.show(reliability_diagram.draw(after, before if is_changed else None), "Calibration", "reliability", help=about)
    error = f"{100 * after.error:.1f} points" + (f", {100 * before.error:.1f} before the temperature" if is_changed else "")
    counted = names.counted(len(answers), "photograph")
    st.caption(
        "Of the photographs classified with 80% confidence, 80% should be correct; bars below the line show overconfidence, bars above it "
        "answers that are better than they claim. The mean distance from the dotted line is the expected calibration error (ECE): "
        f"{error}; of {counted}, chance alone makes it about {100 * by_chance:.1f}."
    )
    st.caption(_about(run, fitted))


def _about(run: Run, fitted: Temperature) -> str:
    """What the temperature is, and where it comes from."""
    if not fitted.photographs:
        return f"This run was stored before temperatures were fitted: `python -m catsdogs calibrate {run.id}` fits one."
    if fitted.value == 1:
        return fitted.note
    change = "more sure" if fitted.value < 1 else "less sure"
    return (
        f"A single number, the temperature, makes all answers {change}, here and on Classify, and changes none. It is {fitted.value:.2f}, "
        f"fitted on the {names.counted(fitted.photographs, 'validation photograph')}. {fitted.note}"
    ).rstrip()
