"""Curves and accuracies -> figures: ECharts options for what changes as one looks, Plotly for finished runs. Nothing is read here.

Those of one evaluation are in `diagnostics`.

Training is always dashed, validation solid; cats are orange, dogs blue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from catsdogs.analysis import curves as calculation
from catsdogs.analysis.curves import Curve
from catsdogs.analysis.significance import Spread

CAT, DOG = "#d9622b", "#4381cb"  # each is clear on a light and on a dark ground
PALETTE = (CAT, DOG, "#3f8f6b", "#a4529a", "#c9a227", "#5d6b78", "#b23a48", "#4aa3b8")
_HEIGHT, _ROWS = 320, 12  # px of a figure without its legend; rows of a legend, the others are scrolled to
QUIET = "#a08f7d"
_POINTS = 20_000  # of all lines of a figure together; more than a browser draws in a moment


@dataclass(frozen=True)
class Point:
    """Held-out accuracy of a run with its interval, and what it cost (`x`, above 0)."""

    name: str
    x: float
    accuracy: float
    low: float
    high: float


def live_curve(history: Sequence[dict], measure: str, epochs: int) -> dict:
    """An ECharts option of one measure, "accuracy" or "loss", over the epochs so far, on an axis of all `epochs`."""
    is_share = measure == "accuracy"
    scale = 100 if is_share else 1  # ECharts' axis has no format for shares

    def series(name: str, key: str, color: str, kind: str) -> dict:
        return {
            "name": name,
            "type": "line",
            "data": [[epoch["epoch"], None if epoch[key] is None else round(scale * epoch[key], 4)] for epoch in history],
            "lineStyle": {"type": kind, "width": 2.5, "color": color},
            "itemStyle": {"color": color},
            "symbol": "circle",
            "symbolSize": 7 if len(history) <= 40 else 0,
        }

    whole = {"min": 1, "max": max(epochs, 2), "minInterval": 1}
    return {
        "animationDuration": 300,
        "grid": {"left": 8, "right": 18, "top": 42, "bottom": 28, "containLabel": True},
        "legend": {"top": 6, "right": 8},
        "title": {"text": measure.capitalize(), "left": 4, "top": 2, "textStyle": {"fontSize": 15, "fontWeight": 600}},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f %%" if is_share else "%.3f"},
        "xAxis": {"type": "value", "name": "epoch", "nameLocation": "middle", "nameGap": 26, "splitLine": {"show": False}, **whole},
        "yAxis": {"type": "value", **({"min": 40, "max": 100, "axisLabel": {"formatter": "{value} %"}} if is_share else {"min": 0})},
        "series": [series("training", measure, QUIET, "dashed"), series("validation", f"val_{measure}", CAT, "solid")],
    }


def curves(named: Mapping[str, Curve], measure: str, axis: str = "epoch", smoothing: float = 0.0) -> go.Figure:
    """One measure of several runs, by name, over the epochs or minutes; one colour a run.

    Where overfitting began (`curves.overfitting_from`) is marked on each; the gap of a single run is filled.
    """
    most = max(100, _POINTS // (2 * len(named)))
    longest = max(len(curve.epochs) for curve in named.values())
    traces, began = [], []
    for index, (name, curve) in enumerate(named.items()):
        look = {"color": PALETTE[index % len(PALETTE)], "is_alone": len(named) == 1, "mode": "lines+markers" if longest <= 40 else "lines"}
        x = curve.along(axis)
        for part in ("validation", "training"):
            y = calculation.smooth(getattr(curve, part)[measure], smoothing)
            traces.append(_line(name, part, measure, calculation.thin(x, y, most), **look))
        epoch = calculation.overfitting_from(curve)
        if epoch is not None:
            y = calculation.smooth(curve.validation[measure], smoothing)
            began.append((x[epoch - 1], y[epoch - 1], look["color"], f"{name}: epoch {epoch}"))
    traces += [_onsets(began)] if began else []
    return _over(go.Figure(traces), axis, measure, longest)  # at once: each trace that is added later is checked twice


def bands(grouped: Mapping[str, Sequence[Curve]], measure: str, axis: str = "epoch", smoothing: float = 0.0) -> go.Figure:
    """One measure of groups of runs: the mean of each, and a band from its lowest to its highest run; one colour a group."""
    figure = go.Figure()
    for index, (name, several) in enumerate(grouped.items()):
        look = {"color": PALETTE[index % len(PALETTE)], "is_alone": len(grouped) == 1, "mode": "lines"}
        for part in ("validation", "training"):
            band = calculation.band(several, measure, part, axis, smoothing)
            outline = np.concatenate([band.x, band.x[::-1]]), np.concatenate([band.high, band.low[::-1]])
            about = {"legendgroup": name, "showlegend": False, "hoverinfo": "skip", "mode": "lines"}
            fill = clear(look["color"], 0.16 if part == "validation" else 0.07)
            figure.add_scatter(x=outline[0], y=outline[1], fill="toself", fillcolor=fill, line={"width": 0}, **about)
            label = f"{name} ({len(several)} run{'s' if len(several) > 1 else ''})"
            figure.add_trace(_line(label, part, measure, (band.x, band.mean), **look))
    longest = max(len(curve.epochs) for several in grouped.values() for curve in several)
    return _over(figure, axis, measure, longest)


def _line(name: str, part: str, measure: str, points: tuple, color: str, is_alone: bool, mode: str) -> dict:
    is_solid = part == "validation"
    return {
        "type": "scatter",
        "x": points[0],
        "y": points[1],
        "mode": mode,
        "line": {"color": color, "dash": "solid" if is_solid else "dash", "width": 2.5 if is_solid else 1.5},
        "name": part if is_alone else name,
        "legendgroup": part if is_alone else name,
        "showlegend": is_alone or is_solid,
        "hovertemplate": f"%{{y:{'.1%' if measure == 'accuracy' else '.3f'}}} {part}<extra>{name}</extra>",
        **({"fill": "tonexty", "fillcolor": clear(color, 0.10)} if is_alone and not is_solid else {}),
    }


def _onsets(began: Sequence[tuple[float, float, str, str]]) -> dict:
    """A diamond for each (x, y, colour, text)."""
    x, y, colors, texts = zip(*began, strict=True)
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "markers",
        "marker": {"symbol": "diamond", "size": 12, "color": colors, "line": {"width": 2, "color": "white"}},
        "name": "overfitting begins",
        "text": texts,
        "hovertemplate": "%{text}, from which the validation loss falls no more while the training loss does<extra></extra>",
    }


def _over(figure: go.Figure, axis: str, measure: str, longest: int) -> go.Figure:
    title = "epoch" if axis == "epoch" else "minutes of training"
    figure.update_xaxes(title=title, showgrid=False, dtick=1 if longest <= 15 and axis == "epoch" else None)
    figure.update_yaxes(title=measure, tickformat=".0%" if measure == "accuracy" else None)
    return finished(figure, legend_below=True)


def accuracy_against(points: Sequence[Point], title: str) -> go.Figure:
    """Held-out accuracy with its 95 % interval over what it cost, on a logarithmic axis; one colour a name."""
    named: dict[str, list[Point]] = {}
    for point in points:
        named.setdefault(point.name, []).append(point)
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
            "marker": {"size": 11, "color": PALETTE[index % len(PALETTE)]},
            "name": name,
            "showlegend": len(named) <= _ROWS,
            "customdata": [[point.low, point.high] for point in members],
            "hovertemplate": f"%{{y:.1%}} [%{{customdata[0]:.1%}}, %{{customdata[1]:.1%}}]<br>%{{x:,.3~g}} {title}<extra>{name}</extra>",
        }
        for index, (name, members) in enumerate(named.items())
    ]
    figure = go.Figure(traces)
    figure.update_xaxes(title=title, type="log", showgrid=False, dtick="D2", tickformat="~s" if points[0].x > 1000 else "~g")
    figure.update_yaxes(title="held-out accuracy", tickformat=".0%")
    return finished(figure, legend_below=True)


def steps(titles: Sequence[str], held_out: Sequence[Spread], training: Sequence[Spread]) -> go.Figure:
    """Accuracy step by step, the first on top: a dot for the mean with its interval; held out is solid, training is hollow."""
    places = [title.replace(" · ", "<br>", 1) for title in titles]
    figure = go.Figure()
    strong, quiet = {"thickness": 2.5, "width": 6}, {"thickness": 1, "width": 0}
    parts = (("training", training, QUIET, "circle-open", quiet), ("held out", held_out, CAT, "circle", strong))
    for name, spreads, color, symbol, bars in parts:
        half = [None if spread.high is None else spread.high - spread.mean for spread in spreads]
        figure.add_scatter(
            x=[spread.mean for spread in spreads],
            y=places,
            error_x={"array": half, **bars},
            mode="markers",
            marker={"color": color, "symbol": symbol, "size": 12, "line": {"width": 2, "color": color}},
            name=name,
            customdata=[spread.count for spread in spreads],
            hovertemplate=f"%{{x:.1%}} {name}, %{{customdata}} seeds<extra>%{{y}}</extra>",
        )
    figure.update_xaxes(title="accuracy", tickformat=".0%")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return finished(figure, legend_below=True).update_layout(height=120 + 62 * len(titles))


def clear(color: str, opacity: float) -> str:
    """The colour, #rrggbb, seen through."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def finished(figure: go.Figure, legend_below: bool = False) -> go.Figure:
    """The look that all figures share; colours of text and ground are the page's theme."""
    figure.update_layout(margin={"l": 8, "r": 24, "t": 16, "b": 8}, height=_HEIGHT, hovermode="closest")
    if legend_below:
        shown = [trace.name for trace in figure.data if trace.showlegend is not False]
        is_row = sum(7 * len(name) + 50 for name in shown) < 560  # px, of half a page
        rows = 1 if is_row else min(len(shown), _ROWS)
        below = 20 * max(rows, 2) + 14  # a single row becomes two on a telephone
        legend = {
            "orientation": "h" if is_row else "v",
            "yref": "container",
            "yanchor": "bottom",
            "y": 0,
            "x": 0,
            "maxheight": below,
            "tracegroupgap": 0,
        }
        figure.update_layout(legend=legend, height=_HEIGHT + below, margin={"b": below + 48})
        figure.update_xaxes(title={"standoff": 8})
    return figure
