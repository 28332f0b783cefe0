"""Nine photographs before and after preprocessing and augmentation, by the layer that trains. It loads Keras, so only on request."""

import math
import random
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from catsdogs.data import images
from catsdogs.data.dataset import Listing
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.settings import Config, config
from catsdogs.settings.config import AUGMENTATION
from pages.parts.shared import backend, encoding, frame, names

_COUNT = 9
_SIDE = 160  # px, as large as they are shown, about
_RADIUS, _FINE = 12, 4  # px; and how many times as fine a corner is drawn first, as Pillow leaves its edge jagged
_RESIZING = ("target_size", "interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio")
_OTHERS = "preview_others"  # in the session: how often other photographs were asked for

Sources = tuple[bytes | Path, ...]


def show(filled: dict, listing: Listing | None) -> None:
    """The photographs and what the settings leave of them, if the switch is on; drawn ones where there is no data set."""
    with st.container(horizontal=True, vertical_alignment="center", key="preview_switch"):
        is_on = st.toggle("Preview nine photographs", key="preview", persist_state="session")
        if is_on and st.button("Show others", key="preview_shuffle", icon=":material/shuffle:", type="tertiary"):
            st.session_state[_OTHERS] = st.session_state.get(_OTHERS, 0) + 1
    if not is_on:
        return
    with st.spinner("Loading Keras", show_time=True):
        backend.load()
    number = st.session_state.get(_OTHERS, 0)
    with frame.reported():
        requested = config.Config(seed=number, **{name: filled[name] for name in (*_RESIZING, *AUGMENTATION)})
        sources = _drawn(number) if listing is None else _picked(listing, number)
        _show_pairs(_before(sources), _after(sources, requested))
        squared = names.SQUARED[requested.proportions]
        changed = f"{squared} and augmented, anew in every epoch" if requested.is_augmented else f"{squared}; no augmentation is set"
        st.caption(f"Above as they are, below as the network gets them: {requested.target_size} × {requested.target_size} px, {changed}.")
        for sentence in _warnings(config.change(requested, seed=0)):
            st.warning(sentence, icon=":material/visibility_off:")


def _show_pairs(before: list[bytes], after: list[str]) -> None:
    """Both are sent as they are: encoding them again would take longer than all the rest. Browsers keep those before."""
    with st.container(key="preview_photos"), st.grid(columns=_COUNT, min_column_width=100, gap="small"):
        for number, (original, changed) in enumerate(zip(before, after, strict=True), 1):
            with st.container(gap="xsmall"):
                st.image(original, width="stretch", alt=f"Photograph {number} as it is")
                st.image(changed, width="stretch", alt=f"Photograph {number} as the network gets it")


def _picked(listing: Listing, number: int) -> Sources:
    """Cats and dogs in turn."""
    shuffled = random.Random(number)
    by_class = [[index for index, photo in enumerate(listing.photos) if photo.label == name] for name in listing.class_names]
    drawn = [shuffled.sample(members, min(_COUNT, len(members))) for members in by_class]
    turns = [members[turn] for turn in range(_COUNT) for members in drawn if turn < len(members)]
    return tuple(listing.path(index) for index in turns[:_COUNT])


@st.cache_data(show_spinner=False, max_entries=10)
def _drawn(number: int) -> Sources:
    return tuple(encoding.encode(demo.draw(("cat", "dog")[index % 2], _COUNT * number + index), "PNG") for index in range(_COUNT))


@st.cache_data(show_spinner=False, max_entries=50, hash_funcs=backend.BY_VERSION)
def _before(sources: Sources) -> list[bytes]:
    """Each in its own proportions, in the middle of a transparent square."""
    return [_squared(source) for source in sources]


def _squared(source: bytes | Path) -> bytes:
    image = _read(images.open_rgb, source, 2 * _SIDE)
    image = image.resize([max(1, round(length * _SIDE / max(image.size))) for length in image.size])  # a thin one is a line, not nothing
    square = Image.new("RGBA", (_SIDE, _SIDE))
    square.paste(image, tuple((_SIDE - length) // 2 for length in image.size), _rounded(image.size))
    return encoding.encode(square, "PNG")


@lru_cache(maxsize=100)
def _rounded(size: tuple[int, int]) -> Image.Image:
    """Its corners are those that the style gives to pictures: here, it rounds the square around them."""
    mask = Image.new("L", [_FINE * length for length in size])
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), _FINE * _RADIUS, fill=255)
    return mask.resize(size, Image.Resampling.BOX)


@st.cache_data(show_spinner=False, max_entries=50, hash_funcs=backend.BY_VERSION)
def _resized(sources: Sources, size: int, interpolation: str, proportions: str) -> np.ndarray:
    return np.stack([_read(images.load, source, size, interpolation, proportions) for source in sources])


def _read(read, source: bytes | Path, *how):
    try:
        return read(source, *how)
    except (InputError, OSError) as error:  # since it was checked
        raise InputError(f"{source} can no longer be read. Show others, or check the data set again.") from error


@st.cache_data(show_spinner=False, max_entries=100, hash_funcs=backend.BY_VERSION)
def _after(sources: Sources, requested: Config) -> list[str]:
    """As the network gets them, as data URLs, which a browser needn't ask for one by one.

    The same settings draw the same changes, so that a slider moves them on instead of drawing others.
    """
    from catsdogs.networks import augmentation

    changed = _resized(sources, requested.target_size, requested.interpolation, requested.proportions)
    if requested.is_augmented:
        changed = np.asarray(augmentation.layer(requested)(changed, training=True))
    scale = math.ceil(_SIDE / requested.target_size)  # pixels of a small image are shown as squares, not blurred
    enlarged = changed.repeat(scale, axis=1).repeat(scale, axis=2)
    return [encoding.data_url(Image.fromarray(pixels), "JPEG", quality=90) for pixels in enlarged]


@st.cache_data(show_spinner=False, max_entries=100)
def _warnings(requested: Config) -> list[str]:
    from catsdogs.networks import visibility

    return [names.plain(sentence) for sentence in visibility.warnings(requested)]
