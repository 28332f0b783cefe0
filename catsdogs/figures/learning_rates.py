"""A learning-rate range test: the loss by the learning rate, with what it suggests."""

import math

import plotly.graph_objects as go

from catsdogs.analysis import learning_rates
from catsdogs.analysis.learning_rates import RangeTest
from catsdogs.figures import style


def draw(test: RangeTest) -> go.Figure:
    """The loss of each batch and the smoothed loss, by the learning rate on a logarithmic axis; a line at the suggestion."""
    smoothed, suggestion = learning_rates.smooth(test), learning_rates.suggest(test)
    figure = go.Figure()
    hover = "%{x:.2~g}: %{y:.3f}<extra></extra>"
    figure.add_scatter(
        x=test.rates,
        y=test.losses,
        mode="markers",
        marker={"size": 5, "color": style.translucent(style.QUIET, 0.6)},
        name="each batch",
        hovertemplate=hover,
    )
    figure.add_scatter(
        x=test.rates, y=smoothed, mode="lines", line={"color": style.DOG, "width": 2.5}, name="smoothed", hovertemplate=hover
    )
    figure.add_vline(x=suggestion.rate, line={"color": style.CAT, "width": 2, "dash": "dash"})
    about = {"text": f"{suggestion.rate:g}", "showarrow": False, "font": {"color": style.CAT}, "yref": "paper", "y": 1, "yanchor": "bottom"}
    figure.add_annotation(x=math.log10(suggestion.rate), **about)  # the logarithm, here alone
    figure.update_xaxes(title="learning rate", type="log", showgrid=False, dtick=1, exponentformat="power")
    figure.update_yaxes(title="loss", range=[0, min(2.2 * smoothed[0], max(smoothed) * 1.1)])
    return style.finished(figure, legend_below=True)
