"""The study's variants, from the first to the last: accuracy with its interval."""

from collections.abc import Sequence

import plotly.graph_objects as go

from catsdogs.analysis.significance import Spread
from catsdogs.figures import style


def draw(titles: Sequence[str], held_out: Sequence[Spread], training: Sequence[Spread]) -> go.Figure:
    """Accuracy step by step, the first on top: a dot for the mean with its interval; held out is solid, training is hollow."""
    places = [title.replace(" · ", "<br>", 1) for title in titles]
    figure = go.Figure()
    strong, quiet = {"thickness": 2.5, "width": 6}, {"thickness": 1, "width": 0}
    parts = (("training", training, style.QUIET, "circle-open", quiet), ("held out", held_out, style.CAT, "circle", strong))
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
    return style.finished(figure, legend_below=True).update_layout(height=120 + 62 * len(titles))
