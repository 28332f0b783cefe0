"""What the augmentation that is set in the form makes of a photograph. Loads Keras, so only when it is asked for."""

import numpy as np
import streamlit as st

from catsdogs.data import images
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.settings import config
from catsdogs.settings.config import AUGMENTATION
from pages.parts.shared import backend


def show(filled: dict, listing: Listing, count: int = 9) -> None:
    """A photograph beside changed copies of it, if the switch is on."""
    if not st.toggle("Preview the augmentation", key="preview", persist_state="session"):
        return
    with st.spinner("Loading Keras", show_time=True):
        backend.load()
    from catsdogs.networks import augmentation

    try:
        wanted = config.Config(**{name: filled[name] for name in AUGMENTATION}, target_size=filled["target_size"])
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    if not augmentation.is_on(wanted):
        st.caption("All of it is off: the network gets every photograph as it is. Change something in the tab Augmentation.")
        return
    picture = images.load(listing.path(len(listing.photos) // 3), wanted.target_size)
    changed = augmentation.layer(wanted)(np.repeat(picture[None], count, axis=0), training=True)
    with st.grid(columns=(count + 1) // 2, min_column_width=110):
        st.image(picture, caption="as it is", width="stretch")
        for pixels in np.asarray(changed):
            st.image(pixels, caption="changed", width="stretch")
