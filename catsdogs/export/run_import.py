"""Imports a run from its ZIP file, on this server or another one. The file is treated as hostile.

Only files that `bundle` puts there for it are taken, under limits, each with the digest that the file records. Of the model, only weights
are taken, into the network that the run's settings describe: what layers the file says that it has is not even read.
"""

import hashlib
import json
import re
import stat
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import Run, adoption, prediction_rows, predictions, store
from catsdogs.system import access, files, home, shortage, words, zips

MANIFEST = "sha256.json"  # the digests of the files that make a run; `bundle` writes it
MAX_ENTRIES = 1000
MAX_MODEL_BYTES = 10**9
MAX_BYTES = 50 * 10**6  # of another file; 20,000 predictions take 1 MB
MAX_SMALL_BYTES = 10**5  # of one that pages read and show as a whole
MAX_ENVIRONMENT_BYTES = 5 * 10**6  # which pages keep in memory; the corrections of 60,000 photographs take 3 MB
MAX_PREDICTIONS = 200_000  # as many as a data set may have files: with a million, Classify takes 20 seconds to open
MAX_ALL_BYTES = 12 * 10**8  # of all of them: room for many measurements beside a large model
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TAKEN = re.compile(
    r"config\.json|environment\.json|evaluation\.json|predictions\.csv|log\.txt|model\.keras|temperature\.json|neither\.json|"
    r"measured-[0-9a-zA-Z-]{1,80}\.json|history\.jsonl|status\.json|label\.json"
)
_MODEL = "model.keras"
_MOST = {  # bytes, where not MAX_BYTES
    _MODEL: MAX_MODEL_BYTES,
    "environment.json": MAX_ENVIRONMENT_BYTES,
    **dict.fromkeys(("config.json", "status.json", "label.json", "evaluation.json", "temperature.json"), MAX_SMALL_BYTES),
}
_DIRECTORY_BYTES = 10**6  # of the list of entries, each of which takes some 100
_MODEL_ENTRIES = 10  # in a model's own archive; Keras writes four, or those of a folder of assets beside them
_MODEL_DIRECTORY_BYTES = 10**4  # of their list
_WRAPPED = 2  # times at most, when it was downloaded: in `input_range.accept_any` and in `tempering.temper`
_CHUNK = 2**18  # bytes


def unpacked_size(path: Path, called: str = "") -> int:
    """Bytes of disk space that the run will take at most. Raises InputError as `add` does."""
    name = called or path.name
    with _opened(path, name) as archive:
        return _size(archive, name)


def add(path: Path, called: str = "") -> Run:
    """The run, with the id that it had. `called` is the file's name for people, if it has another one than the path.

    Raises InputError where it is no such file, was changed, exceeds a limit, or is here already.
    """
    access.require_training()
    name = called or path.name
    with _opened(path, name) as archive, shortage.explained(home.folder(), f"the run in {name}"):
        return _add(archive, name)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zips.opened(path, _DIRECTORY_BYTES) as archive:
            yield archive
    except zips.TooLong:
        raise _too_many(name) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, UnicodeDecodeError, RuntimeError):
        raise InputError(f"{name} is not a ZIP file, or it is damaged or encrypted. Download the run again.") from None


