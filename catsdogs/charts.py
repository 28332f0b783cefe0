"""Tables -> figures. ECharts options for what changes while one looks, Plotly figures for finished runs; nothing is read here.

Training is always dashed, validation solid; cats are orange, dogs blue.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

CAT, DOG = "#d9622b", "#4381cb"  # each is clear on a light and on a dark ground
PALETTE = (CAT, DOG, "#3f8f6b", "#a4529a", "#c9a227", "#5d6b78", "#b23a48", "#4aa3b8")
_QUIET = "#a08f7d"


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
        "series": [series("training", measure, _QUIET, "dashed"), series("validation", f"val_{measure}", CAT, "solid")],
    }


def curves(histories: dict[str, Sequence[dict]], measure: str) -> go.Figure:
    """One measure of several runs, by name, overlaid over the epochs; one colour a run."""
    figure = go.Figure()
    for index, (name, history) in enumerate(histories.items()):
        color = PALETTE[index % len(PALETTE)]
        epochs = [epoch["epoch"] for epoch in history]
        lines = ((f"val_{measure}", "solid", "validation"), (measure, "dash", "training"))
        for key, dash, part in lines:
            figure.add_scatter(
                x=epochs,
                y=[epoch[key] for epoch in history],
                mode="lines+markers" if len(history) <= 40 else "lines",
                line={"color": color, "dash": dash, "width": 2.5 if dash == "solid" else 1.5},
                name=part if len(histories) == 1 else name,
                legendgroup=name,
                showlegend=len(histories) == 1 or part == "validation",
                hovertemplate=f"%{{y:{'.1%' if measure == 'accuracy' else '.3f'}}} {part}<extra>{name}</extra>",
            )
    longest = max(map(len, histories.values()))
    figure.update_xaxes(title="epoch", showgrid=False, dtick=1 if longest <= 15 else None)
    figure.update_yaxes(title=measure, tickformat=".0%" if measure == "accuracy" else None)
    return _finished(figure, legend_below=True)


def confusion(matrix: Sequence[Sequence[int]], labels: tuple[str, str]) -> go.Figure:
    """Counts of truth (rows) by answer (columns), each cell with its share of the row."""
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
        figure.add_annotation(x=answers[answer], y=truths[truth], text=text, showarrow=False, font={"size": 17})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return _finished(figure)


def roc(false_rates: np.ndarray, true_rates: np.ndarray, auc: float, labels: tuple[str, str]) -> go.Figure:
    """The ROC curve with the diagonal of guessing; `labels[1]` is the positive class."""
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": _QUIET}, name="guessing", hoverinfo="skip")
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
    return _finished(figure, legend_below=True)


def _finished(figure: go.Figure, legend_below: bool = False) -> go.Figure:
    """The look that all figures share; colours of text and ground are the page's theme."""
    legend = {"orientation": "h", "yanchor": "top", "y": -0.22, "x": 0} if legend_below else {}
    return figure.update_layout(margin={"l": 8, "r": 24, "t": 16, "b": 8}, height=340, legend=legend, hovermode="closest")
