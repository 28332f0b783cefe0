"""Samples of a data set, and what resizing leaves of them."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from PIL import Image

from catsdogs.data import images
from catsdogs.data.dataset import Listing
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.settings import config
from catsdogs.settings.choices import PROPORTIONS
from pages.parts.shared import backend, frame, names

_COUNT = 12  # samples
_SIDE = 180  # px of a thumbnail


def show_drawn() -> None:
    """Some drawn images, cats and dogs in turn, without writing any."""
    with st.grid(columns=6, min_column_width=120):
        for index in range(_COUNT):
            animal = ("cat", "dog")[index % 2]
            st.image(_drawn(animal, index), width="stretch", alt=f"A drawn {animal}")


def show_listing(listing: Listing) -> None:
    """A random sample of one class or both, and another one at each click of a button."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Samples", anchor=False)
        st.space("stretch")
        shown = frame.switch("Class", ("both", *listing.class_names), "gallery_class", format_func=names.plain)
        if st.button("Show others", icon=":material/shuffle:"):
            st.session_state.gallery_seed = st.session_state.get("gallery_seed", 0) + 1
    members = [index for index, photo in enumerate(listing.photos) if shown in ("both", photo.label)]
    picked = random.Random(st.session_state.get("gallery_seed", 0)).sample(members, min(_COUNT, len(members)))
    with st.grid(columns=6, min_column_width=120):
        for index in picked:
            show(partial(thumbnail, listing.path(index)), listing.photos[index].path, listing.photos[index].label)


def show_sizes(listing: Listing) -> None:
    """Photographs at the target size: what a network of that input size sees."""
    limits = config.LIMITS["target_size"]
    st.header("What a network sees", anchor=False)
    with st.container(horizontal=True, vertical_alignment="top"):
        bounds = int(limits.low), int(limits.high)
        size = st.slider("Target size", *bounds, 64, 2, format="%d px", key="shown_size", persist_state="session", width=320)
        proportions = st.segmented_control(
            "Proportions", PROPORTIONS, default="stretch", required=True, format_func=names.choice, key="shown_proportions"
        )
    st.caption(f"Every photograph becomes {size} × {size} px, {names.SQUARED[proportions]}: {3 * size * size:,} input values.")
    stride = max(1, len(listing.photos) // 6)
    with st.grid(columns=6, min_column_width=120):
        for index in range(0, min(6 * stride, len(listing.photos)), stride):
            show(partial(_enlarged, listing.path(index), size, proportions), listing.photos[index].path)


def show(load: Callable[[], object], path: str, label: str = "") -> None:
    """An image with its caption; where it can't be read any more, a caption that says so."""
    try:
        image = load()
    except (InputError, OSError):  # since it was checked
        st.caption(f"{names.plain(path)} can no longer be read.")
        return
    st.image(image, caption=names.plain(label) or None, width="stretch", alt=names.shown(path))


def _enlarged(path: Path, size: int, proportions: str) -> Image.Image:
    return Image.fromarray(images.load(path, size, proportions=proportions)).resize((2 * _SIDE, 2 * _SIDE), Image.Resampling.NEAREST)


@st.cache_data(show_spinner=False, max_entries=500, hash_funcs=backend.BY_VERSION)
def thumbnail(path: Path):
    """The photograph, small. Raises as `images.load` does."""
    return images.load(path, _SIDE)


@st.cache_data(show_spinner=False, max_entries=50)
def _drawn(label: str, seed: int):
    return demo.draw(label, seed).resize((_SIDE, _SIDE))
