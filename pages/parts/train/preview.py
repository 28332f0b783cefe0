"""What the augmentation in the form makes of a photograph. It loads Keras, so only on request."""

import numpy as np
import streamlit as st

from catsdogs.data import images
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.settings import config
from catsdogs.settings.config import AUGMENTATION
from pages.parts.shared import backend, frame


def show(filled: dict, listing: Listing, count: int = 9) -> None:
    """A photograph beside augmented copies of it, if the switch is on."""
    if not st.toggle("Preview augmentation", key="preview", persist_state="session"):
        return
    with st.spinner("Loading Keras", show_time=True):
        backend.load()
    from catsdogs.networks import augmentation

    try:
        requested = config.Config(**{name: filled[name] for name in AUGMENTATION}, target_size=filled["target_size"])
    except InputError as error:
        frame.error(error)
        return
    if not augmentation.is_on(requested):
        st.caption("No augmentation is set: the network gets every photograph as it is. Set some in the Augmentation tab.")
        return
    image = images.load(listing.path(len(listing.photos) // 3), requested.target_size)
    augmented = augmentation.layer(requested)(np.repeat(image[None], count, axis=0), training=True)
    with st.grid(columns=(count + 1) // 2, min_column_width=110):
        st.image(image, caption="original", width="stretch")
        for pixels in np.asarray(augmented):
            st.image(pixels, caption="augmented", width="stretch")
