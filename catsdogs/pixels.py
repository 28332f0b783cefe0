"""Decodes a listing once: all its photographs at one size, as a memory map of uint8 pixels in the home folder.

Found again by what is in it (the listing's fingerprint, size and interpolation). Who reads which rows is the callers' business.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from catsdogs import files, home, images
from catsdogs.dataset import Listing, Progress
from catsdogs.errors import InputError

_REPORT_EVERY = 50  # pictures


def load(listing: Listing, target_size: int, interpolation: str, progress: Progress | None = None) -> np.ndarray:
    """Pixels of shape (photographs, target_size, target_size, 3), row i being `listing.photos[i]`, read from disk as needed.

    `progress(done, total)` may raise in order to stop; nothing is left behind then. Raises InputError where a photograph
    that was checked can't be read any more, OSError where the disk is full.
    """
    path = home.subfolder("pixels") / f"{listing.fingerprint}-{target_size}-{interpolation}.npy"
    if not path.exists():
        files.replace(path, partial(_decode_all, listing, target_size, interpolation, progress))
    return np.load(path, mmap_mode="r")


def _decode_all(listing: Listing, target_size: int, interpolation: str, progress: Progress | None, path: Path) -> None:
    total = len(listing.photos)
    header = {"descr": "|u1", "fortran_order": False, "shape": (total, target_size, target_size, 3)}
    decode = partial(_decode, listing, target_size, interpolation)
    pool = ThreadPoolExecutor()  # Pillow decodes outside of the interpreter lock
    try:
        # written in order, not through a map: a map that runs into a full disk kills the process
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for done, pixels in enumerate(pool.map(decode, range(total)), start=1):
                file.write(pixels.tobytes())
                if progress and (done % _REPORT_EVERY == 0 or done == total):
                    progress(done, total)
    finally:
        pool.shutdown(cancel_futures=True)


def _decode(listing: Listing, target_size: int, interpolation: str, index: int) -> np.ndarray:
    try:
        return images.load(listing.path(index), target_size, interpolation)
    except (InputError, OSError) as error:
        raise InputError(f"{listing.path(index)} can't be read any more: {error} Check the data set again.") from error
