"""From the form to the queue, and from a stored run back to the form."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st

from catsdogs.data import split
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.networks import pretrained
from catsdogs.queue import jobs
from catsdogs.runs import Run, store
from catsdogs.settings import Config, presets, space, stages
from catsdogs.settings import config as configs
from catsdogs.settings.choices import NO_WEIGHTS
from pages.parts.shared import chosen_data, frame, names, unreadable
from pages.parts.train import estimate, form

_FEW = 500  # photographs; with as many, drawn ones are still learned from scratch in a minute


def fit(filled: dict, listing: Listing, count: int) -> dict:
    """What is filled in, with the preset's batch size lowered, and that said, where fewer photographs are to be trained on.

    A batch size that was changed in the form stays as it is; `start` refuses it.
    """
    if "batch_size" in form.changed(filled):
        return filled
    try:
        asked = _requested(filled, count)
        fitted = min((split.fit(listing, config) for config in asked), key=lambda config: config.batch_size)
    except InputError:  # which the start reports
        return filled
    if sentence := split.lowered(asked[0], fitted):
        st.caption(f":material/info: {sentence}")
    return {**filled, "batch_size": fitted.batch_size}


def advise_few(filled: dict, listing: Listing) -> None:
    """With so few photographs that a network trained from scratch learns little of them: how to begin with one that has learned."""
    is_trained = filled["start_from"] or filled.get("weights", NO_WEIGHTS) != NO_WEIGHTS  # which others than pretrained ones have not
    if len(listing.photos) < _FEW and not is_trained:
        title = presets.FEW.title
        st.caption(f":material/lightbulb: From {len(listing.photos)} photographs, a network learns little from scratch. Try **{title}**.")


def advise(filled: dict, listing: Listing, count: int) -> None:
    """Where fine-tuning never begins; and with a network that has learned from these very photographs, how to hold out the same ones."""
    with suppress(InputError):  # which the start reports
        if omission := stages.omission(_requested(filled, 1)[0]):
            st.caption(f":material/info: {omission}")
    if differing := _another_split(filled, listing, count):
        st.warning(
            f"The run to start from was trained on this data set with another {differing}, so it has seen photographs that would be held "
            "out, and the held-out accuracy would be too high.",
            icon=":material/visibility:",
        )


def _another_split(filled: dict, listing: Listing, count: int) -> str:
    """The settings in which a run that is started from differs, if they make this one hold out what that was trained on; else ""."""
    if not filled["start_from"]:
        return ""
    try:
        before = store.load(filled["start_from"])
    except InputError:  # which the start reports
        return ""
    if store.environment(before).get("data_fingerprint") != listing.fingerprint:
        return ""
    differing = [name for name in ("seed", *space.SAME_PHOTOGRAPHS) if getattr(before.config, name) != filled[name]]
    if count > 1 and "seed" not in differing:
        differing.insert(0, "seed (except for the first run)")
    return " and ".join(map(names.label, differing))


def start(filled: dict, count: int) -> None:
    """Validate what is filled in, and queue that many runs of it, each with the next seed."""
    with frame.reported():
        requested = _requested(filled, count)
        split.make(chosen_data.check(chosen_data.folder()), requested[0])
        with st.spinner("Looking for the weights"):
            weights = pretrained.settle(requested[0]).weights
        created = jobs.create(configs.change(config, weights=weights) for config in requested)
        ahead = sum(run.state in store.WAITING for run in store.list_all()) - len(created)
        show(created[0], f"Queued behind {names.counted(ahead, 'other run')}." if ahead >= estimate.slots() else "Started.")


def show(run: Run, said: str) -> None:
    """Draw the page again with that run, which was queued just now, and say so."""
    st.query_params["run"] = run.id
    st.session_state.started = said
    st.rerun()


def _requested(filled: dict, count: int) -> list[Config]:
    seeds = range(filled["seed"], filled["seed"] + count)
    return [configs.change(Config(), **{**filled, "seed": seed}, data=str(chosen_data.folder())) for seed in seeds]


def confirm() -> None:
    """After `start`, which draws the page again: say so, and close the form, so that the run is in view wherever the page was."""
    if "started" in st.session_state:
        st.toast(st.session_state.pop("started"), icon=":material/play_arrow:")
        st.session_state.form_open = False


def repeat(id: str) -> None:
    """Fill the form with that run's settings and choose its data set; once, so that both can be changed afterwards."""
    del st.query_params["like"]
    if run := _filled_in(id, lambda config: config):
        name = names.plain(names.with_seed(run))
        st.info(f"The form below has the settings of {name}. Start it as it is, or change something first.", icon=":material/replay:")
        _choose_its_data(run)


def go_on(id: str) -> None:
    """As `repeat`, but for a run that starts from that one's weights."""
    del st.query_params["from"]
    if run := _filled_in(id, lambda config: configs.change(config, start_from=id, patch_whitening=False, first_size=0)):
        name = names.plain(names.with_seed(run))
        st.info(
            f"The form below starts from the weights of {name}, with its settings. Choose more epochs, a lower learning rate or other "
            "photographs; on the same ones and with the same seed, what was held out stays held out.",
            icon=":material/model_training:",
        )
        _choose_its_data(run)


def _filled_in(id: str, change: Callable[[Config], Config]) -> Run | None:
    """The run, with its settings, changed, in the form; None where there is no such run, which is said."""
    try:
        run = store.load(id)
    except InputError as error:
        unreadable.explain(id, error)
        return None
    form.fill(change(run.config))
    st.session_state.form_open = True
    return run


def _choose_its_data(run: Run) -> None:
    folder = Path(run.config.data)
    try:
        chosen_data.check(folder)
    except InputError as error:
        st.warning(f"Its data set can't be used. {names.said(error)}", icon=":material/folder_off:")
    else:
        chosen_data.choose(folder)
