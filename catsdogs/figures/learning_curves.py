"""Learning curves of stored runs: each by itself, or groups as mean and band. `analysis.curves` smooths and averages."""

from collections.abc import Mapping, Sequence
from math import ceil, log10

import numpy as np
import plotly.graph_objects as go

from catsdogs.analysis import curves
from catsdogs.analysis.curves import Curve
from catsdogs.figures import style
from catsdogs.figures.style import LineStyle

_COUNTED = 15  # up to so many epochs, each has a tick
_TICKS = 6  # about so many powers of ten at a logarithmic axis
_BEYOND = 0.02  # of an axis of accuracies, so that no line lies on its edge
_POINTS = 20_000  # of all lines of a figure; a browser draws them at once
_MARKED, _MARKS = 40, 6  # up to so many epochs, each has a marker; so many markers tell lines of one colour apart


def draw(
    named: Mapping[str, Curve], measure: str, axis: str = "epoch", smoothing: float = 0.0, styles: Mapping[str, LineStyle] | None = None
) -> go.Figure:
    """One measure of several runs, by name, over epochs or minutes; one line style per run, by its name where `styles` has them.

    Each is marked where overfitting began (`curves.overfitting_from`); the gap of a single run is filled.
    """
    most = max(100, _POINTS // (2 * len(named)))
    longest = max(len(curve.epochs) for curve in named.values())
    traces, began = [], []
    styles = styles or style.line_styles(named)
    for given, curve in named.items():
        name = style.entry(given)
        about = {"line_style": styles[given], "is_alone": len(named) == 1, "is_marked": longest <= _MARKED}
        x = curve.along(axis)
        for subset in ("validation", "training"):
            y = curves.smooth(getattr(curve, subset)[measure], smoothing)
            traces.append(_line(name, subset, measure, curves.thin(x, y, most), **about))
        epoch = curves.overfitting_from(curve)
        if epoch is not None:
            y = curves.smooth(curve.validation[measure], smoothing)
            began.append((x[epoch - 1], y[epoch - 1], styles[given].color, f"{name}: epoch {epoch}"))
    traces += [_onsets(began)] if began else []
    drawn = f"{measure}, training dashed" if len(named) > 1 else measure  # else the legend tells
    return _over(go.Figure(traces), axis, measure, longest, drawn)  # all at once: Plotly validates each trace added later twice


def draw_groups(
    grouped: Mapping[str, Sequence[Curve]],
    measure: str,
    axis: str = "epoch",
    smoothing: float = 0.0,
    styles: Mapping[str, LineStyle] | None = None,
) -> go.Figure:
    """One measure of groups of runs: the mean of each, and a band from its lowest to its highest run; styles as in `draw`."""
    figure = go.Figure()
    styles = styles or style.line_styles(grouped)
    for given, several in grouped.items():
        label = style.entry(f"{given} ({len(several)} run{'s' if len(several) > 1 else ''})")
        drawn = {"line_style": styles[given], "is_alone": len(grouped) == 1, "is_marked": False}
        for subset in ("validation", "training"):
            band = curves.band(several, measure, subset, axis, smoothing)
            outline = np.concatenate([band.x, band.x[::-1]]), np.concatenate([band.high, band.low[::-1]])
            about = {"legendgroup": label, "showlegend": False, "hoverinfo": "skip", "mode": "lines"}
            fill = style.translucent(styles[given].color, 0.16 if subset == "validation" else 0.07)
            figure.add_scatter(x=outline[0], y=outline[1], fill="toself", fillcolor=fill, line={"width": 0}, **about)
            figure.add_trace(_line(label, subset, measure, (band.x, band.mean), **drawn))
    longest = max(len(curve.epochs) for several in grouped.values() for curve in several)
    return _over(figure, axis, measure, longest, f"{measure}: mean and range" + (", training dashed" if len(grouped) > 1 else ""))


def _line(name: str, subset: str, measure: str, points: tuple, line_style: LineStyle, is_alone: bool, is_marked: bool) -> dict:
    is_solid = subset == "validation"
    is_point = len(points[0]) == 1  # which can't be seen without a marker
    is_told_apart = is_solid and not line_style.is_plain
    is_marked = is_point or (is_marked and line_style.is_plain)
    marker = {"symbol": line_style.symbol, "size": 8 if is_told_apart or is_point else 6, "maxdisplayed": 0 if is_marked else _MARKS}
    return {
        "type": "scatter",
        "x": points[0],
        "y": points[1],
        "mode": "lines+markers" if is_marked or is_told_apart else "lines",
        "marker": marker,
        "line": {
            "color": style.QUIET if is_alone and not is_solid else line_style.color,
            "dash": "solid" if is_solid else "dash",
            "width": 2.5 if is_solid else 1.5,
        },
        "name": subset if is_alone else name,
        "legendgroup": subset if is_alone else name,
        "showlegend": is_alone or is_solid,
        "hovertemplate": f"%{{y:{'.1%' if measure == 'accuracy' else ',.3f'}}} {subset}<extra>{name}</extra>",
        **({"fill": "tonexty", "fillcolor": style.translucent(line_style.color, 0.10)} if is_alone and not is_solid else {}),
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
        "hovertemplate": "%{text}: the lowest validation loss; the training loss kept falling<extra></extra>",
    }


def _over(figure: go.Figure, axis: str, measure: str, longest: int, title: str) -> go.Figure:
    """The figure with its axes; the `title` says what is drawn, as a saved figure has no caption."""
    ticks = {} if axis != "epoch" or longest > _COUNTED else {"dtick": 1} if longest > 1 else {"tickvals": [1]}  # there is no epoch 0
    figure.update_xaxes(showgrid=False, **ticks)
    figure.update_xaxes(title="epoch" if axis == "epoch" else f"{_in_its_unit(figure)} of training")
    if measure == "accuracy":
        figure.update_yaxes(title=title, **style.shares(), autorangeoptions={"clipmin": -_BEYOND, "clipmax": 1 + _BEYOND})
    elif style.is_wide(losses := [value for trace in figure.data for value in trace.y]):
        drawn = [value for value in losses if value > 0]
        powers = ceil(log10(max(drawn) / min(drawn)) / _TICKS) or 1
        figure.update_yaxes(title=f"{title}, logarithmic", type="log", dtick=powers, tickformat="~g")
    else:
        figure.update_yaxes(title=title)
    return style.finished(figure, legend_below=True)


def _in_its_unit(figure: go.Figure) -> str:
    """Have the times of a figure, in minutes, counted in what their axis counts."""
    ends = [trace.x[-1] for trace in figure.data if len(trace.x)]  # none of a band whose curves have no minute in common
    unit, length = style.unit_of_time(ends or [0])
    if length > 1:
        for trace in figure.data:
            trace.x = np.asarray(trace.x) / length
    return unit
