"""Streamlit's own route for files: how much of its memory they get. Nothing is sent but what the files are said to be."""

import http.client
import select
import socket
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from websockets.sync.client import connect

from pages.parts.shared import absence, uploads
from tests.browsing import serve
from tests.images import encoded, noise
from tests.waiting import wait_until

LINE = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}  # as fast as it is
SIZE = 50 * 10**6  # bytes that a file is said to have
CONTENT = b'--end\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nx\r\n--end--\r\n'


class Session:
    """A session of the application, as a browser has one."""

    def __init__(self, server: str, connection):
        self._place = urllib.parse.urlparse(server)
        connection.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        while not (id := ForwardMsg.FromString(connection.recv()).new_session.initialize.session_id):
            pass
        asking = http.client.HTTPConnection(self._place.hostname, self._place.port, timeout=60)
        asking.request("GET", "/_stcore/health")
        cookie = asking.getresponse().getheader("set-cookie").partition(";")[0]
        self._path = f"/_stcore/upload_file/{id}/"
        self._headers = {"Content-Type": "multipart/form-data; boundary=end", "Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}

    def send(self, name: str) -> int:
        """The status that answers a small file."""
        asking = http.client.HTTPConnection(self._place.hostname, self._place.port, timeout=60)
        asking.request("PUT", self._path + name, CONTENT, self._headers)
        return asking.getresponse().status

    def begin(self, name: str) -> socket.socket:
        """A file of which nothing comes yet."""
        begun = socket.create_connection((self._place.hostname, self._place.port), timeout=30)
        headers = {"Host": self._place.netloc, "Content-Length": SIZE, **self._headers}
        lines = [f"PUT {self._path}{name} HTTP/1.1", *(f"{key}: {value}" for key, value in headers.items()), "", ""]
        begun.sendall("\r\n".join(lines).encode())
        return begun


@pytest.fixture
def sessions(server):
    with ExitStack() as opened:
        address = f"{server.replace('http', 'ws')}/_stcore/stream"
        look = {"subprotocols": ["streamlit"], "close_timeout": 0.1}  # most of what the page is told is never read
        yield [Session(server, opened.enter_context(connect(address, **look))) for _ in range(3)]


def test_neither_one_session_nor_all_of_them_have_the_server_keep_more_than_so_much_in_memory(sessions):
    first, second, third = sessions
    many = uploads.MAX_BYTES // SIZE
    with ExitStack() as coming:
        begun = [coming.enter_context(first.begin(f"file-{number}")) for number in range(many + 1)]
        assert answers(begun) == [b"HTTP/1.1 413"], "each of the others waits for its file"
        assert second.send("small") == 204
        begun = [coming.enter_context(each.begin(f"file-{number}")) for number in range(many // 2) for each in (second, third)]
        assert answers(begun) == [b"HTTP/1.1 503"]
    wait_until(lambda: first.send("small") == third.send("small") == 204)


def answers(begun: list[socket.socket]) -> list[bytes]:
    """The beginnings of those that come."""
    answered, _, _ = select.select(begun, [], [], 30)
    return [each.recv(1000)[:12] for each in answered]


@pytest.fixture
def unused():
    """The address of a server without files: the shared one goes on counting those of earlier tests for a while."""
    with serve(classifies=False) as address:
        yield address


def test_what_boxes_held_is_kept_in_memory_no_longer_once_they_are_left_or_emptied(page, unused):
    """The server counts every five seconds only, so what was left is looked for where there are new files in the boxes."""
    page.goto(f"{unused}/data")
    open_boxes(page)
    fill(page, 0, 8)
    for count, leave in enumerate(("Folder", "Camera", "Train"), start=8):
        page.get_by_text(leave, exact=True).first.click()
        expect(boxes(page)).to_have_count(0)
        if leave == "Train":
            page.get_by_text("Data", exact=True).first.click()
        open_boxes(page)
        sent = fill(page, 0, 8) + fill(page, 1, count)  # each time more than the server has counted before
        wait_until(lambda sent=sent: held(unused) == sent)
    page.get_by_role("button", name="Make a data set").click()
    expect(page.get_by_role("heading", name="My photographs")).to_be_visible()
    wait_until(lambda: held(unused) == 0)


def test_what_is_still_on_its_way_when_boxes_are_left_is_kept_in_memory_no_longer_either(page, unused):
    """A browser sends six files at once, and the others later. What is left is looked for where another tab has sent something."""
    ended = []
    for end in ("requestfinished", "requestfailed"):  # where a refusal comes before all has been sent, the browser sees a failure
        page.on(end, lambda request: ended.append(request) if request.method == "PUT" else None)
    other = page.context.new_page()
    for tab in (other, page):
        tab.goto(f"{unused}/data")
        open_boxes(tab)
    files = [{"name": f"{number}.png", "mimeType": "image/png", "buffer": bytes(200_000)} for number in range(12)]
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {**LINE, "uploadThroughput": 10**6})
    with page.expect_request(lambda request: request.method == "PUT"):
        boxes(page).first.locator("input").set_input_files(files)
    page.get_by_text("Folder", exact=True).first.click()
    expect(boxes(page)).to_have_count(0)
    line.send("Network.emulateNetworkConditions", LINE)
    wait_until(lambda: page.wait_for_timeout(100) or len(ended) == len(files))
    sent = fill(other, 0, 8)
    wait_until(lambda: held(unused) == sent)
    other.close()


def test_nothing_is_kept_of_a_session_that_ended_some_time_ago(monkeypatch):
    now, ago = time.monotonic_ns(), int(1.1e9 * absence.PATIENCE)
    for session, left in (("ended", now - ago), ("away for a moment", now)):
        monkeypatch.setitem(uploads._left, session, left)
    asking = SimpleNamespace(session_id="asking", uploaded_file_mgr=MemoryUploadedFileManager("/files"))
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda: asking)
    uploads.forget()
    assert "ended" not in uploads._left and "away for a moment" in uploads._left


def open_boxes(page) -> None:
    page.get_by_role("radio", name="Upload").click()
    page.get_by_label("Way").get_by_text("Two boxes").click()


def boxes(page):
    return page.get_by_test_id("stFileUploader").filter(has_text="Photographs of")


def fill(page, place: int, count: int) -> int:
    """The bytes of so many pictures, all of which the server has then."""
    pictures = [encoded(noise(8 * place + number), "PNG") for number in range(count)]
    files = [{"name": f"{number}.png", "mimeType": "image/png", "buffer": picture} for number, picture in enumerate(pictures)]
    sent = []
    page.on("response", lambda answer: sent.append(answer.url) if answer.request.method == "PUT" else None)
    with page.expect_response(lambda _: len(sent) == count):
        boxes(page).nth(place).locator("input").set_input_files(files)
    return sum(map(len, pictures))


def held(server: str) -> int:
    """Bytes of files that the server has in memory."""
    with urllib.request.urlopen(f"{server}/_stcore/metrics") as answer:
        lines = [line for line in answer.read().decode().splitlines() if "UploadedFileManager" in line]
    return sum(int(line.rpartition(" ")[2]) for line in lines)
