"""The confusion matrix of the held-out images; clicking a cell selects it."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from catsdogs.figures import style


def draw(matrix: Sequence[Sequence[int]], labels: tuple[str, str], ink: str) -> go.Figure:
    """Counts by true class (rows) and predicted class (columns), each with its share of the row, written in the colour `ink`.

    On each cell lies a point that can be selected; its custom data is [true class, predicted class].
    """
    counts = np.array(matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)  # an imported run may have been judged by one class alone
    cells = list(np.ndindex(2, 2))
    predicted, actual = ([style.wrapped(f"{which} {style.shortened(label)}") for label in labels] for which in ("predicted", "actual"))
    figure = go.Figure([_heatmap(shares), _points(cells)])
    for row, column in cells:  # a heatmap's own text takes no colour from the theme
        text = f"<b>{counts[row, column]:,}</b><br>{shares[row, column]:.1%}"
        figure.add_annotation(x=column, y=row, text=text, showarrow=False, font={"size": 17, "color": ink})
    bare = {"showgrid": False, "zeroline": False, "tickvals": [0, 1]}  # not by their labels: shortened, both may be the same
    figure.update_yaxes(range=[1.5, -0.5], ticktext=actual, **bare)  # else there would be room for the points, most of a phone
    figure.update_xaxes(range=[-0.5, 1.5], side="top", tickangle=0, ticktext=predicted, **bare)
    return style.finished(figure).update_layout(dragmode=False, clickmode="event+select")


def _heatmap(shares: np.ndarray) -> go.Heatmap:
    return go.Heatmap(
        z=shares,
        x=[0, 1],
        y=[0, 1],
        colorscale=[[0, "rgba(217,98,43,0.06)"], [1, "rgba(217,98,43,0.85)"]],
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=4,
        ygap=4,
        hoverinfo="skip",
    )


def _points(cells: Sequence[tuple[int, int]]) -> go.Scatter:
    """Invisible ones to click on, since a heatmap can't be clicked."""
    return go.Scatter(
        x=[column for _, column in cells],
        y=[row for row, _ in cells],
        customdata=cells,
        mode="markers",
        marker={"symbol": "square", "size": 110, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="Click to see these photographs<extra></extra>",
        showlegend=False,
    )
