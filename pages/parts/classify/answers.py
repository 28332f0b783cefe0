"""What a network says of pictures: a card for each, and held-out photographs to try it on."""

import random
from collections import Counter
from pathlib import Path

import streamlit as st

from catsdogs.data import images
from catsdogs.runs import predictions
from catsdogs.runs.store import Run

_SIDE = 240  # px of a picture on a card
_UNSURE = 0.6  # a probability that is said to be low
_COLORS = {"cat": "orange", "dog": "blue"}


def choose_examples(run: Run, count: int = 10) -> list[tuple[str, Path]]:
    """At the press of a button: photographs that were held out from this run's training, as (name, path)."""
    held_out = [Path(run.config.data, path) for path, _, _ in predictions.load(run)]
    held_out = [path for path in held_out if path.exists()]
    if not held_out:
        return []
    if st.button(f"Try it on {count} photographs that were held out from its training", icon=":material/casino:"):
        st.session_state.examples_seed = st.session_state.get("examples_seed", 0) + 1
    if "examples_seed" not in st.session_state:
        return []
    picked = random.Random(st.session_state.examples_seed).sample(held_out, min(count, len(held_out)))
    return [(f"{path.parent.name}/{path.name}", path) for path in picked]


def show(answers: list, sources: list) -> None:
    """A card for each answer of `classifier.classify`, with the picture's file or bytes of the same position."""
    counts = Counter(answer.label for answer in answers if answer.label)
    st.markdown(" · ".join(f"**{counts[label]}** {label}{'s' if counts[label] > 1 else ''}" for label in sorted(counts)))
    with st.grid(columns=5, min_column_width=170):
        for answer, source in zip(answers, sources, strict=True):
            with st.container(border=True, gap="xsmall"):
                _card(answer, source)


def _card(answer, source) -> None:
    if answer.error:
        st.error(answer.error, icon=":material/broken_image:")
        st.caption(answer.picture)
        return
    st.image(images.load(source, _SIDE), width="stretch")
    st.markdown(f"#### :{_COLORS.get(answer.label, 'primary')}[{answer.label}] {answer.probability:.1%}")
    st.progress(answer.probability)
    st.caption(f"{answer.picture}{' · hardly more than a guess' if answer.probability < _UNSURE else ''}")