def _size(archive: zipfile.ZipFile, name: str) -> int:
    """As the archive says: no more of an entry is read."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _too_many(name)
    size = sum(entry.file_size for entry in entries)
    if size > MAX_ALL_BYTES:
        raise InputError(f"{name} is refused: it unpacks to {shortage.size(size)}, and a run has at most {shortage.size(MAX_ALL_BYTES)}.")
    return size


def _too_many(name: str) -> InputError:
    return InputError(f"{name} has too many files, so it is not a run, which has at most {MAX_ENTRIES:,}.")


def _add(archive: zipfile.ZipFile, name: str) -> Run:
    _size(archive, name)
    by_path = {entry.filename: entry for entry in archive.infolist()}
    manifests = [path for path in by_path if path.count("/") == 1 and path.endswith(f"/{MANIFEST}")]
    if len(manifests) != 1:
        raise InputError(f"{name} is not the ZIP file of a run, or of an earlier version, which can't be brought back. Download it again.")
    id = manifests[0].partition("/")[0]
    if id == store.SHIPPED:
        raise InputError("This is the bundled network, which every server has.")
    digests = _digests(b"".join(_chunks(archive, by_path[manifests[0]], name)), name)
    with adoption.place(id) as folder:
        for each, digest in digests.items():
            if _copy(archive, by_path.get(f"{id}/{each}"), folder / each, name) != digest:
                raise InputError(f"{name} was changed: its {each} is not the one that was downloaded. Download the run again.")
        run = adoption.require_ended(id, folder)
        version = predictions.version(run)
        if version and prediction_rows.count(folder / "predictions.csv", version) > MAX_PREDICTIONS:
            raise InputError(f"{name} is refused: it has more than {MAX_PREDICTIONS:,} predictions.")
        if _MODEL in digests:
            _rebuild(run, name)
    return store.load(id)


def _digests(content: bytes, name: str) -> dict[str, str]:
    try:
        digests = json.loads(content)
    except (ValueError, RecursionError):
        digests = None
    if not isinstance(digests, dict) or not all(
        _TAKEN.fullmatch(each) and isinstance(digest, str) and _DIGEST.fullmatch(digest) for each, digest in digests.items()
    ):
        raise InputError(f"{MANIFEST} in {name} names files that a run does not have. Download the run again.")
    return digests


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None, path: Path, name: str) -> str:
    """The digest of an entry that was written to that path."""
    if entry is None:
        raise InputError(f"{name} lacks files that it names. Download the run again.")
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in _chunks(archive, entry, name):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """The content of one entry, counting what really comes, whatever the archive says."""
    if not 0 <= entry.header_offset < archive.start_dir:
        raise InputError(f"{name} is damaged: its {entry.filename[:80]!r} is said to begin outside of it. Download the run again.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{name} is refused: its {entry.filename[:80]!r} is not a regular file. Download the run again.")
    most, read = _MOST.get(Path(entry.filename).name, MAX_BYTES), 0
    with archive.open(entry) as source:
        while chunk := source.read(_CHUNK):
            read += len(chunk)
            if read > most:
                raise InputError(f"{name} is refused: its {entry.filename[:80]!r} is larger than {shortage.size(most)}.")
            yield chunk


def _rebuild(run: Run, name: str) -> None:
    """Have the run's network at its place, with the weights of the model that lies there: that takes any pixels, and has the temperature
    in it.
    """
    from catsdogs.export import script  # here, as the server, which never loads Keras, asks its companion for `add`
    from catsdogs.networks import registry

    network = registry.build(run.config, script.precision(run))
    try:
        _require_small(run.model_path)
        _load_weights(network, run.model_path)
    except Exception as error:  # Keras, h5py and zipfile raise whatever they come upon
        reason = words.first_line(error)
        raise InputError(f"The model in {name} can't be read, or is not that of its settings ({reason}). Download the run again.") from None
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, run.model_path.name)
        network.save(saved)
        files.replace(run.model_path, lambda temporary: temporary.write_bytes(saved.read_bytes()))


def _require_small(path: Path) -> None:
    with zips.opened(path, _MODEL_DIRECTORY_BYTES) as inner:
        entries = inner.infolist()
    if len(entries) > _MODEL_ENTRIES or sum(entry.file_size for entry in entries) > MAX_MODEL_BYTES:
        raise ValueError("it unpacks to too much")


def _load_weights(network, path: Path) -> None:
    """Load those of the network that the file has, however often it is wrapped there. Raises ValueError where it has others."""
    import keras

    wrapped = network
    for depth in range(_WRAPPED + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # one for every layer that is not where it is looked for
                return wrapped.load_weights(path)
        except ValueError:
            if depth == _WRAPPED:
                raise
        given = keras.Input(network.input_shape[1:], dtype=network.inputs[0].dtype)
        wrapped = keras.Model(given, wrapped(given))
