"""The ROC curve of the held-out images."""

import numpy as np
import plotly.graph_objects as go

from catsdogs.figures import style


def draw(false_rates: np.ndarray, true_rates: np.ndarray, auc: float, classes: tuple[str, str]) -> go.Figure:
    """The ROC curve with the diagonal of chance; `classes`, in the plural, are the negative and the positive one."""
    negative, positive = (style.literal(style.shortened(name)) for name in classes)
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": style.QUIET}, name="chance", hoverinfo="skip")
    figure.add_scatter(
        x=false_rates,
        y=true_rates,
        mode="lines",
        line={"color": style.CAT, "width": 2.5},
        fill="tozeroy",
        fillcolor="rgba(217,98,43,0.10)",
        name=f"AUC {auc:.3f}",
        hovertemplate="%{x:.1%} false positives<br>%{y:.1%} true positives<extra></extra>",
    )
    figure.update_xaxes(title=f"false positives: {negative} classified as {positive}", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title=f"true positives: {positive} recognised", tickformat=".0%", range=[0, 1.01])
    return style.finished(figure, legend_below=True)
