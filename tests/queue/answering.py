"""A server of the tests' own that answers as the head of a Ray cluster does, as far as the application asks; or as none does."""

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler

from tests.serving import Patient

TOKEN = "the-token-of-the-cluster"


class Head(Patient):
    """`jobs` are Ray's own words on each by its id, `asked` all requests, `nodes` what each node has.

    `answer` is what every request gets instead: a status, text, "slow", no answer before `close`, or "break", the connection breaks off.
    With `runs`, the entrypoint of a job is run, and the job has ended once that has; `sees` says which path nodes see instead of another.
    """

    daemon_threads = True

    def __init__(self, runs: bool = False):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.jobs, self.asked, self.nodes, self.answer, self.runs = {}, [], [{"CPU": 1.0}, {"CPU": 1.0}], None, runs
        self.logs, self.sees, self.ending = {}, ("", ""), threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def end(self, id: str, status: str, code: int | None = None, error: str | None = None, message: str = "") -> None:
        """From now on, the job has ended so."""
        self.jobs[id].update(status=status, driver_exit_code=code, error_type=error, message=message)

    def close(self) -> None:
        self.ending.set()
        self.shutdown()
        self.server_close()

    def begin(self, content: dict) -> tuple[int, object]:
        id = content["submission_id"]
        if id in self.jobs:
            return 500, f"Traceback …\nValueError: Job with submission_id {id} already exists. Please use a different submission_id."
        self.jobs[id] = {"status": "PENDING", "entrypoint": content["entrypoint"], "asked": content, "message": None, "error_type": None}
        self.logs[id] = "Runtime env is setting up.\n"
        if self.runs:
            ran = subprocess.run(
                content["entrypoint"].replace(*self.sees), shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            self.logs[id] += ran.stdout
            self.end(id, "FAILED", ran.returncode, "JOB_ENTRYPOINT_COMMAND_ERROR", "Job entrypoint command failed.\nA tail of the log.")
        return 200, {"submission_id": id}

    def find(self, method: str, path: str, content: dict | None) -> tuple[int, object]:
        if path.startswith("/api/v0/nodes"):
            nodes = [{"state": "ALIVE", "resources_total": has} for has in self.nodes]
            return 200, {"data": {"result": {"result": [*nodes, {"state": "DEAD", "resources_total": {}}]}}}
        if (method, path) == ("POST", "/api/jobs/"):
            return self.begin(content)
        id, _, what = path.removeprefix("/api/jobs/").partition("/")
        if id not in self.jobs:
            return 404, f"Job {id} does not exist"
        if what == "stop":
            self.end(id, "STOPPED")
            return 200, {"stopped": True}
        return 200, {"logs": self.logs[id]} if what == "logs" else self.jobs[id]


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        head, length = self.server, int(self.headers["Content-Length"] or 0)
        content = json.loads(self.rfile.read(length)) if length else None
        head.asked.append((self.command, self.path))
        if head.answer == "slow":
            head.ending.wait(20)
        elif head.answer == "break":
            self.wfile.write(b"HTTP/1.1 20")
            self.connection.close()
        elif head.answer is not None:
            self._send(*((200, head.answer) if isinstance(head.answer, str) else (head.answer, "<h1>nonsense</h1>")))
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._send(403 if "Authorization" in self.headers else 401, "Forbidden: Invalid authentication token")
        else:
            self._send(*head.find(self.command, self.path, content))

    def do_POST(self):
        self.do_GET()

    def _send(self, status: int, content: object) -> None:
        self.send_response(status)
        if status == 307:
            self.send_header("Location", f"{self.server.address}/elsewhere")
        self.end_headers()
        self.wfile.write((content if isinstance(content, str) else json.dumps(content)).encode())

    def log_message(self, *words):
        pass
