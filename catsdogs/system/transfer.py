"""A file from a server: what is missing of it, attempt by attempt, each after the bytes that have come.

Which file that is, whether it is the right one, and what people are told is up to the callers.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
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


def fetch(url: str, partial: Path, report: Report = silent, size: int | None = None) -> Mapping[str, str]:
    """Download what `partial` lacks of the file, of so many bytes if that is known. Returns the headers of the last answer.

    `report(done, total)` counts bytes, where the total is known, and may raise to stop. Raises Failed, and OSError if the disk fails.
    """
    import requests  # takes 0.1 s, which pages pay only here

    start, failures = length(partial), 0
    while True:
        before = length(partial)
        try:
            return _attempt(url, partial, report, size)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, _BrokenOff) as error:
            failures = 1 if length(partial) > before else failures + 1
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


def _attempt(url: str, partial: Path, report: Report, size: int | None) -> Mapping[str, str]:
    import requests

    have = min(length(partial), (size or length(partial)) - 1)  # of a complete file, the last byte is asked for again, for the headers
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have > 0 else {})}
    with requests.get(url, headers=headers, stream=True, timeout=_SILENCE) as answer:
        if answer.status_code >= 500:
            raise _BrokenOff(f"the server answers {answer.status_code} {answer.reason}")
        if answer.status_code not in (200, 206):
            raise Failed(f"the server answers {answer.status_code} {answer.reason}")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise Failed("a web page came instead, maybe to sign in to this network")
        is_rest = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        have = have if is_rest else 0  # a server that knows no ranges sends everything again
        promised = answer.headers.get("Content-Length", "")
        total = have + int(promised) if promised.isdecimal() else size
        if size and total != size:
            raise Failed(f"the server sends {total:,} bytes instead of {size:,}, so it is another file")
        _receive(answer, partial, have, total, report)
        return answer.headers


def _receive(answer, partial: Path, have: int, total: int | None, report: Report) -> None:
    with partial.open("r+b" if have else "wb") as file:
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


def _reason(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection ended early"
    return str(error) if isinstance(error, _BrokenOff) else words.connection_failure(error)
