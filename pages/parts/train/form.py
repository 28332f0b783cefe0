"""The form for a run's settings. Names, limits, units and help come from `config`, so a new setting needs no line here."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.runs import origin, store
from catsdogs.settings import config, presets, study_presets
from catsdogs.settings.choices import DEFAULT_RATES, PROPORTIONS
from catsdogs.settings.config import LIMITS, Limits
from catsdogs.settings.dependence import ONLY, is_used
from pages.parts.shared import names
from pages.parts.train import rate_finder

_GROUPS = {"training": "Hyperparameters", "data": "Preprocessing", "augmentation": "Augmentation", "model": "Model"}
_INCREMENTS = {
    "target_size": 2,
    "first_size": 2,
    "validation_split": 0.01,
    "test_split": 0.01,
    "rotation_range": 1.0,
    "shear_range": 1.0,
    "zoom_range": 0.01,
    "brightness_range": 0.05,
    "contrast_range": 0.05,
    "saturation_range": 0.05,
    "random_erasing": 0.05,
    "momentum": 0.01,
    "ema_momentum": 0.001,
    "weight_decay": 0.001,
    "data_pruning": 0.05,
}
_ABOUT_STUDY = (
    "A preset fills in all settings below. Study 1 to 6 repeat a published study of what makes a network better, step by step: each "
    "changes one thing."
)
# As any number, which `Config` validates: a slider has no pixel for each of the values that matter
_TYPED = (
    *("seed", "rescale", "batch_size", "epochs", "dense_units"),
    *("fine_tuning_rate", "frozen_epochs", "weight_decay", "ema_momentum"),
)
RARE = ("label_smoothing", "class_weight", "ema_momentum", "data_pruning", "precision")  # folded: a first run needs none of them
_HIDDEN = ("class_mode",)  # a single choice
_PROPORTIONS = "proportions"  # one choice for two settings, of which at most one is on
_CROP, _PAD = PROPORTIONS["stretch"]
_LIMITS = {_PROPORTIONS if name == _CROP else name: limits for name, limits in LIMITS.items() if name != _PAD}
_LIMITS[_PROPORTIONS] = replace(LIMITS[_CROP], label=_PROPORTIONS, choices=tuple(PROPORTIONS))
FIELDS = ("seed", *(name for name, limits in _LIMITS.items() if limits.group in _GROUPS and name not in _HIDDEN))


def settings() -> dict:
    """Draw the form and return the value of each setting, not yet validated. Values survive a change of page.

    A setting that means nothing to the chosen network or optimizer is not offered and has its default.
    """
    about = _choose_preset()
    defaults = config.Config()
    for name in FIELDS:
        st.session_state.setdefault(f"form_{name}", getattr(defaults, name))
    reset = _reset()
    filled = {"preset": st.session_state.get("form_preset") or "custom", "seed": 0}
    for tab, group in zip(st.tabs(list(_GROUPS.values())), _GROUPS, strict=True):
        with tab:
            usual = [name for name in _offered(group) if name not in RARE]
            filled |= _fields([*usual, "seed"] if group == "training" else usual)
            if rare := [name for name in _offered(group) if name in RARE]:
                with st.expander(f"More: {', '.join(LIMITS[name].label for name in rare)}"):
                    filled |= _fields(rare)
            _name_others(group)
    about.caption(_about(filled, reset))
    return filled


def _fields(several: list[str]) -> dict:
    """Draw the fields of these settings, and return what is filled in."""
    filled = {}
    with st.grid(columns=3, min_column_width=220, gap="medium"):
        for name in several:
            value = _widget(name, _LIMITS[name]) if name != "learning_rate" else _learning_rate()
            filled |= PROPORTIONS[value] if name == _PROPORTIONS else {name: value}
    return filled


def _offered(group: str) -> list[str]:
    """The settings of a tab that mean something to the chosen network and optimizer; those that come and go with these are last."""
    values = _values()
    used = [name for name in FIELDS if _LIMITS[name].group == group and is_used(name, values)]
    return sorted(used, key=lambda name: name in ONLY)


def _values() -> dict:
    return {name: st.session_state[f"form_{name}"] for name in FIELDS}


def _reset() -> dict[str, list[str]]:
    """Where another network or optimizer was chosen, reset what it doesn't use. Returns the names of that, by what doesn't use it."""
    reset: dict[str, list[str]] = {}
    if not _is_of_chosen_model(st.session_state.form_start_from):
        st.session_state.form_start_from = ""
        reset[st.session_state.form_model] = ["start_from"]
    for name in config.misplaced(_values()):
        reset.setdefault(st.session_state[f"form_{ONLY[name].of}"], []).append(name)
        st.session_state[f"form_{name}"] = getattr(config.Config, name)
    return reset


def _is_of_chosen_model(id: str) -> bool:
    """Whether that run, if there is one, is of the network that is chosen."""
    try:
        return not id or store.load(id).config.model == st.session_state.form_model
    except InputError:  # which the start reports
        return True


def _name_others(group: str) -> None:
    """Below the fields of a tab: how many more settings other networks and optimizers have, with a tooltip that says which."""
    values, others = _values(), {}
    for name, only in ONLY.items():
        if LIMITS[name].group == group and not is_used(name, values):
            unless = [f"a run in {label(only.unless)}"] if only.unless else []
            others.setdefault(", ".join([*map(names.choice, only.choices), *unless]), []).append(label(name))
    if others:
        lines = (f"{', '.join(labels)} ({choices})" for choices, labels in others.items())
        counted = names.counted(sum(map(len, others.values())), "more setting")
        st.caption(f"Other networks and optimizers have {counted}.", help=f"{'; '.join(lines)}.")


def _about(filled: dict, reset: dict[str, list[str]]) -> str:
    """What the preset is for, what was changed since it was chosen, and what was just reset."""
    ending = "".join(f" Reset, as {names.choice(chosen)} doesn't use it: {_labels(several)}." for chosen, several in reset.items())
    if filled["preset"] == "custom":
        return "Custom settings." + ending
    names_changed = changed(filled)
    return presets.find(filled["preset"]).why + (f" **Changed:** {_labels(names_changed)}." if names_changed else "") + ending


def changed(filled: dict) -> list[str]:
    """The names of the settings that are not those of the chosen preset; without a preset, not the defaults. The seed doesn't count."""
    original = config.to_json(presets.start(filled["preset"]))
    return [name for name, value in filled.items() if name not in ("preset", "seed") and value != original[name]]


