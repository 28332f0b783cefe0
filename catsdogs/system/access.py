"""Who is asking, and what they may do: only view and classify, or also train and delete; which folders they may open; their limits.

The library's actions check here, so no page, link or route can bypass it. Identifying people is up to the program that serves them: it
passes a function to `identify_by`. Without one, as on the command line and in workers, the machine's owner asks, who may do everything.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.system import home, shortage


class Refused(InputError):
    """Whoever asks may not do this."""


@dataclass(frozen=True)
class Limits:
    """How much one person may have; None is unlimited. `queue.allowance` and `sources.allowance` count what they have."""

    runs: int | None = None  # waiting or training at once
    data: int | None = None  # bytes of disk space taken by the data sets that they made
    free: int = 0  # bytes of the disk that must stay free


@dataclass(frozen=True)
class Person:
    """Somebody by `name`, "" if unknown. `roots` are the folders below which they may open data sets; None means anywhere."""

    name: str = ""
    may_train: bool = True
    roots: tuple[Path, ...] | None = None
    limits: Limits = Limits()


OWNER = Person()
_identify: list[Callable[[], Person | None]] = []  # one at most


def identify_by(ask: Callable[[], Person | None]) -> None:
    """Have this function say who asks from now on; it returns None for somebody who has not signed in and may do nothing."""
    _identify[:] = [ask]


def person() -> Person:
    """Who asks. Raises Refused if nobody has signed in."""
    found = _identify[0]() if _identify else OWNER
    if found is None:
        raise Refused("Nobody has signed in. Open the application in a browser, and sign in first.")
    return found


def looks_only() -> bool:
    """Whether whoever asks may only look and classify."""
    return not person().may_train


def require_training() -> None:
    """Raises Refused if whoever asks may only look and classify."""
    asking = person()
    if not asking.may_train:
        raise Refused(f"{asking.name or 'A visitor'} may look and classify, not change anything. Ask whoever runs this server.")


def may_open(folder: str | Path) -> bool:
    """Whether the folder, with its links resolved, is one of the application's data sets or lies below a root."""
    roots = person().roots
    if roots is None:
        return True
    try:
        place = Path(os.path.realpath(os.path.expanduser(folder)))
    except (ValueError, OSError):  # a null character; a link that leads back to itself
        return False
    return any(place.is_relative_to(os.path.realpath(root)) for root in (home.folder() / "data", *roots))


def require_folder(folder: str | Path) -> None:
    """Raises Refused for a folder that whoever asks may not open, whether or not it exists."""
    if not may_open(folder):
        roots = ", ".join(map(str, person().roots or ()))
        allowed = f"only folders below {roots}" if roots else "none but its own data sets"
        raise Refused(f"{folder} can't be opened: this server opens {allowed}. Upload the photographs, or ask whoever runs it.")


def require_room(folder: Path, needed: int = 0, what: str = "") -> None:
    """Raises DiskFull as `shortage.require_room` does, by what has to stay free for whoever asks."""
    shortage.require_room(folder, needed, what, person().limits.free)
