"""The folders of photographs that pages offer: those that were checked or brought before."""

import os
from pathlib import Path

from catsdogs.system import access, home, lists, paths, shortage


def load() -> list[Path]:
    """The folders that were checked or brought before, still exist and may be opened by whoever asks, the latest first."""
    folders = [Path(name) for name in lists.read(_path(), list[str], []) if os.path.isabs(name)]
    return [folder for folder in folders if access.may_open(folder) and paths.is_folder(folder)]


def remember(folder: Path) -> None:
    """Put it first among these; one that is not there today may be there again tomorrow, so it is kept."""
    name = str(folder)
    with shortage.explained(_path(), "the list of data sets"):
        lists.change(_path(), list[str], [], lambda others: [name, *(other for other in others if other != name)])


def _path() -> Path:
    return home.folder() / "folders.json"
