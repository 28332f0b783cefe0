"""Whoever comes by keyboard gets into a popover, and keeps the place where a click removes what was clicked; `keyboard.js` does both."""

from pathlib import Path

from pages.parts.shared import component

_COMPONENT = Path(__file__).with_suffix("")


def watch() -> None:
    """On every page, from when it is opened."""
    component.load(_COMPONENT)(key="keyboard")
