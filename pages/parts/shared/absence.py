"""What a session keeps outside its state: released once the session stays away, but not when its connection drops for a moment.

A phone drops it whenever another application comes to the front. Streamlit clears a session's caches at once, but keeps its state for
two minutes, in case the browser comes back.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

PATIENCE = 150  # seconds; by then, Streamlit has forgotten the session
_KEPT = "kept"  # in the session: what is kept, by name

T = TypeVar("T")


@dataclass
class _Kept:
    value: object
    release: Callable[[object], None]
    session: str  # its id
    patience: float  # seconds
    timer: threading.Timer | None = None  # runs while the session is away


def keep(name: str, make: Callable[[], T], release: Callable[[T], None], patience: float = PATIENCE) -> T:
    """What this session keeps by that name, made when it is first asked for. `release` gets it once the session has stayed away so long.

    That is called in a thread of its own, and only where the server still runs by then.
    """
    kept = st.session_state.setdefault(_KEPT, {})
    if name not in kept:
        kept[name] = _Kept(make(), release, get_script_run_ctx().session_id, patience)
        _present().append(kept[name])
    return kept[name].value


def come_back() -> None:
    """Note that the session is connected, perhaps again."""
    present = _present()
    for kept in st.session_state.get(_KEPT, {}).values():
        if kept.timer:
            kept.timer.cancel()
            kept.timer = None
            present.append(kept)


def is_here(session: str) -> bool:
    """Whether a browser is connected to the session of that id."""
    return runtime.exists() and runtime.get_instance().is_active_session(session)


def end() -> None:
    """Release at once all that the session keeps: another person may be the next to use it."""
    kept = st.session_state.pop(_KEPT, {})
    _present().clear()
    for each in kept.values():
        each.release(each.value)


def _go_away(present: list[_Kept]) -> None:
    for kept in present:
        kept.timer = threading.Timer(kept.patience, _release, [kept])
        kept.timer.daemon = True
        kept.timer.start()


def _release(kept: _Kept) -> None:
    if is_here(kept.session):  # it came back, and nobody has clicked since
        _go_away([kept])
    else:
        kept.release(kept.value)


@st.cache_resource(scope="session", on_release=_go_away, show_spinner=False)
def _present() -> list[_Kept]:
    """What the session keeps, while it is connected."""
    return []
