"""A model's file, written so that it can't be lost: to a temporary file, synced, opened again, and only then put in its place."""

import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras

from catsdogs.system import files, shortage
from catsdogs.system.files import Damaged

_OVERHEAD = 200_000  # bytes of a .keras file besides its numbers, at most
_BYTES = 4  # of a number, at most
_WEIGHTS = "model.weights.h5"


def replace(path: Path, model: keras.Model | None, write: Callable[[Path], object]) -> None:
    """Have `write(temporary)` write the model's file, check it and put it at `path`.

    Raises shortage.DiskFull where there is no room, which leaves what was there; Damaged where what was written can't be read again.
    """
    with shortage.explained(path, "the checkpoint", size(model) if model else 0):
        files.replace(path, write, check=_check)


def size(model: keras.Model) -> int:
    """The most bytes that the file may take: all numbers of the model and of its optimizer."""
    optimizer = getattr(model, "optimizer", None)
    variables = [*model.variables, *(optimizer.variables if optimizer else ())]
    return _OVERHEAD + _BYTES * sum(math.prod(variable.shape) for variable in variables)


def _check(path: Path) -> None:
    """Raises Damaged where a checksum is wrong, or the weights aren't all there."""
    try:
        with zipfile.ZipFile(path) as archive:
            wrong = archive.testzip()
            if wrong is None and _WEIGHTS in archive.namelist():
                with archive.open(_WEIGHTS) as file, h5py.File(file, "r") as weights:
                    weights.visit(lambda name: None)
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise Damaged(path, f"can't be read again ({error})") from error
    if wrong:
        raise Damaged(path, f"was not written as it is in memory: {wrong} has another checksum")
