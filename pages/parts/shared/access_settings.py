"""Who may come in, as it is configured: the sections [access], [auth] and [limits] of the secrets. `docs/access.md` describes them.

It is read once, when the server starts, which a mistake in it prevents: what can't be read must not let everybody in. Who comes in is up
to `entrance`.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import streamlit as st
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from streamlit.errors import StreamlitSecretNotFoundError
from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.errors import InputError
from catsdogs.system.access import Limits

_Hash = Annotated[str, Field(pattern=r"^scrypt:[0-9a-f]+:[0-9a-f]+$")]
_A_HASH = "a hash that `python -m catsdogs password` prints"
_ALLOWED = {
    "access": {
        **dict.fromkeys(("roots", "train", "look"), "a list of strings"),
        "trust_email": "true or false",
        **dict.fromkeys(("train_password", "look_password", "api_token"), _A_HASH),
    },
    "limits": {"runs": "a whole number from 1", "data_gb": "a number of GB above 0", "free_gb": "a number of GB from 0"},
}


@with_config(ConfigDict(extra="forbid"))
class _Access(TypedDict, total=False):
    """The section [access]."""

    roots: list[str]
    train: list[str]
    look: list[str]
    trust_email: bool
    train_password: _Hash
    look_password: _Hash
    api_token: _Hash


@with_config(ConfigDict(extra="forbid", allow_inf_nan=False))
class _Limited(TypedDict, total=False):
    """The section [limits]; 1 GB is a thousand million bytes."""

    runs: Annotated[int, Field(ge=1)]
    data_gb: Annotated[float, Field(gt=0)]
    free_gb: Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class AccessSettings:
    """Where nothing is configured, only this machine reaches the server, and it is the owner."""

    is_reachable: bool = False  # from other machines: by the server's own address, or by a name that a proxy in front of it passes on
    has_provider: bool = False  # at which people sign in: the section [auth], which `st.login` reads
    train: tuple[str, ...] = ()  # who may train: e-mail addresses, or `*@` and a domain for everybody there
    look: tuple[str, ...] = ()  # who may only look and classify
    trust_email: bool = False  # whether an address counts of which the provider doesn't say that it was verified
    passwords: Mapping[bool, str] = field(default_factory=dict)  # hashes, by whether they allow to train
    api_token: str = ""  # its hash
    roots: tuple[Path, ...] = ()  # below which others may open folders
    limits: Limits = Limits()  # of each person

    @property
    def needs_sign_in(self) -> bool:
        """Whether nobody gets in without."""
        return self.has_provider or bool(self.passwords)


def read() -> AccessSettings:
    """What the configuration says now. Raises InputError where it can't be read, has a mistake, or lets in more than it seems to."""
    secrets = _secrets()
    access, limits = _section(secrets, "access", _Access), _section(secrets, "limits", _Limited)
    passwords = {may_train: access[name] for may_train, name in ((True, "train_password"), (False, "look_password")) if name in access}
    data = limits.get("data_gb")
    settings = AccessSettings(
        is_reachable=not all(map(_is_this_machine, [st.get_option("server.address") or "0.0.0.0", *st.get_option("server.allowedHosts")])),
        has_provider="auth" in secrets,
        train=tuple(entry.lower() for entry in access.get("train", ())),
        look=tuple(entry.lower() for entry in access.get("look", ())),
        trust_email=access.get("trust_email", False),
        passwords=passwords,
        api_token=access.get("api_token", ""),
        roots=tuple(Path(root).expanduser() for root in access.get("roots", ())),
        limits=Limits(limits.get("runs"), None if data is None else int(data * 1e9), int(limits.get("free_gb", 0) * 1e9)),
    )
    if (settings.train or settings.look) and not settings.has_provider:
        raise InputError(
            "The section [access] of the secrets lists people, but without a section [auth] nobody is asked who they are. "
            "Describe the provider there, or set a password instead of the lists."
        )
    if settings.api_token and not settings.needs_sign_in:
        raise InputError(
            "The section [access] of the secrets has an api_token, but as nobody has to sign in, the API answers everybody. "
            "Add a password or a section [auth], or remove the token."
        )
    return settings


def _secrets() -> Mapping:
    """All of their sections; none where there is no file."""
    try:
        return st.secrets.to_dict()
    except (OSError, UnicodeDecodeError) as error:
        is_missing = isinstance(error, StreamlitSecretNotFoundError) and not any(map(os.path.lexists, st.get_option("secrets.files")))
        if is_missing:
            return {}
        raise InputError(f"The secrets can't be read: {error}. Correct the file, then start the server again.") from None


def _section(secrets: Mapping, name: str, kind: type) -> dict:
    try:
        return TypeAdapter(kind).validate_python(secrets.get(name, {}))
    except ValidationError as error:
        raise InputError(f"The section [{name}] of the secrets {_said(name, error)}.") from None


def _said(section: str, error: ValidationError) -> str:
    """The key, what was given, and what is allowed; of [access] not what was given, which may be a password."""
    allowed, first = _ALLOWED[section], error.errors()[0]
    if not first["loc"]:
        return f"has no settings; allowed are {', '.join(allowed)}"
    key, *_ = first["loc"]
    if key not in allowed:
        return f"has {key!r}; allowed are {', '.join(allowed)}"
    given = f"{key} = {first['input']!r}" if section == "limits" else f"a mistake in {key}"
    return f"has {given}; it must be {allowed[key]}"


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.startswith("unix://")
