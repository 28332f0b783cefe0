"""Kinds of damage that a file suffers: by a disk, by a hand, by another program. Each is a function of its path."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        remove(path)
        make(path)

    return replace


def remove(path: Path) -> None:
    """Whatever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


CONTENTS = {
    "cut in half": _cut,
    "emptied": lambda path: path.write_bytes(b""),
    "random bytes": lambda path: path.write_bytes(random.Random(0).randbytes(500)),
    "of another shape": lambda path: path.write_text("[1]\n"),
    "a number": lambda path: path.write_text("7\n"),
    "nested too deep": lambda path: path.write_text("[" * 100_000 + "\n"),
    "not a number": lambda path: path.write_text('{"epoch": NaN}\n'),
    "a number without end": lambda path: path.write_text('{"epoch": ' + "1" * 5000 + "}\n"),
}
PLACES = {
    "a folder": _instead(Path.mkdir),
    "a pipe": _instead(os.mkfifo),
    "a dead link": _instead(lambda path: path.symlink_to("nowhere")),
    "a link to itself": _instead(lambda path: path.symlink_to(path.name)),
    "a link to what never ends": _instead(lambda path: path.symlink_to("/dev/zero")),
}
READING = {"on a broken disk": _instead(lambda path: path.symlink_to("/proc/self/mem"))}  # which can be opened, on Linux, and not read
PERMISSIONS = {"without permission": lambda path: path.chmod(0)}  # which root does not need
ALL = CONTENTS | PLACES | READING | (PERMISSIONS if os.geteuid() else {})


def say(**changed) -> Callable[[Path], None]:
    """JSON that parses, but says something else: `test__accuracy=7` is content["test"]["accuracy"], and None takes it out."""

    def write(path: Path) -> None:
        content = json.loads(path.read_text(encoding="utf-8"))
        for name, value in changed.items():
            *parents, last = name.split("__")
            inner = content
            for parent in parents:
                inner = inner[int(parent) if parent.isdigit() else parent]
            if value is None:
                del inner[last]
            else:
                inner[last] = value
        path.write_text(json.dumps(content), encoding="utf-8")

    return write


def say_in_line(number: int, **changed) -> Callable[[Path], None]:
    """As `say`, in a line of JSONL."""

    def write(path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[number] = json.dumps({**json.loads(lines[number]), **changed})
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    return write
