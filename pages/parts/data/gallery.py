"""Samples of a data set, and what resizing leaves of them."""

import random

import streamlit as st
from PIL import Image

from catsdogs.data import images
from catsdogs.data.dataset import Listing
from catsdogs.drawn import demo
from catsdogs.settings import config

_SIDE = 180  # px of a thumbnail


def show_drawn(count: int) -> None:
    """Some drawn images, cats and dogs in turn, without writing any."""
    with st.grid(columns=6, min_column_width=120):
        for index in range(count):
            st.image(_drawn(("cat", "dog")[index % 2], index), width="stretch")


def show_listing(listing: Listing, count: int = 12) -> None:
    """A random sample of one class or both, and another one at each click of a button."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Samples", anchor=False)
        st.space("stretch")
        shown = st.segmented_control(
            "Class", ("both", *listing.class_names), default="both", required=True, key="gallery_class", label_visibility="collapsed"
        )
        if st.button("Show others", icon=":material/shuffle:"):
            st.session_state.gallery_seed = st.session_state.get("gallery_seed", 0) + 1
    members = [index for index, photo in enumerate(listing.photos) if shown in ("both", photo.label)]
    picked = random.Random(st.session_state.get("gallery_seed", 0)).sample(members, min(count, len(members)))
    with st.grid(columns=6, min_column_width=120):
        for index in picked:
            st.image(_thumbnail(listing.path(index)), caption=listing.photos[index].label, width="stretch")


def show_sizes(listing: Listing) -> None:
    """Photographs at the target size: what a network of that input size sees."""
    limits = config.LIMITS["target_size"]
    st.subheader("What a network sees", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        bounds = int(limits.low), int(limits.high)
        size = st.slider("Target size", *bounds, 64, 2, format="%d px", key="shown_size", persist_state="session", width=320)
        st.caption(f"Every photograph is stretched to {size} × {size} px: {3 * size * size:,} input values.")
    stride = max(1, len(listing.photos) // 6)
    with st.grid(columns=6, min_column_width=120):
        for index in range(0, min(6 * stride, len(listing.photos)), stride):
            pixels = Image.fromarray(images.load(listing.path(index), size))
            st.image(pixels.resize((2 * _SIDE, 2 * _SIDE), Image.Resampling.NEAREST), width="stretch")


@st.cache_data(show_spinner=False, max_entries=500)
def _thumbnail(path):
    return images.load(path, _SIDE)


@st.cache_data(show_spinner=False, max_entries=50)
def _drawn(label: str, seed: int):
    return demo.draw(label, seed).resize((_SIDE, _SIDE))
