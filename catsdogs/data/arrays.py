"""Reads NumPy's files, which may be damaged: any error becomes `files.Damaged`."""

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from catsdogs.system import words
from catsdogs.system.files import Damaged

# What NumPy and zipfile raise on damaged files, for a header that is no Python, bad deflate data, or a shape too large for memory.
RAISED = (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, MemoryError, SyntaxError)
RAISED += (tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error)


def load(path: Path) -> np.ndarray:
    """The array of an .npy file. Raises Damaged, also if the file is missing."""
    found = _load(path)
    if not isinstance(found, np.ndarray):
        raise Damaged(path, "holds several arrays")
    return found


def load_several(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by name. Raises Damaged, also if the file is missing."""
    found = _load(path)
    if not isinstance(found, dict):
        raise Damaged(path, "holds one array")
    return found


def _load(path: Path) -> np.ndarray | dict[str, np.ndarray]:
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found
        with found:
            return {name: found[name] for name in found.files}
    except RAISED as error:
        raise Damaged(path, f"can't be read ({words.first_line(error)[:200]})") from None
