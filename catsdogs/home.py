"""Where things are kept: the folder that CATSDOGS_HOME names. What lies in its folders is their owners' business."""

import os
from pathlib import Path


def folder() -> Path:
    """The home folder, made where it is missing: $CATSDOGS_HOME, else `workspace/` beside app.py."""
    default = Path(__file__).resolve().parent.parent / "workspace"
    path = Path(os.environ.get("CATSDOGS_HOME") or default).expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def subfolder(name: str) -> Path:
    """A folder of the home folder, made where it is missing."""
    path = folder() / name
    path.mkdir(exist_ok=True)
    return path
