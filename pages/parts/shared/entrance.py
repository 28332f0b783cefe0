"""Who has come in: the configuration of the server's door, and what everybody sees of it. `catsdogs.system.access` holds to it.

Where only this machine can reach the server and no sign-in is configured, it is the owner. `docs/access.md` describes the settings.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import streamlit as st
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.scriptrunner import get_script_run_ctx
from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.errors import InputError
from catsdogs.system import access
from catsdogs.system.access import OWNER, Limits, Person

OPEN_DOOR = (
    "This server can be reached from other machines, and asks nobody to sign in: whoever reaches it can train, delete and see everything. "
    "Set a password or a sign-in (docs/access.md), or have it listen on 127.0.0.1 only."
)
_SIGNED_IN = "signed_in"  # in the session: who gave a password


@with_config(ConfigDict(extra="forbid", allow_inf_nan=False))
class _Limited(TypedDict, total=False):
    """The section [limits] of the secrets; 1 GB is a thousand million bytes."""

    runs: Annotated[int, Field(ge=1)]
    data_gb: Annotated[float, Field(gt=0)]
    free_gb: Annotated[float, Field(ge=0)]


def settings() -> Mapping:
    """The section [access] of the secrets; empty where there is none."""
    return _section("access")


def limits() -> Limits:
    """What the section [limits] of the secrets allows each person; everything where there is none. Raises InputError for a bad one."""
    given = dict(_section("limits"))
    try:
        allowed = _limited().validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(
            f"The section [limits] has {first['loc'][0]} = {first['input']!r} ({first['msg']}). It takes runs, a whole number from 1; "
            "data_gb and free_gb, in GB."
        ) from None
    data = allowed.get("data_gb")
    return Limits(allowed.get("runs"), None if data is None else int(data * 1e9), int(allowed.get("free_gb", 0) * 1e9))


def has_provider() -> bool:
    """Whether people sign in at an OpenID provider: the section [auth] of the secrets, which `st.login` reads."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def passwords() -> dict[bool, str]:
    """The hashes of the shared passwords, by whether they allow to train."""
    names = {True: "train_password", False: "look_password"}
    return {may_train: settings()[name] for may_train, name in names.items() if settings().get(name)}


def needs_sign_in() -> bool:
    """Whether nobody gets in without."""
    return has_provider() or bool(passwords())


def is_reachable() -> bool:
    """Whether other machines may reach the server: by its own address, or by a name that a proxy in front of it passes on."""
    hosts = st.get_option("server.allowedHosts")
    return not all(map(_is_this_machine, [st.get_option("server.address") or "0.0.0.0", *hosts]))


def person() -> Person | None:
    """Who asks: the session at hand. None where a sign-in is needed and there was none."""
    if not needs_sign_in():
        return Person(roots=_roots(), limits=limits()) if is_reachable() else replace(OWNER, limits=limits())
    if get_script_run_ctx() is None:
        return None
    return _by_provider() or st.session_state.get(_SIGNED_IN)


def admit(name: str, may_train: bool) -> None:
    """Let this session in, after it gave a password."""
    st.session_state[_SIGNED_IN] = Person(name, may_train, _roots(), limits())


def leave() -> None:
    """Sign this session out, and end the run."""
    st.session_state.pop(_SIGNED_IN, None)
    if has_provider() and st.user.is_logged_in:
        st.logout()
        st.stop()  # run again at once, the browser would not hear that its cookie is to go
    st.rerun()


def watch() -> None:
    """Have the library's actions ask who it is."""
    access.identify_by(person)


def _by_provider() -> Person | None:
    """By the address that the provider vouches for, where it is on one of the lists."""
    if not has_provider() or not st.user.is_logged_in or st.user.get("email_verified") is False:
        return None
    name = str(st.user.get("email") or "").lower()
    may_train = _is_listed(name, "train")
    return Person(name, may_train, _roots(), limits()) if may_train or _is_listed(name, "look") else None


@lru_cache
def _limited() -> TypeAdapter:
    return TypeAdapter(_Limited)


def _section(name: str) -> Mapping:
    try:
        return st.secrets.get(name, {})
    except StreamlitSecretNotFoundError:
        return {}


def _is_listed(name: str, role: str) -> bool:
    """Entries are whole addresses, or `*@` and a domain for everybody there."""
    entries = [str(entry).lower() for entry in settings().get(role, [])]
    return bool(name) and (name in entries or f"*@{name.rpartition('@')[2]}" in entries)


def _roots() -> tuple[Path, ...]:
    return tuple(Path(root).expanduser() for root in settings().get("roots", []))


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.startswith("unix://")
