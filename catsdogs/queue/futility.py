"""When a search should end because its runs say nothing about the settings, so that further ones would be tried at random."""

from contextlib import suppress
from itertools import takewhile

from catsdogs.analysis import learned
from catsdogs.errors import InputError
from catsdogs.queue.searches import FAILED, FINISHED, IN_PROGRESS, Search
from catsdogs.runs import store

_FIRST = 3  # runs; if all of them fail, so would the others
_IN_A_ROW = 10  # runs; if all of them fail, as when the data set is gone, so would the others
_UNFAIR = (
    "each failed, or started from a run that was trained on photographs which it would be judged by, or may have been. "
    "Start from another run, or from none."
)


def reason(search: Search) -> str:
    """Why it is to end; "" while it may go on."""
    ended = [id for id, state in search.runs.items() if state != IN_PROGRESS]
    useless = list(takewhile(lambda id: _is_useless(id, search.runs[id]), reversed(ended)))
    which, enough = ("first", _FIRST) if useless == ended[::-1] else ("last", _IN_A_ROW)
    if len(useless) < enough:
        return ""
    if all(search.runs[id] == FAILED for id in useless):
        return f"The {which} {len(useless)} runs failed; the last one said: {_error(useless[0])}"
    return f"None of the {which} {len(useless)} runs can be judged: {_UNFAIR}"


def _is_useless(id: str, state: str) -> bool:
    return state == FAILED or (state == FINISHED and not _is_fair(id))


def _is_fair(id: str) -> bool:
    """Whether it may be judged; True for a run that was deleted since."""
    with suppress(InputError):
        return learned.is_fair(store.load(id))
    return True


def _error(id: str) -> str:
    with suppress(InputError):
        return store.load(id).status.get("error", "")
    return "it was deleted."
