"""A server of the tests' own, for what is downloaded."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PATIENCE = 60  # seconds


class Patient(ThreadingHTTPServer):
    """A server that doesn't mind who goes before the answer comes."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Server(Patient):
    """Sends `files`, by path, with their sizes if it `tells_sizes`; `asked` are the requests that came.

    What is in `broken` ends in the middle; everything else waits there for the `gate` to open.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files, self.broken, self.asked, self.gate, self.tells_sizes = {}, set(), [], threading.Event(), True
        self.gate.set()


class _Answer(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self._answer()

    def do_GET(self):
        content = self._answer()
        half = len(content) // 2
        self.wfile.write(content[:half])
        if self.path not in self.server.broken:
            self.server.gate.wait(_PATIENCE)
            self.wfile.write(content[half:])

    def _answer(self) -> bytes:
        self.server.asked.append((self.command, self.path))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return b""
        self.send_response(200)
        if self.server.tells_sizes:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return content

    def log_message(self, *words):
        pass
