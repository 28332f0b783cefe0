"""Who is working on a run folder, and who has been asked to end. The lock is released when its holder exits, even by a crash."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.system import files, locks

_PATIENCE = 1  # seconds; a page that asks whether the run is alive holds its lock for a moment, too


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Hold the run folder as its only worker. Raises InputError where another process holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(locks.hold(folder / "lock", _PATIENCE))
        except locks.Taken:
            raise InputError(f"Run {folder.name} is already being worked on by another process.") from None
        yield


def is_alive(folder: Path) -> bool:
    """Whether a worker holds the run folder. Raises files.Damaged where that can't be told."""
    path = folder / "lock"
    try:
        return locks.is_held(path)
    except OSError as error:
        raise files.Damaged(path, files.why(error)) from None


def request_stop(folder: Path) -> None:
    """Ask the run's worker to end."""
    (folder / "stop").touch()


def is_stop_requested(folder: Path) -> bool:
    """Whether the run was asked to end."""
    return (folder / "stop").exists()


def withdraw_stop(folder: Path) -> None:
    """Forget the request, before the run is resumed."""
    (folder / "stop").unlink(missing_ok=True)
