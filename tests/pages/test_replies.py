"""What the server replies to a browser arrives, even where a page is drawn anew at that moment."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from pages.parts.shared import replies


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)
    replies.keep()


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
