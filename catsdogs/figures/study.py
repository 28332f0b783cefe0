"""The accuracy of the study's variants, in order."""

from collections.abc import Sequence

import plotly.graph_objects as go

from catsdogs.analysis.significance import Spread
from catsdogs.figures import style


def draw(titles: Sequence[str], held_out: Sequence[Spread], training: Sequence[Spread]) -> go.Figure:
    """A dot for each mean with its interval, the first variant on top; held out is solid, training hollow."""
    places = [title.replace(" · ", "<br>", 1) for title in titles]
    figure = go.Figure()
    strong, quiet = {"thickness": 2.5, "width": 6}, {"thickness": 1, "width": 0}
    subsets = (("training", training, style.QUIET, "circle-open", quiet), ("held out", held_out, style.CAT, "circle", strong))
    for name, spreads, color, symbol, bars in subsets:
        above = [None if spread.high is None else spread.high - spread.mean for spread in spreads]
        below = [None if spread.low is None else spread.mean - spread.low for spread in spreads]
        figure.add_scatter(
            x=[spread.mean for spread in spreads],
            y=places,
            error_x={"array": above, "arrayminus": below, **bars},
            mode="markers",
            marker={"color": color, "symbol": symbol, "size": 12, "line": {"width": 2, "color": color}},
            name=name,
            cliponaxis=False,  # a dot at 100% is on the edge
            customdata=[spread.count for spread in spreads],
            hovertemplate=f"%{{x:.1%}} {name}, %{{customdata}} seeds<extra>%{{y}}</extra>",
        )
    figure.update_xaxes(title="accuracy", **style.shares(), autorangeoptions={"clipmin": 0, "maxallowed": 1})
    figure.update_yaxes(autorange="reversed", automargin=True)
    return style.finished(figure, legend_below=True).update_layout(height=120 + 62 * len(titles))
