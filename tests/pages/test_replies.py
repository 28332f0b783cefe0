"""What the server replies to a browser arrives, even where a page is drawn anew at that moment, and says why a file can't be made."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from catsdogs.data import known_folders
from catsdogs.errors import InputError
from pages.parts.shared import entrance, replies
from pages.parts.shared.access_settings import AccessSettings


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)
    monkeypatch.setattr(DeferredFileHandler, "handle", DeferredFileHandler.handle)
    replies.keep()
    replies.explain()


def message(kind: str) -> ForwardMsg:
    made = ForwardMsg()
    getattr(made, kind).SetInParent()
    return made


@pytest.mark.parametrize("fragments", [None, ["a fragment"]])
def test_a_page_that_is_drawn_anew_keeps_replies_from_no_browser(fragments):
    queue = ForwardMsgQueue()
    for kind in ("file_urls_response", "delta", "backend_operation_response"):
        queue.enqueue(message(kind))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    sent = [each.WhichOneof("type") for each in queue.flush()]
    assert [kind for kind in sent if kind != "delta"] == ["file_urls_response", "backend_operation_response"]
    assert queue.flush() == []


def ask(make=None):
    """What a click gets for a file that `make` makes, or for one that is offered no more."""
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    request = BackendOperationRequest(request_id="1")
    request.deferred_file.file_id = files.add_deferred(make, "text/csv", "0.1", "answers.csv") if make else "gone"
    return asyncio.run(DeferredFileHandler(lambda: files).handle(request, "a session"))


def refuse(error: Exception):
    def make() -> bytes:
        raise error

    return make


@pytest.mark.usefixtures("the_owner_comes_back")
def test_why_a_file_can_t_be_made_is_said_where_people_sign_in(tmp_path):
    """With a data set to name, it was "Failed to process backend operation": a click on a button is nobody's session."""
    known_folders.remember(tmp_path)
    entrance.watch(AccessSettings(passwords={True: "scrypt:00:00"}))
    assert ask(refuse(InputError("There is no run 'a'."))).error_msg == "There is no run 'a'."


def test_a_file_that_is_made_at_the_click_comes():
    made = ask(lambda: b"a,b")
    assert made.deferred_file.url.startswith("/media/") and not made.error_msg


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (refuse(InputError("There is no run 'a'; it may have been deleted.")), "There is no run 'a'; it may have been deleted."),
        (refuse(PermissionError(13, "Permission denied", "/home/studio")), "The server's disk refused it: permission denied."),
        (
            refuse(ValueError("shapes (3,) and (4,)")),
            "The file could not be made, and the server's log says why. Ask whoever runs this server.",
        ),
        (None, "The page has changed since this button was drawn. Reload the page."),
    ],
)
def test_a_file_that_can_t_be_made_is_refused_in_words_for_people(make, why, caplog):
    assert ask(make).error_msg == why
    assert ("shapes" in caplog.text) == ("log" in why)
