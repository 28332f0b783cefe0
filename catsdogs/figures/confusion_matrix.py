"""The confusion matrix of the held-out images; a click on a cell selects it."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from catsdogs.figures import style


def draw(matrix: Sequence[Sequence[int]], labels: tuple[str, str], ink: str) -> go.Figure:
    """Counts of truth (rows) by answer (columns), each cell with its share of the row, written in the colour `ink`.

    Over each cell lies a point that can be selected; its custom data is [truth, answer].
    """
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
        figure.add_annotation(x=answers[answer], y=truths[truth], text=text, showarrow=False, font={"size": 17, "color": ink})
    cells = list(np.ndindex(2, 2))
    figure.add_scatter(  # a heatmap can't be clicked on
        x=[answers[answer] for _, answer in cells],
        y=[truths[truth] for truth, _ in cells],
        customdata=cells,
        mode="markers",
        marker={"symbol": "square", "size": 110, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="Click to see these photographs<extra></extra>",
        showlegend=False,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return style.finished(figure).update_layout(dragmode=False, clickmode="event+select")
