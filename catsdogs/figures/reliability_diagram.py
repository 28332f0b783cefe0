"""The reliability diagram: accuracy by confidence, with the diagonal of perfect calibration."""

import plotly.graph_objects as go

from catsdogs.analysis.calibration import Calibration
from catsdogs.figures import style

FEW = 20  # photographs in a bin: chance moves its accuracy by ten points and more


def draw(calibration: Calibration, before: Calibration | None = None) -> go.Figure:
    """A bar for each bin, with a dot at its mean confidence; and hollow dots for those `before` the temperature, if there is one.

    The more photographs, the larger the dot; bars of few photographs are pale.
    """
    figure = go.Figure()
    figure.add_scatter(x=[0.5, 1], y=[0.5, 1], mode="lines", line={"dash": "dot", "color": style.QUIET}, name="ideal", hoverinfo="skip")
    figure.add_bar(
        x=[(bin.low + bin.high) / 2 for bin in calibration.bins],
        y=[bin.accuracy for bin in calibration.bins],
        width=[0.9 * (bin.high - bin.low) for bin in calibration.bins],
        marker={
            "color": [style.translucent(style.DOG, 0.15 if bin.count < FEW else 0.45) for bin in calibration.bins],
            "line": {"width": 0},
        },
        customdata=[[bin.count, bin.confidence] for bin in calibration.bins],
        hovertemplate="%{y:.1%} of %{customdata[0]:,} photographs correct<br>mean confidence %{customdata[1]:.1%}<extra></extra>",
        name="accuracy",
    )
    if before:
        _add_dots(figure, before, "before", {"color": style.CAT, "symbol": "circle-open", "line": {"width": 2}})
    _add_dots(figure, calibration, "after" if before else "mean confidence", {"color": style.DOG})
    figure.update_xaxes(title="confidence", tickformat=".0%", range=[0.5, 1.0])
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=[0, 1.02])
    return style.finished(figure, legend_below=True).update_layout(legend={"itemsizing": "constant"})


def _add_dots(figure: go.Figure, calibration: Calibration, name: str, marker: dict) -> None:
    """One for each bin, at its mean confidence."""
    total = sum(bin.count for bin in calibration.bins)
    figure.add_scatter(
        x=[bin.confidence for bin in calibration.bins],
        y=[bin.accuracy for bin in calibration.bins],
        mode="markers",
        marker={**marker, "size": [5 + 14 * (bin.count / total) ** 0.5 for bin in calibration.bins], "opacity": 1},
        cliponaxis=False,  # the dot of those that are all right is on the edge
        customdata=[bin.count for bin in calibration.bins],
        hovertemplate=f"{name}: %{{y:.1%}} of %{{customdata:,}} photographs correct<br>mean confidence %{{x:.1%}}<extra></extra>",
        name=name,
    )
