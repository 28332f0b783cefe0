"""The runs of a sweep: their settings and validation accuracy as parallel coordinates; the best so far against time; what matters."""

from collections.abc import Callable, Mapping, Sequence
from math import log10

import plotly.graph_objects as go

from catsdogs.analysis.best_so_far import Step
from catsdogs.analysis.importance import Importance
from catsdogs.figures import style

_MOST_PLACES = 6  # of values that each have their place on an axis
_LOG_FROM = 10  # a scale is logarithmic where its ends are this many times apart
_STEPS = 4  # between the ticks of a scale
_FINE = 0.005  # of accuracies: below, ticks with one decimal would be alike
_COLORS = [[0, style.QUIET], [0.5, style.DOG], [1, style.CAT]]


def parallel(settings: Mapping[str, Sequence], accuracies: Sequence[float], written: Callable[[object], str] = str) -> go.Figure:
    """A line for each run through the values of its settings to its validation accuracy, the better the more orange.

    `settings` has the values of each setting, run by run; `written` says how a value is shown.
    """
    dimensions = [_dimension(name, values, written) for name, values in settings.items()]
    dimensions.append({"label": "validation", "values": list(accuracies), **_shares(min(accuracies), max(accuracies))})
    figure = go.Figure(go.Parcoords(line={"color": list(accuracies), "colorscale": _COLORS}, dimensions=dimensions, labelangle=0))
    return style.finished(figure).update_layout(margin={"l": 56, "r": 56, "t": 70, "b": 24})


def best_so_far(steps: Sequence[Step], names: Sequence[str]) -> go.Figure:
    """The validation accuracy of each run, when it ended, and the best up to then."""
    figure = go.Figure()
    unit, length = style.unit_of_time([step.minutes for step in steps])
    times = [step.minutes / length for step in steps]
    figure.add_scatter(
        x=times,
        y=[step.accuracy for step in steps],
        mode="markers",
        marker={"size": 8, "color": style.QUIET},
        name="each run",
        cliponaxis=False,  # a dot at 100% is on the edge
        text=[style.literal(name) for name in names],
        hovertemplate=f"%{{y:.1%}} after %{{x:{',.0f' if length == 1 else ',.1f'}}} {unit}<extra>%{{text}}</extra>",
    )
    best = [step.best for step in steps]
    figure.add_scatter(
        x=times, y=best, mode="lines", line={"shape": "hv", "color": style.CAT, "width": 2.5}, name="best so far", hoverinfo="skip"
    )
    figure.update_xaxes(title=f"{unit} since the first run began", showgrid=False, rangemode="tozero")
    figure.update_yaxes(title="validation accuracy", **style.shares(), autorangeoptions={"clipmin": 0, "clipmax": 1})
    return style.finished(figure, legend_below=True)


def importance(found: Sequence[Importance], written: Callable[[str], str] = str) -> go.Figure:
    """A bar for each setting, the most important on top: the share of the differences that it explains by itself."""
    figure = go.Figure(
        go.Bar(
            x=[each.share for each in found],
            y=[style.literal(written(each.setting)) for each in found],
            orientation="h",
            marker={"color": style.DOG},
            text=[f"{each.share:.1%}" for each in found],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(
        title="share of the differences in accuracy", tickformat=".0%", range=[0, 1.12], showgrid=False, tickvals=[0, 0.5, 1]
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    return style.finished(figure).update_layout(height=130 + 40 * len(found))


def _dimension(name: str, values: Sequence, written: Callable[[object], str]) -> dict:
    """An axis with every value at equal distances, the lowest at the bottom; of many numbers, a scale."""
    if len(set(values)) > _MOST_PLACES and all(type(value) in (int, float) for value in values):
        return _scale(name, values)
    distinct = sorted(set(values), key=lambda value: (value is not None, isinstance(value, str), value if value is not None else 0))
    places = [distinct.index(value) for value in values]
    ticks = {"tickvals": list(range(len(distinct))), "ticktext": [style.literal(written(value)) for value in distinct]}
    return {"label": style.literal(name), "values": places, "range": [-0.1, max(len(distinct) - 0.9, 0.1)], **ticks}


def _shares(low: float, high: float) -> dict:
    """An axis from the lowest to the highest accuracy; its ticks are written out, as Plotly would label the ends twice."""
    if low == high:
        return {"range": [low - 0.01, high + 0.01], "tickvals": [low], "ticktext": [f"{low:.1%}"]}
    ticks = [low + (high - low) * step / _STEPS for step in range(_STEPS + 1)]
    decimals = 1 if high - low > _FINE else 2
    return {"range": [low, high], "tickvals": ticks, "ticktext": [f"{tick:.{decimals}%}" for tick in ticks]}


def _scale(name: str, values: Sequence[float]) -> dict:
    """An axis for numbers from a range: by factors where they are far apart."""
    low, high = min(values), max(values)
    is_log = low > 0 and high / low >= _LOG_FROM
    places = [log10(value) if is_log else value for value in values]
    ticks = [min(places) + (max(places) - min(places)) * step / _STEPS for step in range(_STEPS + 1)]
    written = [f"{10**tick if is_log else tick:.2g}" for tick in ticks]
    return {"label": style.literal(name), "values": places, "range": [ticks[0], ticks[-1]], "tickvals": ticks, "ticktext": written}
