"""Paths and names that trip programs up."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_UTF8 = os.fsdecode(b"K\xe4tzchen")
MARKDOWN = (
    "$5 *my* cat_1_ $6.jpg",
    "# 1. :red[x].jpg",
    "1. `a` <b>b<b> &lt; ~~c~~.jpg",
    ":smile: :cat: a -> b.jpg",
    "- _x_ [y](z).jpg",
    "www.a.example.jpg",
)


def impossible(folder: Path) -> dict[str, str]:
    """What can't be used as a path, with a part of the sentence that says so; a link to itself is made in the folder."""
    loop = folder / "loop"
    if not loop.is_symlink():
        loop.symlink_to(loop)
    return {
        "~nouser/x": "no such user",
        str(loop): "link",
        str(folder / ("x" * 300)): "name too long",
        str(folder / "a\0b"): "null character",
    }


@contextmanager
def unreadable(folder: Path) -> Iterator[None]:
    """Nobody may read the folder, not even root, whom the permissions of files do not stop."""
    before, libc = folder.stat().st_mode, ctypes.CDLL(None)
    folder.chmod(0)
    user = libc.setfsuid(65534) if os.geteuid() == 0 else None  # of this thread
    try:
        yield
    finally:
        if user is not None:
            libc.setfsuid(user)
        folder.chmod(before)
