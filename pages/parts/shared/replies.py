"""What the server replies to a browser: the addresses at which a box may send its files, a file to download.

Streamlit throws away what it hasn't sent yet when a page is drawn anew, and replies with the rest: two boxes that are filled at the same
moment, and one of them stays empty for good, since its browser waits for a reply that never comes. Where a file can't be made, it says
"Failed to generate file for download", and nothing of why.
"""

import asyncio
import logging
from functools import wraps

from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse, DeferredFileResponsePayload
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.media_file_storage import MediaFileStorageError

from catsdogs.errors import InputError
from pages.parts.shared import names

_log = logging.getLogger(__name__)
_OUTDATED = "The page has changed since this button was drawn. Reload the page."
_UNEXPECTED = "The file could not be made, and the server's log says why. Ask whoever runs this server."
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


def explain() -> None:
    """From now on, say why a file that is made at the click of its button could not be."""
    DeferredFileHandler.handle = _make


async def _make(handler: DeferredFileHandler, request: BackendOperationRequest, session_id: str) -> BackendOperationResponse:
    files = handler._get_media_file_mgr()
    try:
        url = await asyncio.to_thread(files.execute_deferred, request.deferred_file.file_id)
    except MediaFileStorageError as error:
        return BackendOperationResponse(request_id=request.request_id, error_msg=_why(error.__cause__))
    return BackendOperationResponse(request_id=request.request_id, deferred_file=DeferredFileResponsePayload(url=url))


def _why(cause: BaseException | None) -> str:
    if cause is None:
        return _OUTDATED
    if isinstance(cause, InputError | OSError):
        return names.told(cause)
    _log.error("A file for download could not be made", exc_info=cause)
    return _UNEXPECTED
