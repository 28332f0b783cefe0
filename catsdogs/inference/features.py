"""A network's features of each photograph, that is, the input of its last layer, kept in the home folder.

    features/<data set>-<network>.npy     rows of a digest and its features; named after hashes of the folder, and of the run and its model

Rows are found by the contents of the photographs, so that only new ones are asked for: leaving one out, moving or adding one costs nothing
else. For each data set, the features of one network are kept. Where Keras runs is up to the caller (`loaded.features` is meant for
`companion`); what the features mean is up to `analysis.doubts`.
"""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catsdogs.data import arrays, pixels, second_look
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.inference.classifier import Classifier, read
from catsdogs.system import digests, files, home, shortage, threads
from catsdogs.system.reports import Report, silent

if TYPE_CHECKING:
    import keras

_PORTION = 128  # photographs that are asked for at once; progress is reported after each portion
_BATCH = 64

Ask = Callable[[list[Path]], np.ndarray]


def load(listing: Listing, network: object, ask: Ask, report: Report = silent) -> np.ndarray:
    """Features of shape (photographs, d), float32, row i being `listing.photos[i]`.

    `network` identifies the network by its `repr`: the id of a run with `store.model_version`. `ask(paths)` returns the rows of photographs
    that are not kept yet. `report(done, total)` may raise to stop; the rows so far are then lost. Raises what `ask` raises.
    """
    path = home.subfolder("features") / f"{_hash(listing.folder)}-{_hash(repr(network))}.npy"
    known = _read(path)
    missing = {photo.digest: listing.path(index) for index, photo in enumerate(listing.photos) if photo.digest not in known}
    if missing:
        known.update(zip(missing, _ask_all(list(missing.values()), ask, report), strict=True))
        known = {digest: known[digest] for digest in sorted(known)}
        files.make_way(path)
        with shortage.explained(home.folder(), "what the network sees in the photographs"):
            files.replace(path, partial(_write, known))
        for other in _of(listing.folder):
            if other != path:
                files.remove(other)
    return np.stack([known[photo.digest] for photo in listing.photos])


def look_again(listing: Listing, rows: np.ndarray, ask: Ask, report: Report = silent) -> np.ndarray:
    """Mean features of three more looks at these rows of the listing, as `ask(paths)` returns them; not kept. `report` as in `load`."""
    return _ask_all([listing.path(row) for row in rows], ask, report)


def delete(folder: Path) -> None:
    """Free the space of a data set's features."""
    for path in _of(str(folder)):
        files.remove(path)


def truncate(classifier: Classifier) -> "keras.Model":
    """The network without its last layer."""
    from catsdogs.networks import neither

    return neither.features(classifier.model)


def extract(classifier: Classifier, truncated: "keras.Model", paths: list[Path], again: bool = False) -> np.ndarray:
    """The features of these photographs, or the means of three more looks at them, (n, d) float32.

    Raises InputError if one can no longer be read.
    """
    rows = []
    with closing(threads.in_order(partial(_decode, classifier), paths)) as decoded:
        for start in range(0, len(paths), _BATCH):
            batch = np.stack([next(decoded) for _ in paths[start : start + _BATCH]])
            looks = _look_again(batch) if again else (batch,)
            rows.append(np.mean([truncated.predict_on_batch(look) for look in looks], axis=0, dtype=np.float32))
    return np.concatenate(rows)


def _look_again(stretched: np.ndarray) -> tuple[np.ndarray, ...]:
    """Each image mirrored, its middle, and its middle mirrored."""
    mirrored = stretched[:, :, ::-1]
    return mirrored, second_look.take(mirrored), second_look.take(stretched)


def _decode(classifier: Classifier, path: Path) -> np.ndarray:
    try:
        return read(classifier, path)
    except (InputError, OSError) as error:
        raise pixels.no_longer_readable(path, error) from error


def _ask_all(paths: list[Path], ask: Ask, report: Report) -> np.ndarray:
    rows = []
    for start in range(0, len(paths), _PORTION):
        rows.append(ask(paths[start : start + _PORTION]))
        report(min(start + _PORTION, len(paths)), len(paths))
    return np.concatenate(rows)


def _read(path: Path) -> dict[str, np.ndarray]:
    """The kept features by digest; empty if they can't be read or are invalid, since they can be asked for again."""
    try:
        stored = arrays.load(path)
        kept = dict(zip(stored["digest"].tolist(), stored["features"], strict=True))
        return kept if np.isfinite(stored["features"]).all() else {}
    except (files.Damaged, ValueError, TypeError, IndexError):
        return {}


def _write(known: dict[str, np.ndarray], path: Path) -> None:
    size = len(next(iter(known.values())))
    stored = np.empty(len(known), [("digest", "U64"), ("features", np.float32, (size,))])
    stored["digest"] = list(known)
    stored["features"] = list(known.values())
    np.save(path, stored, allow_pickle=False)


def _of(folder: str) -> list[Path]:
    return list(home.subfolder("features").glob(f"{_hash(folder)}-*.npy"))


def _hash(text: str) -> str:
    return digests.of_text(text)[:24]
