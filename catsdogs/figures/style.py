"""The look that all figures share: colours, height, legend. Text and background take the page theme's colours.

Training is always dashed, validation solid; cats are orange, dogs blue.
"""

import html
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import plotly.graph_objects as go
from PIL import ImageColor

CAT, DOG, QUIET = "#d9622b", "#4381cb", "#a08f7d"  # each is clear on a light and on a dark background
PALETTE = (CAT, DOG, "#3f8f6b", "#a4529a", "#c9a227", "#5d6b78", "#b23a48", "#4aa3b8")
SYMBOLS = ("circle", "square", "triangle-up", "x", "star", "cross", "triangle-down", "hourglass")  # a diamond has a meaning of its own
LEGEND_ROWS = 12  # beyond them, it scrolls
_LONGEST, _LINE = 22, 14  # characters of a name at an axis, and of a line there
_ENTRY = 44  # characters of a line in a legend, which has to fit a phone
_LARGEST = 20  # a loss; guessing has 0.69
_MOST_MINUTES = 120  # beyond, people think in hours
_PHONE = 280  # px of a legend on a phone, where a single row becomes columns
_HEIGHT = 340  # px of a figure without its legend
_TOOLBAR = 36  # px; Plotly puts it on top of the figure


@dataclass(frozen=True)
class LineStyle:
    """What a line and its points look like; the symbol tells apart those of one colour."""

    color: str
    symbol: str = SYMBOLS[0]

    @property
    def is_plain(self) -> bool:
        """Whether no other has had the colour before."""
        return self.symbol == SYMBOLS[0]


def line_styles(names: Iterable[str]) -> dict[str, LineStyle]:
    """A line style for each name, in their order, so that several figures agree on it; 64 differ."""
    return {
        name: LineStyle(PALETTE[index % len(PALETTE)], SYMBOLS[index // len(PALETTE) % len(SYMBOLS)]) for index, name in enumerate(names)
    }


def literal(text: str) -> str:
    """A name as it is, in a legend, a label or a tooltip, where Plotly reads HTML and `%{...}`."""
    return html.escape(text, quote=False).replace("%{", "%&#123;")


def shortened(text: str) -> str:
    """A name that has room in the title of an axis."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def wrapped(text: str) -> str:
    """A label of an axis in several lines, as `literal` writes it."""
    return "<br>".join(map(literal, textwrap.wrap(text, _LINE)))


def entry(text: str) -> str:
    """A name in a legend, in as many lines as it takes, as `literal` writes it."""
    return "<br>".join(map(literal, textwrap.wrap(text, _ENTRY)))


def translucent(color: str, opacity: float) -> str:
    """The colour, #rrggbb, with that opacity."""
    red, green, blue = ImageColor.getrgb(color)
    return f"rgba({red},{green},{blue},{opacity})"


def shares() -> dict:
    """An axis of shares, in percent, with as many decimals as its ticks take."""
    finer = [{"dtickrange": [None, 0.0009], "value": ".2%"}, {"dtickrange": [0.001, 0.009], "value": ".1%"}]
    return {"tickformat": ".0%", "tickformatstops": finer}


def unit_of_time(minutes: Iterable[float]) -> tuple[str, int]:
    """What an axis of these times counts, and how many minutes that is."""
    return ("hours", 60) if max(minutes) >= _MOST_MINUTES else ("minutes", 1)


def is_wide(losses: Iterable[float | None]) -> bool:
    """Whether one of them is so large that it leaves nothing to see of the others; then their axis is to be logarithmic."""
    return any(loss is not None and loss > _LARGEST for loss in losses)


def finished(figure: go.Figure, legend_below: bool = False) -> go.Figure:
    """The figure with margins, height and, on request, a legend below it."""
    figure.update_layout(margin={"l": 8, "r": 24, "t": _TOOLBAR, "b": 8}, height=_HEIGHT, hovermode="closest")
    if legend_below:
        shown = [trace.name.split("<br>") for trace in figure.data if trace.showlegend is not False]
        widths = [7 * max(map(len, lines)) + 50 for lines in shown]  # px
        is_row = sum(widths) < 560 and all(len(lines) == 1 for lines in shown)  # of half a page
        rows = ceil(len(shown) / max(1, _PHONE // max(widths, default=1))) if is_row else min(sum(map(len, shown)), LEGEND_ROWS)
        below = 20 * max(rows, 2) + 14
        legend = {
            "orientation": "h" if is_row else "v",
            "yref": "container",
            "yanchor": "bottom",
            "y": 0,
            "x": 0,
            "maxheight": below,
            "tracegroupgap": 0,
        }
        figure.update_layout(legend=legend, height=_HEIGHT + below, margin={"b": below + 48})
        figure.update_xaxes(title={"standoff": 8})
    return figure
