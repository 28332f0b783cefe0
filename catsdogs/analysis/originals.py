"""The photographs that a run was trained and judged on, told from others that lie in their places by now.

A data set can be deleted and another one brought under its name, and files can be replaced.
"""

from functools import lru_cache
from pathlib import Path

from catsdogs.data import dataset
from catsdogs.runs import Run, store
from catsdogs.system import digests, files, home


def is_another(run: Run, path: str) -> bool:
    """Whether the file at that path of the run's data set has another content than when the run was trained.

    False where that content is not known on this machine. Raises OSError.
    """
    fingerprint = store.environment(run).get("data_fingerprint")
    known = _known(fingerprint, files.version(home.subfolder("listings"))) if fingerprint else {}
    return path in known and digests.of_file(Path(run.config.data, path)) != known[path]


@lru_cache(maxsize=16)
def _known(fingerprint: str, version: tuple) -> dict[str, str]:
    """Digests by paths, of the listing with that fingerprint; `version` is that of the folder of listings."""
    listing = dataset.find(fingerprint)
    return {photo.path: photo.digest for photo in listing.photos} if listing else {}
