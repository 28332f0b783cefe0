"""What the companion finds out about a network and its answers, cached so that a click doesn't ask again.

Not part of `backend`, which app.py imports before the server runs: Streamlit would have no place for what is kept, and say so.
"""

from pathlib import Path

import streamlit as st

from catsdogs.inference import loaded
from catsdogs.inference.heat_maps import HeatMap
from catsdogs.inference.layers import Activations, Layer
from catsdogs.runs import Run, store
from pages.parts.shared import backend


@st.cache_data(show_spinner=False, max_entries=50, hash_funcs=backend.BY_VERSION)
def heat_map(run: Run, source: bytes | Path) -> HeatMap:
    """What `heat_maps.make` finds by the run's current model. Raises InputError where it has none, or the image can't be read."""
    return backend.ask(loaded.heat_map, run.id, store.answer_version(run), source)


@st.cache_data(show_spinner=False, max_entries=50, hash_funcs=backend.BY_VERSION)
def layers(run: Run) -> list[Layer]:
    """What `layers.describe` says of the run's current model. Raises InputError where it has none."""
    return backend.ask(loaded.layers, run.id, store.answer_version(run))


@st.cache_data(show_spinner=False, max_entries=50, hash_funcs=backend.BY_VERSION)
def activations(run: Run, name: str, source: bytes | Path, most: int) -> Activations:
    """What `layers.activate` finds by the run's current model. Raises InputError as `heat_map` does."""
    return backend.ask(loaded.activations, run.id, store.answer_version(run), name, source, most)
