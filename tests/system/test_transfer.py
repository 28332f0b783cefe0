"""Downloads that go on after a break, from a server of the tests' own that may have another version of the file by then."""

import os
import time
from email.utils import formatdate

import pytest

from catsdogs.system import transfer
from tests.sources.offering import Server

FIRST, SECOND = os.urandom(600_000), os.urandom(600_000)
BROKEN = 300_000  # bytes after which the first answer ends
LONG_AGO, LATER = formatdate(1e9, usegmt=True), formatdate(1.1e9, usegmt=True)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(transfer, "_PAUSE", 0.01)
    made = Server(FIRST)
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def partial(tmp_path):
    return tmp_path / "weights.h5.partial"


def begin(server, partial, **headers):
    """Have a part of the first version, of a server that then sends these headers."""
    server.headers = {name.replace("_", "-"): value for name, value in headers.items()}
    server.breaks = [BROKEN]
    with pytest.raises(KeyboardInterrupt):
        transfer.fetch(server.url, partial, stop)
    assert 0 < transfer.length(partial) < len(FIRST)


def stop(done, total):
    raise KeyboardInterrupt


@pytest.mark.parametrize("headers", [{"ETag": '"1"'}, {"Last_Modified": LONG_AGO}, {"ETag": '"1"', "Last_Modified": LONG_AGO}])
def test_the_rest_of_the_same_version_is_asked_for(headers, server, partial):
    begin(server, partial, **headers)
    have = transfer.length(partial)
    transfer.fetch(server.url, partial)
    assert partial.read_bytes() == FIRST
    assert server.asked == [None, f"bytes={have - 1}-"] and server.compared == [None, next(iter(headers.values()))]


@pytest.mark.parametrize(
    ("headers", "later"), [({"ETag": '"1"'}, {"ETag": '"2"'}), ({"Last_Modified": LONG_AGO}, {"Last-Modified": LATER})]
)
@pytest.mark.parametrize("knows_if_range", [True, False])
@pytest.mark.parametrize("length", [600_000, 1_000])
def test_a_file_that_was_replaced_is_downloaded_from_its_beginning(headers, later, knows_if_range, length, server, partial):
    begin(server, partial, **headers)
    server.content, server.headers, server.knows_if_range = SECOND[:length], later, knows_if_range
    transfer.fetch(server.url, partial)
    assert partial.read_bytes() == SECOND[:length]


def test_a_file_that_is_replaced_between_two_attempts_is_downloaded_from_its_beginning(server, partial):
    def replace(done, total):
        server.content, server.headers = SECOND, {"ETag": '"2"'}

    server.headers, server.breaks = {"ETag": '"1"'}, [BROKEN, BROKEN]
    transfer.fetch(server.url, partial, replace)
    assert partial.read_bytes() == SECOND
    assert server.compared == [None, '"1"', '"2"'], "the part of the second version was gone on with"


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"1"'}, {"ETag": 'W/"1"', "Last_Modified": LONG_AGO}, {"Last_Modified": "soon"}])
def test_where_nothing_tells_versions_apart_each_attempt_begins_anew(headers, server, partial):
    begin(server, partial, **headers)
    server.content = SECOND
    transfer.fetch(server.url, partial)
    assert partial.read_bytes() == SECOND and server.asked == [None, None]


def test_a_file_that_was_changed_just_now_may_change_again_in_the_same_second(server, partial):
    begin(server, partial, Last_Modified=formatdate(time.time() + 5, usegmt=True))
    transfer.fetch(server.url, partial)
    assert partial.read_bytes() == FIRST and server.asked == [None, None]


@pytest.mark.parametrize("size", [None, len(FIRST)])
def test_a_server_that_sends_less_of_the_rest_than_was_asked_for_is_asked_again(size, server, partial):
    begin(server, partial, ETag='"1"')
    server.longest_part = 250_000
    transfer.fetch(server.url, partial, size=size)
    assert partial.read_bytes() == FIRST and len(server.asked) > 2


def test_with_a_known_hash_any_server_is_asked_for_the_rest(server, partial):
    begin(server, partial)
    have = transfer.length(partial)
    transfer.fetch(server.url, partial, has_known_hash=True)
    assert partial.read_bytes() == FIRST and server.asked == [None, f"bytes={have - 1}-"]


def test_a_part_from_before_versions_were_kept_is_not_gone_on_with(server, partial):
    partial.write_bytes(SECOND[:BROKEN])
    server.headers = {"ETag": '"1"'}
    transfer.fetch(server.url, partial)
    assert partial.read_bytes() == FIRST and server.asked == [None]


@pytest.mark.parametrize("breaks", [[BROKEN], [BROKEN, BROKEN // 2] * 9])
def test_a_server_that_never_gets_further_is_given_up(breaks, server, partial):
    """The first has no more than it says it has, the second is one that begins anew each time."""
    server.headers, server.breaks = {"ETag": '"1"'}, breaks
    server.content, server.promised = FIRST[:BROKEN], "nothing"
    server.knows_ranges = len(breaks) == 1
    with pytest.raises(transfer.Failed):
        transfer.fetch(server.url, partial, size=len(FIRST))
    assert len(server.asked) <= 7
