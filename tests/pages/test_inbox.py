"""The route that takes pictures to classify, as a browser calls it."""

import http.client
import io
import json
import socket
import threading
import zipfile

import pytest
import streamlit as st
import uvicorn
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from catsdogs.sources.album import Album
from catsdogs.system.shortage import DiskFull
from pages.parts.classify import inbox
from pages.parts.shared import absence
from tests.images import encoded, noise
from tests.limits import files_up_to
from tests.pages.opening import break_off, checked, open_page, press, timers
from tests.pages.test_classify import album
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def address():
    """Of a server in this process, which knows the sessions that are opened here."""
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[inbox.route()]), port=0, log_level="error"))
    serving = threading.Thread(target=server.run)
    serving.start()
    wait_until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    serving.join()


def send(address, id: str, *named: tuple[str, bytes], **headers: str) -> tuple[int, str]:
    head = json.dumps([[name, len(content)] for name, content in named]).encode()
    return put(address, id, len(head).to_bytes(4) + head + b"".join(content for _, content in named), **headers)


def put(address, id: str, body: bytes, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.request("PUT", f"{inbox.PATH}/{id}", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_picture_is_in_the_album_once_it_was_sent(address):
    opened, content = album(open_page("classify")), encoded(noise(1), "PNG")
    assert send(address, opened.id, ("my pets/Mäuse & Löwe.png", content)) == (204, "")
    (picture,) = opened.pictures
    assert (picture.name, picture.path.read_bytes()) == ("my pets/Mäuse & Löwe.png", content)
    assert [path for path in opened.folder.iterdir() if path.suffix != ".jsonl"] == [picture.path]


def test_several_come_together_and_what_is_no_picture_is_named(address):
    opened = album(open_page("classify"))
    assert send(address, opened.id, ("letter.txt", b"Dear cat"), ("dog.png", encoded(noise(2), "PNG"))) == (204, "")
    assert [picture.name for picture in opened.pictures] == ["dog.png"] and [entry.name for entry in opened.left_out] == ["letter.txt"]


def test_only_the_page_that_opened_an_album_can_add_to_it(address):
    app = open_page("classify")
    opened, content = album(app), encoded(noise(1), "PNG")
    assert send(address, "0" * 48, ("cat.png", content))[0] == 403
    opened.delete()
    app.run()
    assert send(address, opened.id, ("cat.png", content))[0] == 403


def test_what_is_too_large_is_refused_before_it_comes(address):
    opened = album(open_page("classify"))
    status, said = send(address, opened.id, **{"Content-Length": "5000000000"})
    assert status == 413 and "the limit is 4.0 GB" in said and list(opened.folder.iterdir()) == []


def test_an_album_that_was_deleted_while_its_page_stayed_open_takes_nothing(address):
    opened = album(open_page("classify"))
    opened.delete()  # as another session does where nothing was added for a day
    assert send(address, opened.id, ("cat.png", encoded(noise(1), "PNG"))) == (410, "The pictures were cleared.")


def test_an_album_stays_open_when_another_visitor_has_streamlit_clear_its_caches(address):
    opened = album(open_page("classify"))
    st.cache_resource.clear()
    assert send(address, opened.id, ("cat.png", encoded(noise(1), "PNG"))) == (204, "")


def test_no_more_is_written_than_was_promised(address):
    opened = album(open_page("classify"))
    with socket.create_connection(address, timeout=30) as connection:
        head = f"PUT {inbox.PATH}/{opened.id} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode() + b"4\r\nDear\r\n")  # and no end
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert [path for path in opened.folder.iterdir() if path.suffix != ".jsonl"] == []


@pytest.mark.parametrize(
    "body", [b"", b"\0\0\0\2[]"[:5], b'\0\0\0\x0c[["cat", -1]]', b"\xff" * 8], ids=["nothing", "cut", "negative", "long head"]
)
def test_what_the_page_does_not_send_is_refused(address, body):
    opened = album(open_page("classify"))
    assert put(address, opened.id, body)[0] == 400 and list(opened.folder.iterdir()) == []


@pytest.mark.parametrize("size", [100_000, 10], ids=["while it comes", "while it is unpacked"])
def test_a_full_disk_is_said_in_words_and_nothing_stays(address, size):
    opened = album(open_page("classify"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("cat.bmp", bytes(size))
        packed.writestr("dog.bmp", b"BM" + bytes(100_000))
    named = ("a.bmp", b"BM" + bytes(size)) if size > 10 else ("pets.zip", content.getvalue())
    with files_up_to(50_000):
        status, said = send(address, opened.id, named)
    assert (
        status == 507 and said.startswith("Files of this size are not allowed here") and said.endswith("Send it again once there is room.")
    )
    assert not list(opened.folder.iterdir()) and not opened.pictures


def test_a_picture_that_has_no_room_for_its_preview_says_so(address):
    opened = album(open_page("classify"))
    send(address, opened.id, ("dog.png", encoded(noise(2), "PNG")))
    with files_up_to(100), pytest.raises(DiskFull, match="the preview of dog.png could not be written"):
        opened.thumbnail(opened.pictures[0])
    assert [path for path in opened.folder.iterdir() if path.suffix != ".jsonl"] == [opened.pictures[0].path]


def test_examples_that_have_no_room_say_so_on_the_page():
    app = open_page("classify")
    with files_up_to(100):
        app = press(app, next(found.label for found in app.button if found.label.startswith("Try these")))
    assert "Files of this size are not allowed here" in app.error[0].value and not list(album(app).folder.iterdir())


def test_nothing_stays_of_a_picture_for_which_there_is_no_room_beside_what_was_sent():
    opened, content = album(open_page("classify")), encoded(noise(1, (300, 300)), "PNG")
    head = json.dumps([["cat.png", len(content)]]).encode()
    sent = opened.new_file()
    sent.write_bytes(len(head).to_bytes(4) + head + content)
    with files_up_to(50_000), pytest.raises(DiskFull):
        inbox._add_each(opened, sent)
    assert list(opened.folder.iterdir()) == [sent]


class Watched:
    """A lock that says when somebody has to wait for it."""

    def __init__(self, waiting: threading.Event):
        self.lock, self.waiting = threading.RLock(), waiting

    def __enter__(self):
        if not self.lock.acquire(blocking=False):
            self.waiting.set()
            self.lock.acquire()

    def __exit__(self, *_):
        self.lock.release()


def take_back():
    """The page of a tab that was reloaded, as far as it matters."""
    import streamlit as st

    from pages.parts.classify import inbox

    st.session_state.is_taken = inbox.take_back(st.session_state.id)


@pytest.fixture
def settled(monkeypatch):
    """Set once the one has to wait for the other, or is done."""
    event = threading.Event()
    monkeypatch.setattr(inbox, "_handing_over", Watched(event))
    return event


@pytest.fixture
def lost(settled):
    """The album of a tab whose session was lost, a page that takes it back, and a thread in which it is deleted as time is up."""
    opened = album(open_page("classify"))
    opened.add_bytes("cat.png", encoded(noise(1), "PNG"))
    break_off()
    (timer,) = (timer for timer in timers() if timer.args[0].value == [opened])
    timer.cancel()
    page = AppTest.from_function(take_back, default_timeout=60)
    page.session_state.id = opened.id
    return opened, page, threading.Thread(target=lambda: (timer.function(*timer.args), settled.set()))


def test_an_album_that_is_being_deleted_is_not_handed_over(lost, settled, monkeypatch):
    opened, page, deleting = lost
    begun, delete = threading.Event(), Album.delete
    monkeypatch.setattr(Album, "delete", lambda self: (begun.set(), settled.wait(60), delete(self)))
    deleting.start()
    begun.wait(60)
    checked(page.run())
    settled.set()
    deleting.join()
    assert not page.session_state.is_taken and not opened.folder.exists()


def test_an_album_that_is_being_handed_over_is_not_deleted(lost, settled, monkeypatch):
    opened, page, deleting = lost

    def is_here(session):
        """Not the lost one, whatever Streamlit says of it while it tests a page. When asked on the page, its time is up."""
        if deleting.ident is None:
            deleting.start()
            settled.wait(60)
        return False

    monkeypatch.setattr(absence, "is_here", is_here)
    checked(page.run())
    deleting.join()
    assert page.session_state.is_taken and opened.pictures[0].path.is_file()
