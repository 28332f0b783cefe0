"""How many runs one person has waiting or training, and may have. A lock enforces the limit across tabs and processes.

A run counts for who started it, and so does a range test, as long as its process holds its `place`. The limits themselves come with the
person, from `system.access`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from catsdogs.errors import InputError
from catsdogs.runs import store
from catsdogs.system import access, home, locks
from catsdogs.system.words import counted

TESTS = "range-tests"  # where each test has its folder, in the home folder


def used(name: str) -> int:
    """How many runs of that person wait or train, range tests included."""
    return sum(run.by == name and run.state in store.WAITING for run in store.list_all()) + tests(name)


def tests(name: str) -> int:
    """How many range tests of that person are under way."""
    return sum(map(locks.is_held, home.folder().glob(f"{TESTS}/*/{place(name)}")))


def place(name: str) -> str:
    """The name of the file in a test's folder that its process keeps locked, so that the test counts for that person."""
    return f"{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:32]}.lock"  # people may be called anything


@contextmanager
def taken(owners: Sequence[str], is_return: bool = False) -> Iterator[None]:
    """Within it, whoever asks queues a run for each of these people. A lock keeps other processes from queueing beyond a limit meanwhile.

    `is_return`: whoever asks had taken the runs out of the queue, and puts them back. Raises InputError where whoever asks or one of the
    others would have more than is allowed, or the disk is too full to train.
    """
    asking = access.person()
    access.require_room(home.folder())
    if asking.limits.runs is None:
        yield
        return
    with locks.hold(home.folder() / "allowance.lock"):
        for name in dict.fromkeys(owners if is_return else (asking.name, *owners)):
            # Otherwise, whoever resumes the runs of others could exceed their own limit
            more = len(owners) if name == asking.name and not is_return else owners.count(name)
            if found := _problem(asking.limits.runs, name, more, name == asking.name):
                raise InputError(found)
        yield


def problem(more: int) -> str:
    """Why whoever asks may not queue so many more runs now; "" where they may, as far as the runs are concerned."""
    asking = access.person()
    return "" if asking.limits.runs is None else _problem(asking.limits.runs, asking.name, more, is_asking=True)


def _problem(most: int, name: str, more: int, is_asking: bool) -> str:
    have = used(name)
    if have + more <= most:
        return ""
    who = "You have" if is_asking else f"{name or 'Whoever started it'} has"
    included = tests(name)
    runs = f"{counted(have, 'run')} waiting or training" + (f" ({included} of them to find a rate)" if included else "")
    if have >= most:
        return f"{who} {runs}, as many as one person may have here. Wait for one to end, or cancel one."
    if not have:
        return f"One person may have {counted(most, 'run')} waiting or training here, and these are {more}. Start at most {most}."
    then = f"There is room for {most - have} more; wait until others have ended, or cancel some first."
    return f"{who} {runs}, {more} more would be {have + more}, and one person may have {most} here. {then}"
