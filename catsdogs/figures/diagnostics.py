"""An evaluation -> figures of how a model errs: confusion matrix, ROC curve, reliability diagram. Their look is that of `charts`."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from catsdogs.analysis.evaluation import Calibration
from catsdogs.figures.charts import CAT, DOG, QUIET, clear, finished


def confusion(matrix: Sequence[Sequence[int]], labels: tuple[str, str], ink: str) -> go.Figure:
    """Counts of truth (rows) by answer (columns), each cell with its share of the row, written in the colour `ink`.

    Over each cell lies a point that can be selected; its custom data is [truth, answer].
    """
    counts = np.array(matrix)
    shares = counts / counts.sum(axis=1, keepdims=True)
    answers, truths = [f"taken for {label}" for label in labels], [f"is a {label}" for label in labels]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=answers,
            y=truths,
            colorscale=[[0, "rgba(217,98,43,0.06)"], [1, "rgba(217,98,43,0.85)"]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=4,
            ygap=4,
            hoverinfo="skip",
        )
    )
    for truth, answer in np.ndindex(2, 2):  # a heatmap's own text takes no colour from the theme
        text = f"<b>{counts[truth, answer]:,}</b><br>{shares[truth, answer]:.1%}"
        figure.add_annotation(x=answers[answer], y=truths[truth], text=text, showarrow=False, font={"size": 17, "color": ink})
    cells = list(np.ndindex(2, 2))
    figure.add_scatter(  # a heatmap can't be clicked on
        x=[answers[answer] for _, answer in cells],
        y=[truths[truth] for truth, _ in cells],
        customdata=cells,
        mode="markers",
        marker={"symbol": "square", "size": 110, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="Click to see these photographs<extra></extra>",
        showlegend=False,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return finished(figure).update_layout(dragmode=False, clickmode="event+select")


def roc(false_rates: np.ndarray, true_rates: np.ndarray, auc: float, labels: tuple[str, str]) -> go.Figure:
    """The ROC curve with the diagonal of guessing; `labels[1]` is the positive class."""
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": QUIET}, name="guessing", hoverinfo="skip")
    figure.add_scatter(
        x=false_rates,
        y=true_rates,
        mode="lines",
        line={"color": CAT, "width": 2.5},
        fill="tozeroy",
        fillcolor="rgba(217,98,43,0.10)",
        name=f"AUC {auc:.3f}",
        hovertemplate="%{x:.1%} false, %{y:.1%} true<extra></extra>",
    )
    figure.update_xaxes(title=f"{labels[0]}s taken for {labels[1]}s", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title=f"{labels[1]}s found", tickformat=".0%", range=[0, 1.01])
    return finished(figure, legend_below=True)


def reliability(calibration: Calibration) -> go.Figure:
    """The reliability diagram: accuracy over confidence, with the diagonal of perfect calibration."""
    figure = go.Figure()
    confidences, accuracies = ([getattr(bin, name) for bin in calibration.bins] for name in ("confidence", "accuracy"))
    figure.add_scatter(
        x=[0.5, 1], y=[0.5, 1], mode="lines", line={"dash": "dot", "color": QUIET}, name="perfectly calibrated", hoverinfo="skip"
    )
    figure.add_bar(
        x=[(bin.low + bin.high) / 2 for bin in calibration.bins],
        y=accuracies,
        width=[0.9 * (bin.high - bin.low) for bin in calibration.bins],
        marker={"color": clear(DOG, 0.45), "line": {"width": 0}},
        customdata=[[bin.count, bin.confidence] for bin in calibration.bins],
        hovertemplate="%{y:.1%} right of %{customdata[0]:,} photographs<br>at a mean confidence of %{customdata[1]:.1%}<extra></extra>",
        name="accuracy",
    )
    figure.add_scatter(
        x=confidences, y=accuracies, mode="markers", marker={"color": DOG, "size": 8}, name="at its mean confidence", hoverinfo="skip"
    )
    figure.update_xaxes(title="confidence", tickformat=".0%", range=[0.5, 1.0])
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=[0, 1.02])
    return finished(figure, legend_below=True)