def fill(filled: config.Config) -> None:
    """Put these settings into the form, except for the data set. Call it before the form is drawn."""
    preset = filled.preset if presets.is_known(filled.preset) else None
    values = {**config.to_json(filled), _PROPORTIONS: filled.proportions, "preset": preset}
    for name in ("preset", *FIELDS):
        st.session_state[f"form_{name}"] = values[name]
    st.session_state.form_filled = preset


def _choose_preset():
    """Draw the presets and return the place for `_about`."""
    chosen = st.session_state.get("form_preset", "quick")
    if chosen and chosen != st.session_state.get("form_filled"):  # a callback can get lost while the page is being drawn
        fill(presets.config(chosen))
    st.session_state.form_filled = chosen
    known = ["quick", *(preset.name for preset in (*presets.OURS, presets.FEW, presets.TRANSFER, *study_presets.STUDY))]
    if st.session_state.form_preset not in (None, *known):  # filled in from a run of another preset
        known.append(st.session_state.form_preset)
    look = {"format_func": lambda name: presets.find(name).title, "persist_state": "session", "help": _ABOUT_STUDY}
    st.pills("Preset", known, key="form_preset", **look)
    return st.container()  # st.empty would be drawn empty first, and everything below it would jump with every change


def label(name: str) -> str:
    """A setting as the form calls it."""
    written = (LIMITS | _LIMITS)[name].label
    return f"{written[0].upper()}{written[1:]}"


def ask_values(kind: str, name: str, filled: dict, suggest: Callable[[object], str]) -> Sequence | str:
    """The widget for the values of one setting that a sweep or a search, the `kind`, varies: as chosen, or as typed; at first the form's
    own, or what `suggest` writes for it.
    """
    now, limits = filled.get(name, getattr(config.Config, name)), LIMITS[name]
    if limits.choices:
        options = (False, True) if isinstance(now, bool) else limits.choices
        return st.multiselect(label(name), options, default=[now], format_func=names.choice, key=f"{kind}_of_{name}")
    return st.text_input(label(name), value=suggest(now), key=f"{kind}_of_{name}", help=f"`{name}`, each: {limits}.")


def _labels(several: list[str]) -> str:
    """Settings by the fields that they are changed with."""
    return ", ".join(dict.fromkeys(label(_PROPORTIONS if name in (_CROP, _PAD) else name) for name in several))


def _run_to_start_from(title: str, about: dict) -> str:
    """Those whose weights fit what is filled in, and the one that is filled in, which `origin.require` refuses if it doesn't."""
    titles = {"": "none", **_fitting_runs(*(st.session_state[f"form_{name}"] for name in origin.SHAPING))}
    titles.setdefault(st.session_state.form_start_from, st.session_state.form_start_from)
    return st.selectbox(title, list(titles), format_func=titles.get, **about)


@st.cache_data(ttl=5, show_spinner=False)  # with a thousand runs, looking at all takes longer than a slider's move may
def _fitting_runs(*values) -> dict[str, str]:
    settings = dict(zip(origin.SHAPING, values, strict=True))
    runs = (store.load(store.SHIPPED), *store.list_all())
    return {run.id: "bundled network" if run.id == store.SHIPPED else names.in_list(run) for run in runs if origin.fits(run, settings)}


def _help(name: str, limits: Limits) -> str:
    if name == _PROPORTIONS:
        return f"What becomes of photographs that aren't square. `{_CROP}` is crop, `{_PAD}` is pad, and neither is stretch."
    return f"{limits.help} `{name}`{'' if limits.low is None and not limits.choices else f': {limits}'}."


def _learning_rate() -> float | None:
    with st.container(gap="xxsmall"):
        value = _widget("learning_rate", _LIMITS["learning_rate"])
        rate_finder.offer()
    return value


def _widget(name: str, limits: Limits):
    default = getattr(config.Config, name)
    title = label(name) + (f" ({limits.unit})" if limits.unit in ("px", "degrees") else "")
    about = {"key": f"form_{name}", "help": _help(name, limits), "persist_state": "session"}
    if limits.is_optional:  # the learning rate
        auto = DEFAULT_RATES[st.session_state.form_optimizer]
        return st.number_input(title, value=None, step=auto / 10, format="%.6f", placeholder=f"auto: {auto:g}", **about)
    if isinstance(default, bool):
        return st.toggle(title, **about)
    if limits.choices:
        return st.selectbox(title, limits.choices, format_func=names.choice, **about)
    if name == "start_from":
        return _run_to_start_from(title, about)
    if limits.low is None:
        return st.text_input(title, **about)
    kind = int if isinstance(default, int) else float
    if name in _TYPED:
        step = _INCREMENTS.get(name, 1 if kind is int else default / 10)
        return st.number_input(title, step=step, format=None if kind is int else "%.4f" if name in _INCREMENTS else "%.6f", **about)
    step = _INCREMENTS.get(name, 1 if kind is int else 0.01)
    written = "%.0f" if step >= 1 else None
    return st.slider(title, kind(limits.low), kind(limits.high), step=step, format=written, **about)
