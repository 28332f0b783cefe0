"""What a network answers: a card for each photograph; and held-out photographs to try it on."""

import random
from collections import Counter
from pathlib import Path

import streamlit as st

from catsdogs.data import images
from catsdogs.runs import Run, predictions
from pages.parts.shared import names

_SIDE = 240  # px of an image on a card
_UNSURE = 0.6  # a lower probability is called a guess
_NEITHER = (
    "This picture looks little like the photographs that the network learned from. The bundled network notices 8 of 10 pictures of other "
    "things, and doubts 1 of 20 cats and dogs of its own collection, 1 of 10 of another one."
)
_COLORS = {"cat": "orange", "dog": "blue"}


def choose_examples(run: Run, most: int = 10) -> list[tuple[str, Path]]:
    """At each click of a button, other photographs held out from this run's training, as (name, path)."""
    paths = [Path(run.config.data, path) for path, _, _ in predictions.load(run)]
    paths = [path for path in paths if path.exists()]
    count = min(most, len(paths))
    if count and st.button(f"Try {names.counted(count, 'held-out photograph')}", icon=":material/casino:"):
        st.session_state.examples_seed = st.session_state.get("examples_seed", 0) + 1
    if "examples_seed" not in st.session_state:
        return []
    picked = random.Random(st.session_state.examples_seed).sample(paths, count)
    return [(f"{path.parent.name}/{path.name}", path) for path in picked]


def show(answers: list, sources: list) -> None:
    """A card for each answer of `classifier.classify`, with the file or bytes at the same position of `sources`."""
    counts = Counter(answer.label for answer in answers if answer.label)
    st.markdown(" · ".join(names.counted(counts[label], names.plain(label)) for label in sorted(counts)))
    with st.grid(columns=5, min_column_width=170):
        for answer, source in zip(answers, sources, strict=True):
            with st.container(border=True, gap="xsmall"):
                _card(answer, source)


def _card(answer, source) -> None:
    if answer.error:
        st.error(names.plain(answer.error), icon=":material/broken_image:")
        st.caption(names.plain(answer.picture))
        return
    st.image(images.load(source, _SIDE), width="stretch")
    st.markdown(f"#### :{_COLORS.get(answer.label, 'primary')}[{names.plain(answer.label)}] {answer.probability:.1%}")
    st.progress(answer.probability)
    if answer.neither:
        st.markdown(":orange-badge[:material/question_mark: Looks like neither]", help=_NEITHER)
    st.caption(f"{names.plain(answer.picture)}{' · little better than a guess' if answer.probability < _UNSURE else ''}")
