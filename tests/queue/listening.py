"""A server of the tests' own that hears what a webhook is told, and answers as it is asked to."""

import json
import threading
from http.server import BaseHTTPRequestHandler

from tests.serving import Patient


class Listener(Patient):
    """`heard` are the JSON bodies that came, `paths` where to.

    `answers` says what the next requests get: a status; "slow", no answer before `close`; "break", the connection breaks off; or an address
    to be redirected to. The others get 204.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.heard, self.paths, self.answers, self.ending = [], [], [], threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/secret-part"

    def close(self) -> None:
        self.ending.set()
        self.shutdown()
        self.server_close()


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        server.paths.append(self.path)
        server.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        answer = server.answers.pop(0) if server.answers else 204
        if answer == "slow":
            server.ending.wait(20)
        elif answer == "break":
            self.wfile.write(b"HTTP/1.1 20")
            self.connection.close()
        elif isinstance(answer, str):
            self.send_response(307)
            self.send_header("Location", answer)
            self.end_headers()
        else:
            self.send_response(answer)
            self.end_headers()
            self.wfile.write(b"x" * 100)

    def do_GET(self):
        self.do_POST()

    def log_message(self, *words):
        pass
