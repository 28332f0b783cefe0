"""Held-out accuracy of runs by what they cost: time or weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from catsdogs.figures import style

_WIDE = 3  # from the least to the largest cost; below, a logarithmic axis may have no number


@dataclass(frozen=True)
class Point:
    """Held-out accuracy of a run with its interval, and its cost `x`, above 0."""

    name: str
    x: float
    accuracy: float
    low: float
    high: float


def draw(points: Sequence[Point], title: str, colors: Mapping[str, str] | None = None) -> go.Figure:
    """Held-out accuracy with its 95% interval by cost, on a logarithmic axis unless costs are alike; colours as in `learning_curves`."""
    named: dict[str, list[Point]] = {}
    for point in points:
        named.setdefault(point.name, []).append(point)
    colors = colors or style.colors(named)
    traces = [
        {
            "type": "scatter",
            "x": [point.x for point in members],
            "y": [point.accuracy for point in members],
            "error_y": {
                "array": [point.high - point.accuracy for point in members],
                "arrayminus": [point.accuracy - point.low for point in members],
                "width": 5,
            },
            "mode": "markers",
            "marker": {"size": 11, "color": colors[given]},
            "name": style.literal(given),
            "cliponaxis": False,  # a point at 100% is on the edge
            "showlegend": len(named) <= style.LEGEND_ROWS,
            "customdata": [[point.low, point.high] for point in members],
            "hovertemplate": "%{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})<br>"
            f"%{{x:,.3~g}} {title}<extra>{style.literal(given)}</extra>",
        }
        for given, members in named.items()
    ]
    figure = go.Figure(traces)
    costs = [point.x for point in points]
    is_wide = max(costs) >= _WIDE * min(costs)
    axis = {"type": "log", "dtick": "D2"} if is_wide else {"type": "linear", "nticks": 5}
    figure.update_xaxes(title=title, showgrid=False, tickformat="~s" if points[0].x > 1000 else "~g", **axis)
    figure.update_yaxes(title="held-out accuracy", **style.shares(), autorangeoptions={"clipmin": 0, "clipmax": 1})
    return style.finished(figure, legend_below=True)
