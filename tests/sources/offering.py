"""A server of the tests' own that breaks off, lies, redirects and is slow."""

import threading
from http.server import BaseHTTPRequestHandler

from tests.serving import Patient


class Server(Patient):
    """Sends `content` at /file.zip. `asked` are the ranges that requests named, None for the whole; `compared` their `If-Range`.

    `breaks` are the numbers of bytes after which the next answers end; `knows_ranges`, `knows_if_range`, `status`, `promised`
    (Content-Length), `longest_part` (of what was asked for) and `headers`, among them what names the version of the file, say how it
    behaves. It waits for `silence` to be set before the first byte, or in the middle if it `sends_half_first`.
    """

    daemon_threads = True

    def __init__(self, content: bytes):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.content, self.asked, self.compared, self.breaks = content, [], [], []
        self.knows_ranges, self.knows_if_range, self.longest_part = True, True, len(content)
        self.status, self.promised, self.headers, self.silence = 200, None, {}, threading.Event()
        self.silence.set()
        self.sends_half_first = False
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.zip"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        server.asked.append(wanted)
        server.compared.append(self.headers.get("If-Range"))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", server.url)
            return self.end_headers()
        if server.status != 200:
            return self.send_error(server.status)
        is_same = server.compared[-1] in (None, *server.headers.values()) or not server.knows_if_range
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and server.knows_ranges and is_same else 0
        if start >= len(server.content):
            return self.send_error(416)
        rest = server.content[start:][: server.longest_part]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{start + len(rest) - 1}/{len(server.content)}")
        if server.promised != "nothing":
            self.send_header("Content-Length", str(server.promised or len(rest)))
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if server.breaks:
            rest = rest[: server.breaks.pop(0)]
        half = len(rest) // 2 if server.sends_half_first else 0
        self.wfile.write(rest[:half])
        server.silence.wait(20)
        self.wfile.write(rest[half:])

    def log_message(self, *words):
        pass
