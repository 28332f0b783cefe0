"""What a network found when it looked at a data set, kept in the home folder so that it outlives the server.

    looks/<data set>-<run>.json     the hash of the folder, and that of the run whose network looked

Photographs are told by their contents, so that a look holds wherever they are moved to, and whatever is left out. It is worth nothing
any more once the network is another one, or the classes are. `doubts` has found what is in it; `health` says what it means.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from catsdogs.analysis.doubts import Doubts
from catsdogs.data.dataset import Listing
from catsdogs.runs import Run, store
from catsdogs.system import access, digests, files, home, shortage


@dataclass(frozen=True)
class Doubt:
    """A photograph whose label, the place of its class among those of the listing, has only this probability."""

    digest: str
    label: int
    probability: float


@dataclass(frozen=True)
class Look:
    """Digests of the photographs that were `looked_at`, and of what was found among them, the clearest first.

    `odd` is None where only labels were looked at. `agreement` is that of `doubts.Doubts`. `run` is the id of the run whose network
    looked, `version` that of its model, `classes` a hash of their names.
    """

    run: str
    version: tuple[int, ...]
    classes: str
    looked_at: frozenset[str]
    doubtful: tuple[Doubt, ...]
    odd: tuple[str, ...] | None
    agreement: float
    made: datetime


def save(listing: Listing, run: Run, rows: Iterable[int], found: Doubts, is_of_labels: bool = False) -> Look:
    """Keep what was found among these rows of the listing's photographs; the rows of `found` are positions among them."""
    access.require_training()
    photos = [listing.photos[row] for row in rows]
    doubtful = tuple(
        Doubt(photos[row].digest, listing.class_names.index(photos[row].label), probability)
        for row, probability in zip(found.doubtful, found.probabilities, strict=True)
    )
    odd = None if is_of_labels else tuple(photos[row].digest for row in found.odd)
    looked_at = frozenset(photo.digest for photo in photos)
    made = datetime.now(UTC)
    look = Look(run.id, store.model_version(run), _classes(listing), looked_at, doubtful, odd, found.agreement, made)
    content = {**asdict(look), "looked_at": sorted(looked_at), "made": made.isoformat()}
    path = _path(listing, run.id)
    files.make_way(path)
    with shortage.explained(home.folder(), "what was judged"):
        files.replace_json(path, content)
    return look


def load(listing: Listing, run: Run) -> Look | None:
    """What the run's network found, if it is still worth anything; None where it did not look, or that can't be read: it can look again."""
    try:
        look = files.read_json(_path(listing, run.id), Look)
    except files.Damaged:
        return None
    return look if (look.version, look.classes) == (store.model_version(run), _classes(listing)) else None


def delete(folder: Path) -> None:
    """Free the space of a data set's looks."""
    for path in home.subfolder("looks").glob(f"{_hash(folder)}-*.json"):
        files.remove(path)


def _path(listing: Listing, id: str) -> Path:
    return home.subfolder("looks") / f"{_hash(listing.folder)}-{_hash(id)}.json"


def _classes(listing: Listing) -> str:
    return _hash("\0".join(listing.class_names))


def _hash(text: str | Path) -> str:
    return digests.of_text(text)[:24]
