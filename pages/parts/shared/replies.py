"""What the server replies to a browser: the addresses at which a box may send its files, a file to download.

Streamlit throws away what it hasn't sent yet when a page is drawn anew, and replies with the rest: two boxes that are filled at the same
moment, and one of them stays empty for good, since its browser waits for a reply that never comes.
"""

from functools import wraps

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_REPLIES = ("file_urls_response", "backend_operation_response")


def keep() -> None:
    """From now on, have them sent all the same."""
    clear = ForwardMsgQueue.clear

    @wraps(clear)
    def clear_all_else(queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        before = queue._queue
        clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        if retain_lifecycle_msgs:  # else they are being sent
            left = {id(message) for message in queue._queue}
            queue._queue += [message for message in before if message.WhichOneof("type") in _REPLIES and id(message) not in left]

    ForwardMsgQueue.clear = clear_all_else
