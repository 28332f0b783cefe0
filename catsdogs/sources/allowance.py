"""How much disk space one person's data sets take, and may take.

A data set counts towards the limit of whoever made it, which `library` records. Drawn and downloaded ones are there for everybody and count
towards nobody's, as do those made before that was recorded. The limits come with the person, from `system.access`.
"""

from collections.abc import Callable
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.sources import library
from catsdogs.system import access, home, shortage


def used(name: str) -> int:
    """Bytes that the data sets of the person with that name take."""
    return sum(made.bytes for made in library.made() if made.by == name)


def require(more: int) -> None:
    """Raises InputError if whoever asks may not add that many bytes to a data set, or the disk is too full for them.

    Hold `library.changing` until they are added: two tabs may ask at once.
    """
    access.require_room(home.folder(), more, "what is to be added")
    watch()(more)


def watch(folder: Path | None = None) -> Callable[[int], None]:
    """A function to call with the number of bytes of a new data set written so far, below `folder`; it raises as `require` does."""
    asking = access.person()
    have = used(asking.name) if asking.limits.data is not None else 0

    def check(written: int) -> None:
        if folder:
            access.require_room(folder)
        if asking.limits.data is not None and have + written > asking.limits.data:
            advice = "Delete a data set that you made, or add fewer photographs." if have else "Add fewer photographs."
            raise InputError(
                f"Your data sets take {shortage.size(have)}, and would take {shortage.size(have + written)} or more with this; one person "
                f"may have {shortage.size(asking.limits.data)} here. {advice}"
            )

    return check
