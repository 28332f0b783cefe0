"""Learning curves of a run while it trains, as ECharts options, which, unlike Plotly figures, are updated in place."""

from collections.abc import Sequence
from math import floor

from catsdogs.figures import style

_LOWEST = 40  # percent, a little below chance


def option(epochs: Sequence[dict], measure: str, total: int) -> dict:
    """The option for one measure, "accuracy" or "loss", over the epochs so far, on an axis of all `total` epochs.

    The axis of accuracies goes from 40 to 100%, so that it stands still while the run learns, and lower by tens where the run does.
    """
    is_share = measure == "accuracy"
    scale = 100 if is_share else 1  # ECharts' axis has no format for shares

    def series(name: str, key: str, color: str, kind: str) -> dict:
        return {
            "name": name,
            "type": "line",
            "data": [[epoch["epoch"], None if epoch[key] is None else round(scale * epoch[key], 4)] for epoch in epochs],
            "lineStyle": {"type": kind, "width": 2.5, "color": color},
            "itemStyle": {"color": color},
            "symbol": "circle",
            "symbolSize": 7 if len(epochs) <= 40 else 0,
        }

    def lowest() -> int:
        seen = [epoch[key] for epoch in epochs for key in (measure, f"val_{measure}") if epoch[key] is not None]
        return min((_LOWEST, *(floor(10 * value) * 10 for value in seen)))

    if is_share:
        height = {"type": "value", "min": lowest(), "max": 100, "axisLabel": {"formatter": "{value}%"}}
    elif style.is_wide(epoch[key] for epoch in epochs for key in (measure, f"val_{measure}")):
        height = {"type": "log"}
    else:
        height = {"type": "value", "min": 0}
    whole = {"min": 1, "max": max(total, 2), "minInterval": 1}
    return {
        "animationDuration": 300,
        "grid": {"left": 8, "right": 18, "top": 32, "bottom": 28, "containLabel": True},
        "legend": {"top": 0, "left": 4, "itemWidth": 36},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%" if is_share else "%.3f"},
        "xAxis": {"type": "value", "name": "epoch", "nameLocation": "middle", "nameGap": 26, "splitLine": {"show": False}, **whole},
        "yAxis": height,
        "series": [series("training", measure, style.QUIET, "dashed"), series("validation", f"val_{measure}", style.CAT, "solid")],
    }
