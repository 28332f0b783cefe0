"""How many runs one person has waiting or training, and may have. A limit is held with a lock, whatever tabs and processes ask at once.

A run counts for who started it. The limits themselves come with the person, from `system.access`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.system import access, home, locks


def used(name: str) -> int:
    """How many runs of that person wait or train."""
    return sum(run.by == name and run.state in store.WAITING for run in store.list_all())


@contextmanager
def taken(owners: Sequence[str]) -> Iterator[None]:
    """Within it, a run is queued for each of these people, by whoever asks.

    Raises InputError, and nothing is to be queued, where whoever asks or one of them would have more than is allowed, or the disk is too
    full to train.
    """
    asking = access.person()
    access.require_spare(home.folder())
    if asking.limits.runs is None:
        yield
        return
    with locks.hold(home.folder() / "allowance.lock"):
        for name in dict.fromkeys((asking.name, *owners)):  # else resuming the runs of others would get around it
            more = len(owners) if name == asking.name else owners.count(name)
            _require(asking.limits.runs, name, more, name == asking.name)
        yield


def _require(most: int, name: str, more: int, is_asking: bool) -> None:
    have = used(name)
    if have + more <= most:
        return
    who = "You have" if is_asking else f"{name or 'Whoever started it'} has"
    runs = f"{have} run{'' if have == 1 else 's'} waiting or training"
    if have >= most:
        raise InputError(f"{who} {runs}, as many as one person may have here. Wait for one to end, or cancel one.")
    raise InputError(
        f"{who} {runs}, {more} more would be {have + more}, and one person may have {most} here. Start {most - have}, or cancel some first."
    )
