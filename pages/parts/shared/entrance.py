"""Who is signed in, by what `access_settings` allow. `catsdogs.system.access` asks here who it is.

Where only this machine can reach the server and no sign-in is configured, it is the owner.
"""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from catsdogs.system import access
from catsdogs.system.access import Person
from pages.parts.shared import absence
from pages.parts.shared.access_settings import AccessSettings

OPEN_TO_ALL = (
    "This server can be reached from other machines without a sign-in: anyone who reaches it can see everything, train and delete. "
    "Set a password or a sign-in (docs/access.md), or make it listen on 127.0.0.1 only."
)
_SIGNED_IN = "signed_in"  # in the session: who gave a password
_watched: list[AccessSettings] = []  # one at most
_uploading: set[str] = set()  # ids of sessions


def watch(settings: AccessSettings) -> None:
    """From now on, people come in by these settings, and the library's actions ask who it is."""
    _watched[:] = [settings]
    access.identify_by(person)


def is_watched() -> bool:
    """Whether settings were given to `watch`."""
    return bool(_watched)


def settings() -> AccessSettings:
    """Those that are watched; before that, the owner's."""
    return _watched[0] if _watched else AccessSettings()


def person() -> Person | None:
    """Who asks: the session at hand. None where a sign-in is needed and there was none."""
    if not settings().needs_sign_in:
        return Person(roots=settings().roots if settings().is_reachable else None, limits=settings().limits)
    if get_script_run_ctx() is None:
        return None
    return _by_provider() or st.session_state.get(_SIGNED_IN)


def allow_uploads() -> None:
    """Note that this session was let in and may train; what it sends after `leave`, or once it is gone, is refused again."""
    absence.keep("uploading", _allow_this, _uploading.discard)


def _allow_this() -> str:
    session = get_script_run_ctx().session_id
    _uploading.add(session)
    return session


def may_upload(session: str) -> bool:
    """Whether the session of that id may send files to Streamlit's own boxes."""
    return not settings().needs_sign_in or session in _uploading


def admit(name: str, may_train: bool) -> None:
    """Let this session in, after it gave a password."""
    st.session_state[_SIGNED_IN] = Person(name, may_train, settings().roots, settings().limits)


def leave() -> None:
    """Sign this session out, and end the run. Whoever signs in next at this tab finds nothing of what was in it."""
    absence.end()
    st.session_state.clear()
    if settings().has_provider and st.user.is_logged_in:
        st.logout()
        st.stop()  # run again at once, the browser would not hear that its cookie is to go
    st.rerun()


def is_vouched_for(claims: Mapping) -> bool:
    """Whether the provider says that the address is this account's own.

    Where it says nothing, as Microsoft's doesn't, it may be whatever was typed into a profile: the settings say whether to take it all the
    same.
    """
    said = claims.get("email_verified")
    return settings().trust_email if said is None else str(said).lower() == "true"  # some send words


def _by_provider() -> Person | None:
    """By the address that the provider vouches for, where it is on one of the lists."""
    if not settings().has_provider or not st.user.is_logged_in or not is_vouched_for(st.user):
        return None
    name = str(st.user.get("email") or "").lower()
    may_train = _is_listed(name, settings().train)
    return Person(name, may_train, settings().roots, settings().limits) if may_train or _is_listed(name, settings().look) else None


def _is_listed(name: str, entries: tuple[str, ...]) -> bool:
    return bool(name) and (name in entries or f"*@{name.rpartition('@')[2]}" in entries)
