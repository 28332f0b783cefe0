"""Imports a run from its ZIP file, on this server or another one. The file is treated as hostile.

Only files that `bundle` puts there for it are taken, under limits, each with the digest that the file records; the model under Keras' safe
mode. That model takes any pixels and has the temperature in it: what is stored is the network within, as it was trained.
"""

import hashlib
import json
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.system import access, files, home, shortage, words

MANIFEST = "sha256.json"  # the digests of the files that make a run; `bundle` writes it
MAX_ENTRIES = 1000
MAX_BYTES = {".keras": 10**9}  # of a file, by its suffix
MAX_OTHER_BYTES = 50 * 10**6  # of another; 20,000 predictions take 1 MB
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TAKEN = re.compile(
    r"config\.json|environment\.json|evaluation\.json|predictions\.csv|log\.txt|model\.keras|temperature\.json|neither\.json|"
    r"measured-[0-9a-zA-Z-]{1,80}\.json|history\.jsonl|status\.json|label\.json"
)
_MODEL = "model.keras"
_CHUNK = 2**18  # bytes


def add(path: Path, called: str = "") -> Run:
    """The run, with the id that it had. `called` is the file's name for people, if it has another one than the path.

    Raises InputError where it is no such file, was changed, exceeds a limit, or is here already.
    """
    access.require_training()
    name = called or path.name
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive, shortage.explained(home.folder(), f"the run in {name}"):
            return _add(archive, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, UnicodeDecodeError, RuntimeError):
        raise InputError(f"{name} is not a ZIP file, or it is damaged or encrypted. Download the run again.") from None


def _add(archive: zipfile.ZipFile, name: str) -> Run:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InputError(f"{name} has {len(entries):,} files, so it is not a run, which has at most {MAX_ENTRIES:,}.")
    by_path = {entry.filename: entry for entry in entries}
    manifests = [path for path in by_path if path.count("/") == 1 and path.endswith(f"/{MANIFEST}")]
    if len(manifests) != 1:
        raise InputError(f"{name} is not the ZIP file of a run, or of an earlier version, which can't be brought back. Download it again.")
    id = manifests[0].partition("/")[0]
    if id == store.SHIPPED:
        raise InputError("This is the bundled network, which every server has.")
    digests = _digests(_content(archive, by_path[manifests[0]], name), name)
    with store.adopted(id) as folder:
        for each, digest in digests.items():
            content = _content(archive, by_path.get(f"{id}/{each}"), name)
            if hashlib.sha256(content).hexdigest() != digest:
                raise InputError(f"{name} was changed: its {each} is not the one that was downloaded. Download the run again.")
            (folder / each).write_bytes(content)
        if _MODEL in digests:
            _unwrap(folder / _MODEL, name)
    return store.load(id)


def _digests(content: bytes, name: str) -> dict[str, str]:
    try:
        digests = json.loads(content)
    except (ValueError, RecursionError):
        digests = None
    if not isinstance(digests, dict) or not all(
        _TAKEN.fullmatch(each) and isinstance(digest, str) and _DIGEST.fullmatch(digest) for each, digest in digests.items()
    ):
        raise InputError(f"{name} names files that a run does not have in {MANIFEST}. Download the run again.")
    return digests


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None, name: str) -> bytes:
    """Of one entry, counting what really comes, whatever the archive says."""
    if entry is None:
        raise InputError(f"{name} lacks files that it names. Download the run again.")
    if not 0 <= entry.header_offset < archive.start_dir:
        raise InputError(f"{name} is damaged: its {entry.filename[:80]!r} is said to begin outside of it. Download the run again.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{name} is refused: its {entry.filename[:80]!r} is not a regular file. Download the run again.")
    most, content = MAX_BYTES.get(Path(entry.filename).suffix, MAX_OTHER_BYTES), bytearray()
    with archive.open(entry) as source:
        while chunk := source.read(_CHUNK):
            content += chunk
            if len(content) > most:
                raise InputError(f"{name} is refused: its {entry.filename[:80]!r} has more than {most / 1e6:,.0f} MB.")
    return bytes(content)


def _unwrap(path: Path, name: str) -> None:
    """Have the network itself at the path, of what left."""
    import keras  # here, as the server, which never loads it, asks its companion for `add`

    from catsdogs.networks import registry  # noqa: F401  its layers are those that a model may have

    try:
        with zipfile.ZipFile(path) as inner:
            if sum(entry.file_size for entry in inner.infolist()) > MAX_BYTES[path.suffix]:
                raise ValueError("it unpacks to too much")
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        while inner := next((layer for layer in network.layers if isinstance(layer, keras.Model) and layer.name == network.name), None):
            network = inner
    except Exception as error:  # Keras, h5py and zipfile raise whatever they come upon
        raise InputError(f"The model in {name} can't be read ({words.first_line(error)}). Download the run again.") from None
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, path.name)
        network.save(saved)
        files.replace(path, lambda temporary: temporary.write_bytes(saved.read_bytes()))
