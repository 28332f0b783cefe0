"""Paths that people typed, made absolute or refused with a reason; and stored ones, which must stay below a folder."""

from pathlib import Path

from catsdogs.errors import InputError


def resolve(given: str | Path) -> Path:
    """The absolute path, with `~` expanded and links followed, whether or not there is anything.

    Raises InputError if no file or folder can have that path, or it may not be looked at.
    """
    try:
        expanded = Path(given).expanduser()
    except RuntimeError:
        raise InputError(f"{given}: there is no such user. Give the whole path of the file or folder.") from None
    try:
        path = expanded.resolve()
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return path
    except RuntimeError:
        raise InputError(f"{given} can't be used: it is a link that leads back to itself.") from None
    except ValueError:
        raise InputError(f"{str(given)!r} can't be a path: it contains a null character.") from None
    except OSError as error:
        raise InputError(f"{given} can't be used: {reason(error)}.") from None
    return path


def is_folder(path: Path) -> bool:
    """Whether there is a folder at the path; False if it may not be looked at."""
    try:
        return path.is_dir()
    except OSError:
        return False


def leads_out(path: str) -> bool:
    """Whether a stored path, relative to a folder, leads out of it or is invalid. Links are not followed."""
    return path.startswith("/") or ".." in path.split("/") or "\0" in path


def reason(error: OSError) -> str:
    """The system's message, to stand in a sentence: "permission denied", "file name too long"."""
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:]
