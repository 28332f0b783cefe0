"""The server's own routes: below a path, where so configured; and what they write while the disk fills up."""

import asyncio
import json
import os
import re
import urllib.error
import urllib.request

import pytest
from starlette.requests import Request

from catsdogs.sources import archive
from catsdogs.system import shortage
from catsdogs.system.shortage import DiskFull
from pages.parts.classify import inbox
from pages.parts.shared import incoming
from tests.browsing import serve


def test_below_a_path_are_pictures_and_the_api_as_well():
    with serve(below="/studio", classifies=False) as address:
        with urllib.request.urlopen(f"{address}/api/runs") as answer:
            assert [run["id"] for run in json.load(answer)["runs"]] == ["shipped"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(f"{address}{inbox.PATH}/0", b"x", method="PUT"))
        assert refused.value.code == 403 and "This page is out of date" in refused.value.read().decode()


CHUNK, CHUNKS = 8 * 10**6, 24


def request(before_last) -> Request:
    """One with a large body, which calls the function when half of it has come."""
    sent = 0

    async def receive():
        nonlocal sent
        sent += 1
        if sent == CHUNKS // 2:
            before_last()
        return {"type": "http.request", "body": bytes(CHUNK), "more_body": sent < CHUNKS}

    return Request({"type": "http", "headers": [(b"content-length", str(CHUNK * CHUNKS).encode())]}, receive)


def test_a_disk_that_fills_up_while_a_file_comes_is_told_before_it_is_full(tmp_path, monkeypatch):
    if shortage.free(tmp_path) < 5 * 10**9:
        pytest.skip("there is too little room to fill some")
    monkeypatch.setattr(archive, "SPARE", shortage.free(tmp_path) - 2 * 10**9)
    assert asyncio.run(incoming.write(request(lambda: None), tmp_path / "first"))
    with (tmp_path / "others").open("wb") as others:
        with pytest.raises(DiskFull, match=r"Not enough disk space: .* free, and .* must stay free\."):
            asyncio.run(incoming.write(request(lambda: os.posix_fallocate(others.fileno(), 0, 4 * 10**9)), tmp_path / "second"))
        others.truncate(0)
    assert (tmp_path / "second").stat().st_size < CHUNK * CHUNKS
    assert asyncio.run(incoming.write(request(lambda: None), tmp_path / "second")), "there is room again"


def test_what_would_leave_too_little_of_the_disk_is_refused_with_what_is_there_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "SPARE", 10**15)
    headers = [(b"host", b"localhost"), (b"content-length", b"5000000")]
    refused = incoming.refusal(Request({"type": "http", "headers": headers}), 10**9, tmp_path)
    assert refused.status_code == 507
    least = shortage.size(10**15)
    assert re.match(
        rf"Not enough disk space: .* free, what is sent needs 5 MB, and {least} must stay free\. Delete data", refused.body.decode()
    )


def test_who_sends_nothing_more_without_hanging_up_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "QUIET", 0)
    first = [{"type": "http.request", "body": bytes(5), "more_body": True}]

    async def receive():
        return first.pop() if first else await asyncio.Event().wait()

    closed = Request({"type": "http", "headers": [(b"content-length", b"10")]}, receive)
    assert not asyncio.run(incoming.write(closed, tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == bytes(5)
