"""How much disk space the data sets of one person take, and may take.

A data set counts for who made it, which `library` notes. What is drawn or downloaded is there for everybody and counts for nobody, and so
does what was made before that was noted. The limits themselves come with the person, from `system.access`.
"""

from collections.abc import Callable
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.sources import library
from catsdogs.system import access, home, shortage


def used(name: str) -> int:
    """Bytes that the data sets of that person take."""
    return sum(made.bytes for made in library.made() if made.by == name)


def require(more: int) -> None:
    """Raises InputError where whoever asks may not add so many bytes to a data set, or the disk is too full for them.

    Keep `library.changing` until they are added: two tabs may ask at once.
    """
    access.require_spare(home.folder(), more)
    watch()(more)


def watch(folder: Path | None = None) -> Callable[[int], None]:
    """A function that is told how many bytes of a new data set were written so far, below `folder`, and raises as `require` does."""
    asking = access.person()
    have = used(asking.name) if asking.limits.data is not None else 0

    def check(written: int) -> None:
        if folder:
            access.require_spare(folder)
        if asking.limits.data is not None and have + written > asking.limits.data:
            raise _too_much(have, written, asking.limits.data)

    return check


def _too_much(have: int, more: int, most: int) -> InputError:
    advice = "Delete a data set that you made, or add fewer photographs." if have else "Add fewer photographs."
    return InputError(
        f"Your data sets take {shortage.size(have)}, and would take {shortage.size(have + more)} or more with this; one person may have "
        f"{shortage.size(most)} here. {advice}"
    )
