"""The route that takes large files: on disk as they come, never in memory."""

import http.client
import os
import resource
import time
import urllib.parse
from pathlib import Path

import pytest

from catsdogs.system import locks
from catsdogs.system.shortage import DiskFull
from pages.parts.data import receiver
from pages.parts.shared import incoming
from tests.limits import files_up_to
from tests.memory import peak
from tests.waiting import wait_until

SIZE = 300 * 10**6


@pytest.fixture
def server(server):
    return urllib.parse.urlparse(server).netloc


def send(server: str, ticket: str, size: int, promised: int | None = None) -> tuple[int, str]:
    """The answer to zeros, a megabyte at a time."""
    connection = http.client.HTTPConnection(server, timeout=60)
    connection.putrequest("PUT", f"{receiver.PATH}/{ticket}")
    connection.putheader("Content-Length", str(size if promised is None else promised))
    connection.endheaders()
    for _ in range(size // 10**6):
        connection.send(bytes(10**6))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def process_of(server: str) -> int:
    """Its id."""
    return next(
        pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if f":{server.rpartition(':')[2]}" in owner(pid, server)
    )


def uploads(ticket):
    return sorted(path.name.replace(ticket, "T") for path in receiver.received(ticket).parent.iterdir() if ticket in path.name)


def test_a_large_file_takes_no_memory(server):
    process = process_of(server)
    ticket = receiver.open_ticket()
    Path(f"/proc/{process}/clear_refs").write_text("5")  # its peak begins now
    before = peak(process)
    assert send(server, ticket, SIZE) == (204, "")
    assert receiver.received(ticket).stat().st_size == SIZE
    assert peak(process) - before < SIZE / 1e6 / 5
    receiver.close_ticket(ticket)
    assert uploads(ticket) == []


def test_the_file_keeps_its_name_on_the_server_though_the_page_may_never_be_told(server):
    ticket, nameless = receiver.open_ticket(), receiver.open_ticket()
    assert send(server, f"{ticket}?name={urllib.parse.quote('Minka & Rex.zip')}", 10**6) == (204, "")
    assert send(server, nameless, 10**6) == (204, "")
    assert (receiver.name(ticket), receiver.name(nameless)) == ("Minka & Rex.zip", "upload.zip")


def test_on_a_full_disk_the_box_is_missing_for_a_reason_that_people_can_read(home):
    receiver.open_ticket()
    with files_up_to(20), pytest.raises(DiskFull, match=f" free in {home}/uploads, what is sent could not be written"):
        receiver.open_ticket()


def test_a_ticket_can_be_part_of_a_component_s_key():
    tickets = [receiver.open_ticket() for _ in range(50)]
    assert not [ticket for ticket in tickets if "_" in ticket], "Streamlit refuses keys with two underscores in a row"
    assert len({ticket[:8] for ticket in tickets}) == 50


def owner(pid: int, server: str) -> str:
    """ ":<port>" for the process of the server, else nothing."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return f":{words[words.index('--server.port') + 1]}" if "--server.port" in words else ""


def test_what_is_larger_than_allowed_is_refused_before_it_is_sent(server):
    ticket = receiver.open_ticket()
    status, said = send(server, ticket, 0, promised=5 * 10**9)
    assert status == 413 and said == "The file is 5.0 GB; the limit is 4.0 GB. Split it."
    assert uploads(ticket) == [".T.lock", "T"]


def test_a_connection_that_breaks_off_leaves_nothing(server):
    ticket = receiver.open_ticket()
    connection = http.client.HTTPConnection(server, timeout=60)
    connection.putrequest("PUT", f"{receiver.PATH}/{ticket}")
    connection.putheader("Content-Length", str(10**8))
    connection.endheaders()
    connection.send(bytes(10**6))
    wait_until(lambda: uploads(ticket) == [".T.lock", ".T.partial", "T"])
    connection.close()
    wait_until(lambda: uploads(ticket) == [".T.lock", "T"])
    assert send(server, ticket, 10**6) == (204, ""), "the same page can try again"


def test_what_was_sent_to_a_server_that_has_ended_is_deleted_and_what_an_open_page_will_fetch_is_not(server):
    ticket, other = receiver.open_ticket(), receiver.open_ticket()
    for each in (ticket, other):
        assert send(server, each, 10**6) == (204, "")
    receiver._open.pop(ticket).close()  # as the system does when a server is killed
    receiver.open_ticket()
    assert uploads(ticket) == [] and uploads(other) == [".T.lock", "T", "T.zip"]


def test_who_signs_out_while_a_file_comes_leaves_nothing_of_it(server):
    ticket = receiver.open_ticket()
    connection = http.client.HTTPConnection(server, timeout=60)
    connection.putrequest("PUT", f"{receiver.PATH}/{ticket}")
    connection.putheader("Content-Length", str(10**6))
    connection.endheaders()
    wait_until(lambda: ".T.partial" in uploads(ticket))
    receiver.close_ticket(ticket)
    connection.send(bytes(10**6))
    assert connection.getresponse().status == 403
    wait_until(lambda: uploads(ticket) == [])


def test_a_second_file_waits_for_the_one_that_comes_and_what_a_killed_server_left_is_deleted(server):
    ticket = receiver.open_ticket()
    with locks.hold(receiver._beside(ticket, ".partial")):
        assert send(server, ticket, 10**6) == (409, "This page is still sending a file. Wait a minute, then send this one again.")
        os.utime(receiver._beside(ticket, ".partial"), (0, time.time() - 2 * incoming.QUIET))
        receiver.open_ticket()
        assert uploads(ticket) == [".T.lock", ".T.partial", "T"]
    receiver.open_ticket()
    assert uploads(ticket) == [".T.lock", "T"]


def test_a_full_disk_is_said_in_words_and_nothing_of_the_file_stays(server):
    ticket = receiver.open_ticket()
    before = resource.prlimit(process_of(server), resource.RLIMIT_FSIZE, (10**6, resource.RLIM_INFINITY))
    try:
        status, said = send(server, ticket, 5 * 10**6)
    finally:
        resource.prlimit(process_of(server), resource.RLIMIT_FSIZE, before)
    assert status == 507 and "what was sent needs 5 MB. Send it again once there is room." in said
    assert uploads(ticket) == [".T.lock", "T"]
    assert send(server, ticket, 2 * 10**6) == (204, "")
    receiver.close_ticket(ticket)
