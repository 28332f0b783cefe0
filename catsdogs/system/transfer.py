"""A file from a server: what is missing of it, attempt by attempt, each after the bytes that have come.

Beside it lies the version that these are of, as the server names it: what is put together is of one version (RFC 9110, section 13.1.5).
Which file that is, whether it is the right one, and what people are told is up to the callers.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from catsdogs.system import words
from catsdogs.system.reports import Report, silent

_ATTEMPTS = 5  # in a row that bring nothing new
_PAUSE = 1.0  # seconds before the second attempt, doubled for each further one
_SILENCE = 30  # seconds without a byte, after which an attempt has failed
_CHUNK = 2**14  # bytes; no more is lost when the connection breaks
_REPORT_EVERY = 2**16  # bytes


class Failed(Exception):
    """The file can't be had; its text says why, to stand in a sentence: "the server answers 404 Not Found"."""


class _BrokenOff(Exception):
    """The connection failed or ended early; another attempt may bring the rest."""


def fetch(url: str, partial: Path, report: Report = silent, size: int | None = None, has_known_hash: bool = False) -> Mapping[str, str]:
    """Download what `partial` lacks of the file, of so many bytes if that is known. Returns the headers of the last answer.

    A server that doesn't tell versions apart is asked for the whole file, unless it `has_known_hash`, which the caller compares.
    `report(done, total)` counts bytes, where the total is known, and may raise to stop. Raises Failed, and OSError if the disk fails.
    """
    import requests  # takes 0.1 s, which pages pay only here

    start, failures = length(partial), 0
    most = start  # an attempt may begin anew, and so bring nothing new
    while True:
        try:
            return _attempt(url, partial, report, size, has_known_hash)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, _BrokenOff) as error:
            failures = 1 if length(partial) > most else failures + 1
            most = max(most, length(partial))
            is_out_of_reach = type(error) is requests.ConnectionError and length(partial) == start
            if is_out_of_reach or failures >= _ATTEMPTS:
                raise Failed(_reason(error)) from None
            time.sleep(_PAUSE * 2 ** (failures - 1))
        except requests.RequestException as error:
            raise Failed(_reason(error)) from None


def length(path: Path) -> int:
    """Bytes of the file; 0 where there is none."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def discard(partial: Path) -> None:
    """Remove what has come so far."""
    partial.unlink(missing_ok=True)
    forget_version(partial)


def forget_version(partial: Path) -> None:
    """Remove what lies beside the file, for a caller that has used it or removed it."""
    _version_file(partial).unlink(missing_ok=True)


def _attempt(url: str, partial: Path, report: Report, size: int | None, has_known_hash: bool) -> Mapping[str, str]:
    import requests

    version = _version(partial)
    have = min(length(partial), (size or length(partial)) - 1)  # of a complete file, the last byte is asked for again, for the headers
    have = max(have, 0) if version or has_known_hash else 0
    rest = {"Range": f"bytes={have}-", **({"If-Range": version} if version else {})} if have else {}
    headers = {"Accept-Encoding": "identity", **rest}
    with requests.get(url, headers=headers, stream=True, timeout=_SILENCE) as answer:
        if answer.status_code >= 500:
            raise _BrokenOff(words.answered(answer))
        if have and answer.status_code in (206, 416) and not _continues(answer.headers, have, version):
            discard(partial)
            raise _BrokenOff("the server sends another part than was asked for")
        if answer.status_code not in (200, 206):
            raise Failed(words.answered(answer))
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise Failed("a web page came instead, maybe to sign in to this network")
        if answer.status_code == 200:  # to a server that knows no ranges, or has another version by now
            have = 0
        promised = _promised(answer.headers, have)
        total = size if promised is None else promised
        if size and total != size:
            raise Failed(f"the server sends {total:,} bytes instead of {size:,}, so it is another file")
        if not have:
            partial.write_bytes(b"")  # first: a process may be killed between the two
            _version_file(partial).write_bytes(_named(answer.headers).encode("latin-1"))
        _receive(answer, partial, have, total, report)
        return answer.headers


def _promised(headers: Mapping[str, str], have: int) -> int | None:
    """The length of the whole file: a server may send less of the rest than was asked for."""
    whole, part = headers.get("Content-Range", "").rpartition("/")[2], headers.get("Content-Length", "")
    if have and whole.isdecimal():
        return int(whole)
    return have + int(part) if part.isdecimal() else None


def _receive(answer, partial: Path, have: int, total: int | None, report: Report) -> None:
    with partial.open("r+b") as file:
        file.seek(have)
        for chunk in answer.iter_content(_CHUNK):
            have += len(chunk)
            if total and have > total:
                raise Failed(f"the server sends more than {total:,} bytes, so it is another file")
            file.write(chunk)
            if total and (have % _REPORT_EVERY < _CHUNK or have == total):
                file.flush()
                report(have, total)
    if total and have < total:
        raise _BrokenOff("the connection ended early")


def _version_file(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.version")


def _version(partial: Path) -> str:
    """What names the version that the bytes of `partial` are of; "" if nothing does."""
    with suppress(FileNotFoundError):
        return _version_file(partial).read_bytes().decode("latin-1")
    return ""


def _named(headers: Mapping[str, str]) -> str:
    """What names a version, and no other, to the server: its ETag unless that is weak, or when it was last changed if that was not just
    now; "" if nothing does.
    """
    if tag := headers.get("ETag"):
        return "" if tag.startswith("W/") else tag
    changed = headers.get("Last-Modified", "")
    with suppress(ValueError, TypeError):  # of what is not a date
        if parsedate_to_datetime(headers.get("Date", "")) - parsedate_to_datetime(changed) >= timedelta(seconds=1):
            return changed
    return ""


def _continues(headers: Mapping[str, str], have: int, version: str) -> bool:
    """Whether an answer has what was asked for, even from a server that knows ranges but not `If-Range`."""
    is_same = not version or _named(headers) in (version, "")
    return is_same and headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _reason(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection ended early"
    return str(error) if isinstance(error, _BrokenOff) else words.request_failure(error)
