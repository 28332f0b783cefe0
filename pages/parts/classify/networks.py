"""Which network answers, which one it is compared with, and what to know about it before trusting it."""

from collections.abc import Callable

import streamlit as st

from catsdogs.analysis import comparison, evaluation, ranking
from catsdogs.data import naming
from catsdogs.runs import Run, store
from catsdogs.system import words
from pages.parts.shared import names

_CHOSEN = "network"  # in the session: the id of the one that was chosen last
_COMPARED = "compared_network"
_MISSING = "network_missing"  # the one that was chosen, or asked for by a link, and is not there; and the one that took its place
_BOX, _COMPARED_BOX = "network_box", "compared_network_box"  # keys of the select boxes
_KNOWS_TWO = "It knows only two answers: a rabbit or a sofa gets one of them, too."
_TELLS_NEITHER = "It learned only two answers; what looks like neither is marked so, but a rabbit or a sofa may still get one of them."
_BAD_AT = (  # of the bundled network, whose mistakes were looked at
    "Of 2,000 photographs from another source, it was right on 98.0%. "
    "It is worst at animals that are small in the picture, held in someone's arms or facing away, and at kittens, puppies and black "
    "animals."
)


def short(run: Run) -> str:
    """A run in a line of a card."""
    return "bundled" if run.id == store.SHIPPED else names.with_seed(run)


def choose() -> tuple[Run, Run | None]:
    """The network in the address, else the one chosen last in this session, else the default one; and one to compare it with, if any.

    The address follows the choice.
    """
    default = ranking.default()
    usable = {run.id: run for run in (default.run, *store.list_all(), store.load(store.SHIPPED)) if run.model_path.exists()}
    requested = st.query_params.get("model", st.session_state.get(_CHOSEN, default.run.id))
    if requested not in usable:
        st.session_state[_MISSING] = requested, default.run.id
        requested = default.run.id
    missing, instead = st.session_state.get(_MISSING, (None, None))
    if requested == instead:  # until another one is chosen: the page may be drawn again at once
        asked = names.plain(repr(missing))
        text = f"There is no run {asked} with a model; it may have been deleted. The default network is selected."
        st.warning(text, icon=":material/search_off:")
    label_of = names.apart({id: names.in_list(run) for id, run in usable.items()}, lambda id: id)
    left, right = st.columns(2) if len(usable) > 1 else (st.container(), None)
    st.session_state[_BOX] = requested  # an index that changes would make it another box, which forgets a click
    chosen = left.selectbox("Network", list(usable), format_func=label_of, key=_BOX, on_change=_keep, help=_reason(default))
    left.container(key="network_in_full").caption(names.plain(label_of(chosen)))  # on a phone, the box has no room for all of it
    if chosen != st.query_params.get("model", default.run.id):
        st.query_params["model"] = chosen
    if "model" in st.query_params:  # chosen here or by the link that led here, not by default
        st.session_state[_CHOSEN] = chosen
    other = _choose_other(right, usable, usable[chosen], label_of) if right else None
    return usable[chosen], other


def _keep() -> None:
    st.session_state.pop(_MISSING, None)
    st.query_params["model"] = st.session_state[_BOX]


def _choose_other(place, usable: dict[str, Run], run: Run, label_of: Callable[[str], str]) -> Run | None:
    """Another network that knows the same answers."""
    ids = [id for id, other in usable.items() if id != run.id and set(labels(other)) == set(labels(run))]
    compared = st.session_state.get(_COMPARED)
    st.session_state[_COMPARED_BOX] = compared if compared in ids else None
    picked = place.selectbox(
        "Compare with",
        ids,
        index=None,
        format_func=label_of,
        key=_COMPARED_BOX,
        on_change=_keep_other,
        placeholder="no other network" if ids else "no other network has the same classes",
        disabled=not ids,
        help="Both answer the same pictures; those on which they disagree come first.",
    )
    return usable[picked] if picked else None


def _keep_other() -> None:
    st.session_state[_COMPARED] = st.session_state[_COMPARED_BOX]


def is_gone(run: Run) -> bool:
    """Whether the run was deleted since it was chosen."""
    return not run.model_path.exists()


def labels(run: Run) -> tuple[str, ...]:
    """What the network answers."""
    return naming.labels_of(store.environment(run).get("class_names", ()))


def explain(run: Run) -> None:
    """What the network learned from, how good it is, and what it is bad at."""
    evaluated, photographs = evaluation.load(run), store.environment(run).get("photographs", {})
    source = "photographs of cats and dogs" if run.id == store.SHIPPED else f"images of {names.plain(names.data_set(run.config.data))}"
    count = f"{photographs['training']:,} " if "training" in photographs else ""
    knows = _TELLS_NEITHER if run.neither_path.exists() else _KNOWS_TWO
    quality, bad_at = "", f" {_BAD_AT}" if run.id == store.SHIPPED else ""
    if evaluated:
        right = f"{words.share(evaluated.test.accuracy)} of {evaluated.test.count:,} held-out ones"
        quality = f" It was right on {right} and mistook {_mistakes(evaluated)}."
    name = "The bundled network" if run.id == store.SHIPPED else names.with_seed(run)
    st.caption(f"**{names.plain(name)}** learned from {count}{source}.{quality} {knows}{bad_at}")


def _mistakes(evaluated: evaluation.Evaluation) -> str:
    """How many of each class: "21 of 1,000 cats and 10 of 1,000 dogs"."""
    counted = [
        (sum(row), sum(row) - row[place], name)
        for place, (row, name) in enumerate(zip(evaluated.confusion, evaluated.class_names, strict=True))
    ]
    return " and ".join(f"{wrong:,} of {names.plain(naming.counted(total, name))}" for total, wrong, name in counted)


def _reason(default: ranking.Default) -> str:
    """Which network is the default one, and why."""
    if default.difference is None:
        return "The default is the bundled network. Another takes its place once Results has shown it to be better on real photographs."
    name, data = names.plain(names.with_seed(default.run)), names.plain(names.data_set(default.data))
    points = f"{100 * default.difference.mean:.1f} points ({comparison.interval(default.difference)})"
    photographs = f"the {names.counted(default.difference.count, 'photograph')} of {data} that neither learned from"
    return f"The default is {name}: on {photographs}, it was right more often than the bundled network, by {points}."
