"""The reliability diagram: accuracy by confidence, with the diagonal of perfect calibration."""

import plotly.graph_objects as go

from catsdogs.analysis.calibration import Calibration
from catsdogs.figures import style


def draw(calibration: Calibration, before: Calibration | None = None) -> go.Figure:
    """A bar for each bin, with a dot at its mean confidence; and hollow dots for those `before` the temperature, if there is one."""
    figure = go.Figure()
    confidences, accuracies = ([getattr(bin, name) for bin in calibration.bins] for name in ("confidence", "accuracy"))
    figure.add_scatter(x=[0.5, 1], y=[0.5, 1], mode="lines", line={"dash": "dot", "color": style.QUIET}, name="ideal", hoverinfo="skip")
    figure.add_bar(
        x=[(bin.low + bin.high) / 2 for bin in calibration.bins],
        y=accuracies,
        width=[0.9 * (bin.high - bin.low) for bin in calibration.bins],
        marker={"color": style.translucent(style.DOG, 0.45), "line": {"width": 0}},
        customdata=[[bin.count, bin.confidence] for bin in calibration.bins],
        hovertemplate="%{y:.1%} of %{customdata[0]:,} photographs correct<br>mean confidence %{customdata[1]:.1%}<extra></extra>",
        name="accuracy",
    )
    if before:
        figure.add_scatter(
            x=[bin.confidence for bin in before.bins],
            y=[bin.accuracy for bin in before.bins],
            mode="lines+markers",
            marker={"color": style.CAT, "symbol": "circle-open", "size": 8, "line": {"width": 2}},
            line={"color": style.translucent(style.CAT, 0.5), "width": 1.5},
            customdata=[bin.count for bin in before.bins],
            hovertemplate="%{y:.1%} of %{customdata:,} photographs correct<br>mean confidence %{x:.1%}<extra>before</extra>",
            name="before the temperature",
        )
    figure.add_scatter(
        x=confidences, y=accuracies, mode="markers", marker={"color": style.DOG, "size": 8}, name="mean confidence", hoverinfo="skip"
    )
    figure.update_xaxes(title="confidence", tickformat=".0%", range=[0.5, 1.0])
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=[0, 1.02])
    return style.finished(figure, legend_below=True)
