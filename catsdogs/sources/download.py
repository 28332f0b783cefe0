"""Downloads files: resumed where they broke off, and checked by size and hash.

What is offered is in `catalogue`; making a data set of the file is up to `intake`.

    downloads/<name>.zip         a file that is complete and was checked
    downloads/.<name>.partial    what has come so far
    downloads/.<name>.lock       held while it is downloaded; others wait for it
    downloads/.<name>.made.lock  held until a data set has been made of it as well
"""

import base64
import hashlib
import time
from contextlib import suppress
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.sources.catalogue import Offer
from catsdogs.system import access, home, locks, shortage, words
from catsdogs.system.reports import Report, silent

_ATTEMPTS = 5  # in a row that bring nothing new
_PAUSE = 1.0  # seconds before the second attempt, doubled for each further one
_PATIENCE = 0.5  # seconds; whoever asks whether a lock is held takes it for a moment
_SILENCE = 30  # seconds without a byte, after which an attempt has failed
_CHUNK = 2**14  # bytes; no more is lost when the connection breaks
_REPORT_EVERY = 2**18  # bytes
_WAY_OUT = "Download it elsewhere, then upload the file on the Data page, or run `python -m catsdogs import FILE`."


class _BrokenOff(Exception):
    """The connection failed or ended early; another attempt may bring the rest."""


def fetch(offer: Offer, report: Report = silent) -> Path:
    """The downloaded file; downloads it unless it is there. `report(done, total)` counts bytes and may raise to stop.

    A download that was stopped or killed is resumed. Raises InputError if there is no network, or the server refuses or sends something
    else, each with a way out; shortage.DiskFull.
    """
    access.require_training()
    path, partial = _files(offer)
    with locks.hold(_place(offer, ".{}.lock")):
        if not path.exists():
            access.require_room(partial.parent, offer.size - _size(partial), offer.title)
            hashes = _fetch(offer, partial, report)
            _check(offer, partial, hashes)
            partial.replace(path)
    return path


def making(offer: Offer):
    """Hold the lock under which a data set is made of the offer: fetched, unpacked, forgotten. Others wait, and then look again."""
    access.require_training()
    return locks.hold(_place(offer, ".{}.made.lock"))


def kept(offer: Offer) -> int:
    """How many bytes of it are here: a part of the file, or all of it, which has still to be unpacked."""
    return sum(map(_size, _files(offer)))


def is_used(offer: Offer) -> bool:
    """Whether it is being downloaded, or a data set being made of it."""
    return any(map(locks.is_held, (_place(offer, ".{}.lock"), _place(offer, ".{}.made.lock"))))


def forget(offer: Offer) -> None:
    """Delete what was downloaded, to free its space."""
    access.require_training()
    for path in _files(offer):
        path.unlink(missing_ok=True)


def give_up(offer: Offer) -> None:
    """As `forget`, for a download that was left. Raises InputError if somebody has gone on with it."""
    access.require_training()
    try:
        with locks.hold(_place(offer, ".{}.made.lock"), _PATIENCE), locks.hold(_place(offer, ".{}.lock"), _PATIENCE):
            forget(offer)
    except locks.Taken:
        raise InputError(f"{offer.title} is being downloaded or unpacked by somebody else, so what has come of it was kept.") from None


def _fetch(offer: Offer, partial: Path, report: Report) -> dict[str, str]:
    """Download what is missing, attempt by attempt. Returns the hashes that the server stated, by algorithm."""
    import requests  # takes 0.1 s, which pages pay only here

    if _size(partial) > offer.size:  # left from an earlier offer
        partial.unlink()
    start = _size(partial)
    failures, hashes = 0, {} if start == offer.size and offer.sha256 else None
    while hashes is None:
        before = _size(partial)
        try:
            hashes = _attempt(offer, partial, report)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, _BrokenOff) as error:
            failures = 1 if _size(partial) > before else failures + 1
            is_out_of_reach = type(error) is requests.ConnectionError and _size(partial) == start
            if is_out_of_reach or failures >= _ATTEMPTS:
                raise InputError(f"{offer.title} can't be downloaded: {_reason(error)}. {_WAY_OUT}") from None
            time.sleep(_PAUSE * 2 ** (failures - 1))
        except requests.RequestException as error:
            raise InputError(f"{offer.title} can't be downloaded: {_reason(error)}. {_WAY_OUT}") from None
    return hashes


def _attempt(offer: Offer, partial: Path, report: Report) -> dict[str, str]:
    import requests

    have = min(_size(partial), offer.size - 1)  # for a complete file, the last byte is asked for again, and the hashes come with it
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    with requests.get(offer.url, headers=headers, stream=True, timeout=_SILENCE) as answer:
        if answer.status_code >= 500:
            raise _BrokenOff(f"the server answers {answer.status_code} {answer.reason}")
        if answer.status_code not in (200, 206):
            raise InputError(f"{offer.title} can't be downloaded: the server answers {answer.status_code} {answer.reason}. {_WAY_OUT}")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise InputError(f"{offer.title} can't be downloaded: a web page came instead, maybe to sign in to this network. {_WAY_OUT}")
        is_rest = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        have = have if is_rest else 0  # a server that knows no ranges sends everything again
        promised = answer.headers.get("Content-Length", "")
        if promised.isdecimal() and have + int(promised) != offer.size:
            raise _another_file(offer, f"{have + int(promised):,} bytes instead of {offer.size:,}")
        with shortage.explained(partial, "the data set", offer.size - have):
            _receive(answer, offer, partial, have, report)
        return _stated_hashes(answer.headers)


def _receive(answer, offer: Offer, partial: Path, have: int, report: Report) -> None:
    with partial.open("r+b" if have else "wb") as file:
        file.seek(have)
        for chunk in answer.iter_content(_CHUNK):
            have += len(chunk)
            if have > offer.size:
                raise _another_file(offer, f"more than {offer.size:,} bytes")
            file.write(chunk)
            if have % _REPORT_EVERY < _CHUNK or have == offer.size:
                file.flush()
                report(have, offer.size)
    if have < offer.size:
        raise _BrokenOff("the connection ended early")


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
            partial.unlink()
            raise _another_file(offer, f"a file with the {algorithm} hash {found[:12]}..., expected {value[:12]}...")


def _another_file(offer: Offer, what: str) -> InputError:
    return InputError(f"{offer.title} can't be downloaded: the server sends {what}, so it is another file. {_WAY_OUT}")


def _reason(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection ended early"
    return str(error) if isinstance(error, _BrokenOff) else words.connection_failure(error)


def _files(offer: Offer) -> tuple[Path, Path]:
    """Where it lies once it is complete, and until then."""
    return _place(offer, "{}.zip"), _place(offer, ".{}.partial")


def _place(offer: Offer, pattern: str) -> Path:
    return home.subfolder("downloads") / pattern.format(offer.name)


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
