"""Downloads data sets by `system.transfer`, and checks them by size and hash.

What is offered is in `catalogue`; making a data set of the file is up to `intake`.

    downloads/<name>.zip         a file that is complete and was checked
    downloads/.<name>.partial    what has come so far; beside it, .version names the version of the file
    downloads/.<name>.lock       held while it is downloaded; others wait for it
    downloads/.<name>.made.lock  held until a data set has been made of it as well
"""

import base64
import hashlib
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.sources.catalogue import Offer
from catsdogs.system import access, home, locks, shortage, transfer
from catsdogs.system.reports import Report, silent

_PATIENCE = 0.5  # seconds; whoever asks whether a lock is held takes it for a moment
_WAY_OUT = "Download it elsewhere, then upload the file on the Data page, or run `python -m catsdogs import FILE`."


def fetch(offer: Offer, report: Report = silent) -> Path:
    """The downloaded file; downloads it unless it is there. `report(done, total)` counts bytes and may raise to stop.

    A download that was stopped or killed is resumed. Raises InputError if there is no network, or the server refuses or sends something
    else, each with a way out; shortage.DiskFull.
    """
    access.require_training()
    path, partial = _files(offer)
    with locks.hold(_place(offer, ".{}.lock")):
        if not path.exists():
            access.require_room(partial.parent, offer.size - transfer.length(partial), offer.title)
            hashes = _fetch(offer, partial, report)
            _check(offer, partial, hashes)
            partial.replace(path)
            transfer.forget_version(partial)
    return path


def making(offer: Offer):
    """Hold the lock under which a data set is made of the offer: fetched, unpacked, forgotten. Others wait, and then look again."""
    access.require_training()
    return locks.hold(_place(offer, ".{}.made.lock"))


def kept(offer: Offer) -> int:
    """How many bytes of it are here: a part of the file, or all of it, which has still to be unpacked."""
    return sum(map(transfer.length, _files(offer)))


def is_used(offer: Offer) -> bool:
    """Whether it is being downloaded, or a data set being made of it."""
    return any(map(locks.is_held, (_place(offer, ".{}.lock"), _place(offer, ".{}.made.lock"))))


def forget(offer: Offer) -> None:
    """Delete what was downloaded, to free its space."""
    access.require_training()
    path, partial = _files(offer)
    path.unlink(missing_ok=True)
    transfer.discard(partial)


def give_up(offer: Offer) -> None:
    """As `forget`, for a download that was left. Raises InputError if somebody has gone on with it."""
    access.require_training()
    try:
        with locks.hold(_place(offer, ".{}.made.lock"), _PATIENCE), locks.hold(_place(offer, ".{}.lock"), _PATIENCE):
            forget(offer)
    except locks.Taken:
        raise InputError(f"{offer.title} is being downloaded or unpacked by somebody else, so what has come of it was kept.") from None


def _fetch(offer: Offer, partial: Path, report: Report) -> dict[str, str]:
    """Download what is missing. Returns the hashes that the server stated, by algorithm."""
    if transfer.length(partial) > offer.size:  # left from an earlier offer
        transfer.discard(partial)
    have = transfer.length(partial)
    if have == offer.size and offer.sha256:
        return {}
    try:
        with shortage.explained(partial, "the data set", offer.size - have):
            return _stated_hashes(transfer.fetch(offer.url, partial, report, offer.size, bool(offer.sha256)))
    except transfer.Failed as error:
        raise _failure(offer, error) from None


def _stated_hashes(headers) -> dict[str, str]:
    """The MD5 hash that Google's servers send in base64, as in `x-goog-hash: crc32c=...,md5=...`; empty for other servers."""
    hashes = (each.strip().partition("=") for each in headers.get("x-goog-hash", "").split(","))
    return {algorithm: base64.b64decode(value).hex() for algorithm, _, value in hashes if algorithm == "md5"}


def _check(offer: Offer, partial: Path, hashes: dict[str, str]) -> None:
    expected = {"sha256": offer.sha256} if offer.sha256 else hashes
    for algorithm, value in expected.items():
        with partial.open("rb") as file:
            found = hashlib.file_digest(file, algorithm).hexdigest()
        if found != value:
            transfer.discard(partial)
            another = f"a file with the {algorithm} hash {found[:12]}..., expected {value[:12]}..., so it is another file"
            raise _failure(offer, f"the server sends {another}")


def _failure(offer: Offer, why: object) -> InputError:
    return InputError(f"{offer.title} can't be downloaded: {why}. {_WAY_OUT}")


def _files(offer: Offer) -> tuple[Path, Path]:
    """Where it lies once it is complete, and until then."""
    return _place(offer, "{}.zip"), _place(offer, ".{}.partial")


def _place(offer: Offer, pattern: str) -> Path:
    return home.subfolder("downloads") / pattern.format(offer.name)
