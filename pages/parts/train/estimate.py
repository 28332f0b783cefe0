"""How long a run will take, on a page: `queue.forecast`, cached, and in words."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.queue import engine, forecast
from catsdogs.queue.forecast import Estimate
from catsdogs.runs import Run, history, store
from catsdogs.settings import Config
from catsdogs.settings import config as configs
from catsdogs.system import devices
from pages.parts.shared import chosen_data, names

_SIMILAR = "A similar run has the same data set and network."


def of_runs(waiting: list[Run], stored: list[Run]) -> dict[str, Estimate | None]:
    """Of each run that waits, by its id, without the epochs that it has done."""
    found = _each([(run.config, history.epochs_done(run)) for run in waiting], stored)
    return dict(zip((run.id for run in waiting), found, strict=True))


def show(filled: dict, count: int) -> None:
    """Before a start, say in one line how long that many runs with these settings will take."""
    stored = store.list_all()
    try:
        config = configs.change(Config(), **filled, data=str(chosen_data.folder()))
    except InputError:  # which the start reports
        st.caption(":material/schedule: No estimate: one of the settings can't be used.")
        return
    found = of_one(config, stored)
    ahead = sum(run.state in store.WAITING for run in stored)
    text = "No similar run has been trained yet, so there is no estimate." if found is None else f"Takes {_length(found, config, count)}."
    text += f" {forecast.ROUGH}" if found and found.is_rough else ""
    text += f" Starts after {names.counted(ahead, 'other run')}." if ahead >= slots() else ""
    st.caption(f":material/schedule: {text}", help=based_on([found]) or _SIMILAR)


def of_several(configs: Sequence[Config]) -> str | None:
    """How long until all of these have ended, with nothing else in the queue; None where no stored run is similar to one of them."""
    found = _each([(config, 0) for config in configs], store.list_all())
    if not all(found):
        return None
    length = names.forecast(forecast.together([each.seconds for each in found], slots()))
    return f"{length} in all.{f' {forecast.ROUGH}' if any(each.is_rough for each in found) else ''}"


def _length(found: Estimate, config: Config, count: int) -> str:
    is_bound, seconds = bool(config.early_stopping), forecast.together([found.seconds] * count, slots())
    each = names.forecast(found.seconds, is_bound)
    return each if count == 1 else f"{each} per run, {names.forecast(seconds, is_bound)} in all"


def based_on(estimates: Iterable[Estimate | None]) -> str | None:
    """The stored runs that they are based on, a line for each."""
    lines = set()
    for found in filter(None, estimates):
        scaled = ", scaled to this image size" if found.is_scaled else ""
        rough = f", {'with' if found.like.config.is_augmented else 'without'} augmentation" if found.is_rough else ""
        lines.add(f"- {names.plain(names.with_seed(found.like))}{rough}: {found.seconds_an_epoch:.1f} s per epoch{scaled}")
    return "\n".join(("Estimated from the most similar stored runs:", "", *sorted(lines))) if lines else None


def slots() -> int:
    """How many runs are trained at a time: here, or on a cluster, as far as that is known."""
    return engine.reported_slots() or _slots_here()


@st.cache_resource(show_spinner=False)
def _slots_here() -> int:
    return len(devices.slots())


@lru_cache(maxsize=10_000)
def _without_seed(config: Config) -> str:
    return str(configs.change(config, seed=0))


def _each(wanted: Sequence[tuple[Config, int]], stored: list[Run]) -> list[Estimate | None]:
    """Of configurations, each with the epochs that are done. Those that differ in their seeds alone take the same time."""
    keys = [(_without_seed(config), done) for config, done in wanted]
    found = {key: of_one(config, stored, done) for key, (config, done) in dict(zip(keys, wanted, strict=True)).items()}
    return [found[key] for key in keys]


def of_one(config: Config, stored: list[Run], epochs_done: int = 0) -> Estimate | None:
    """How long a run with these settings takes; cached until a run ends or a running one has finished its first epoch."""
    measured = tuple(run.id for run in stored if run.state in store.ENDED or run.status.get("epoch", 0) > 1)
    return _forecast(str(config), epochs_done, hash(measured), config, stored)


@st.cache_data(show_spinner=False, max_entries=1000)
def _forecast(settings: str, epochs_done: int, measured: int, _config: Config, _stored: list[Run]) -> Estimate | None:
    return forecast.duration(_config, _stored, epochs_done)
