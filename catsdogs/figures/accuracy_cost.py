"""Held-out accuracy of runs by what they cost: time or weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10

import plotly.graph_objects as go

from catsdogs.figures import style
from catsdogs.figures.style import LineStyle

_WIDE = 3  # from the least to the largest cost; below, a logarithmic axis may have no number
_WIDEST, _TICKS = 100, 5  # beyond, 1, 2 and 5 of each power of ten would overlap; about so many powers have room


@dataclass(frozen=True)
class Point:
    """Held-out accuracy of a run with its interval, and its cost `x`, above 0."""

    name: str
    x: float
    accuracy: float
    low: float
    high: float


def draw(points: Sequence[Point], title: str, styles: Mapping[str, LineStyle] | None = None) -> go.Figure:
    """Held-out accuracy with its 95% interval by cost, on a logarithmic axis unless costs are alike; styles as in `learning_curves`."""
    named: dict[str, list[Point]] = {}
    for point in points:
        named.setdefault(point.name, []).append(point)
    styles = styles or style.line_styles(named)
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
            "marker": {"size": 11, "color": styles[given].color, "symbol": styles[given].symbol},
            "name": style.entry(given),
            "cliponaxis": False,  # a point at 100% is on the edge
            "showlegend": len(named) <= style.LEGEND_ROWS,
            "customdata": [[point.low, point.high] for point in members],
            "hovertemplate": "%{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})<br>"
            f"%{{x:,.3~f}} {title}<extra>{style.entry(given)}</extra>",
        }
        for given, members in named.items()
    ]
    figure = go.Figure(traces)
    costs = [point.x for point in points]
    ratio = max(costs) / min(costs)
    steps = {"type": "log", "dtick": "D2" if ratio <= _WIDEST else ceil(log10(ratio) / _TICKS)}
    axis = steps if ratio >= _WIDE else {"type": "linear", "nticks": 5}
    figure.update_xaxes(title=title, showgrid=False, tickformat="~s" if min(costs) >= 1000 else ",~f", **axis)
    figure.update_yaxes(title="held-out accuracy, 95% interval", **style.shares(), autorangeoptions={"clipmin": 0, "clipmax": 1})
    return style.finished(figure, legend_below=True)
