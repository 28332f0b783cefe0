"""The form for a run's settings. Names, limits, units and help come from `config`, so a new setting needs no line here."""

import streamlit as st

from catsdogs.settings import config, presets, study_presets
from catsdogs.settings.config import LIMITS, Limits
from pages.parts.shared import names

_GROUPS = {"training": "Hyperparameters", "data": "Preprocessing", "augmentation": "Augmentation", "model": "Model"}
_INCREMENTS = {
    "target_size": 2,
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
_TYPED = ("seed", "rescale", "fine_tuning_rate", "batch_size", "epochs", "dense_units")  # as any number; `Config` validates it
_HIDDEN = ("class_mode",)  # a single choice


def settings() -> dict:
    """Draw the form and return the value of each setting, not yet validated. Values survive a change of page."""
    about = _choose_preset()
    filled = {"preset": st.session_state.get("form_preset") or "custom", "seed": 0}
    for tab, group in zip(st.tabs(list(_GROUPS.values())), _GROUPS, strict=True):
        with tab, st.grid(columns=3, min_column_width=220, gap="medium"):
            for name, limits in LIMITS.items():
                if limits.group == group and name not in _HIDDEN:
                    filled[name] = _widget(name, limits)
            if group == "training":
                filled["seed"] = _widget("seed", LIMITS["seed"])
    about.caption(_about(filled))
    return filled


def _about(filled: dict) -> str:
    """What the preset is for, what was changed since it was chosen, and what was just reset."""
    reset = st.session_state.pop("form_reset", [])
    ending = f" Reset, as {names.choice(filled['model'])} doesn't use it: {', '.join(reset)}." if reset else ""
    if filled["preset"] == "custom":
        return "Custom settings." + ending
    original = config.to_json(presets.config(filled["preset"], seed=filled["seed"]))
    changed = [name for name, value in filled.items() if value != original[name]]
    return presets.find(filled["preset"]).why + (f" **Changed:** {', '.join(changed)}." if changed else "") + ending


def fill(filled: config.Config) -> None:
    """Put these settings into the form, except for the data set. Call it before the form is drawn."""
    known = {preset.name for preset in presets.PRESETS}
    values = {**config.to_json(filled), "preset": filled.preset if filled.preset in known else None}
    for name, value in values.items():
        if name != "data" and name not in _HIDDEN:
            st.session_state[f"form_{name}"] = value
    st.session_state.form_filled = values["preset"]


def _choose_preset():
    """Draw the presets and return the place for `_about`."""
    chosen = st.session_state.get("form_preset", "quick")
    if chosen and chosen != st.session_state.get("form_filled"):  # a callback can get lost while the page is being drawn
        fill(presets.config(chosen))
    st.session_state.form_filled = chosen
    known = ["quick", *(preset.name for preset in (*presets.OURS, presets.TRANSFER, *study_presets.STUDY))]
    if st.session_state.form_preset not in (None, *known):  # filled in from a run of another preset
        known.append(st.session_state.form_preset)
    st.pills("Preset", known, format_func=lambda name: presets.find(name).title, key="form_preset", persist_state="session")
    return st.container()  # st.empty would be drawn empty first, and everything below it would jump with every change


def _reset() -> None:
    """Another model was chosen by hand: reset what it doesn't use to the defaults, which `_about` reports once."""
    settings = {name: st.session_state[f"form_{name}"] for name in LIMITS if f"form_{name}" in st.session_state}
    st.session_state.form_reset = config.misplaced(settings)
    for name in st.session_state.form_reset:
        st.session_state[f"form_{name}"] = getattr(config.Config, name)


def _widget(name: str, limits: Limits):
    default = getattr(config.Config, name)
    unit = f" ({limits.unit})" if limits.unit in ("px", "degrees", "units") else ""
    label = name.replace("_", " ").capitalize().replace("Ema", "EMA").replace("Fine t", "Fine-t") + unit
    about = {"key": f"form_{name}", "help": f"{limits.help} `{name}`: {limits}.", "persist_state": "session"}
    st.session_state.setdefault(about["key"], default)
    if limits.is_optional:  # the learning rate
        auto = config.DEFAULT_RATES[st.session_state.form_optimizer]
        return st.number_input(label, value=None, step=auto / 10, format="%.6f", placeholder=f"auto: {auto:g}", **about)
    if isinstance(default, bool):
        return st.toggle(label, **about)
    if limits.choices:
        on_change = _reset if name == "model" else None
        return st.selectbox(label, limits.choices, format_func=names.choice, on_change=on_change, **about)
    if limits.low is None:
        return st.text_input(label, **about)
    kind = int if isinstance(default, int) else float
    if name in _TYPED:
        fine = {"step": 1} if kind is int else {"step": default / 10, "format": "%.6f"}
        return st.number_input(label, **fine, **about)
    step = _INCREMENTS.get(name, 1 if kind is int else 0.01)
    return st.slider(label, kind(limits.low), kind(limits.high), step=step, format="%.3f" if step < 0.01 else None, **about)
