"""A server of the application and a browser to view it with, for the tests and the benchmarks."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

PROJECT = Path(__file__).parent.parent
_SERVED = Path(__file__).parent / "sites" / "served"
_BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")  # the first takes a fifth less of the processor
CHROMIUM = next(filter(None, map(shutil.which, _BROWSERS)), None)
FLAGS = (
    "--no-sandbox",  # CI is root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that shows a moving pattern
    "--use-fake-ui-for-media-stream",
)

# Streamlit's page says "not running" until the server tells it otherwise, so right after a click, too. What was asked is seen in what
# goes over the socket, which are protocol buffers: a BackMsg with rerun_script begins with the tag 0x5a; script_finished in a ForwardMsg
# has 0x30, after a hash (0x0a) and metadata (0x12), and its value is 2 where the run was ended early, for another one. The page draws what
# it got a little later: that is over when the browser has nothing to do. Chromium was seen never to say so any more, on a busy machine,
# though it answered everything else; so two seconds are enough.
_WATCH_RUNS = """
const send = WebSocket.prototype.send;
window.asked = window.drawn = 0;
WebSocket.prototype.send = function (message) {
  if (message[0] === 0x5a) window.asked += 1;
  if (!this.watched) this.addEventListener("message", ({ data }) => {
    const bytes = new Uint8Array(data);
    let at = 0;
    while (bytes[at] === 0x0a || bytes[at] === 0x12) at += 2 + bytes[at + 1];
    const answered = window.asked;
    const draw = () => { window.drawn = answered; };
    if (bytes[at] === 0x30 && bytes[at + 1] !== 2) setTimeout(() => requestIdleCallback(draw, { timeout: 2000 }), 100);
  });
  this.watched = true;
  return send.call(this, message);
};
"""
_IDLE = "() => new Promise((done) => setTimeout(() => requestIdleCallback(done, { timeout: 2000 }), 50))"
_AT_REST = """() => window.asked === window.drawn && !document.querySelector("[data-stale=true]")
  && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" """
# Nothing has moved for 150 ms, with its fonts; a page on which something always does, as a chart that is streamed, counts after 3 s.
_STILL = """async () => {
  await document.fonts.ready;
  const layout = () => [...document.querySelectorAll("main [data-testid], main button")].map((each) => {
    const { x, y, width, height } = each.getBoundingClientRect();
    return [x, y, width, height].join();
  }).join(" ");
  const began = performance.now();
  for (let before, same = 0; same < 3 && performance.now() - began < 3000;) {
    await new Promise((done) => setTimeout(done, 50));
    const now = layout();
    same = now === before ? same + 1 : 0;
    before = now;
  }
}"""


@contextmanager
def open_browser():
    """Headless Chromium, the one that is installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serve(home: Path | None = None, port: int | None = None, below: str = "", classifies: bool = True, gives_way: bool = False):
    """A fresh server with that home folder, else the environment's, at that port, else a free one, `below` a path; yields its address.

    One that never `classifies` is up sooner: the process that would load Keras only waits. What it trains `gives_way` to all else only on
    request, as in tests it would get 3% of the processor.
    """
    env = {**os.environ, "PYTHONPATH": str(_SERVED), **({"CATSDOGS_HOME": str(home)} if home else {})}
    env |= {"IS_HURRIED": str(not gives_way), "IS_IDLE": str(not classifies)}
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.baseUrlPath", below]
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}{below}"
            wait_for(f"{address}/_stcore/health", server)
            yield address
        finally:
            end(server)
            log.seek(0)
            print(log.read())  # pytest shows it where a test fails


def end(server: subprocess.Popen, patience: float = 10) -> None:
    """End the server. Uvicorn waits for ever for a connection that was opened while it shut down, unless it is interrupted as well."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        server.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(patience)
            return


def watch_runs(context: BrowserContext) -> None:
    """Have `come_to_rest` know, in all pages that are opened there, of runs that a page has asked for and that haven't begun."""
    context.add_init_script(_WATCH_RUNS)


def come_to_rest(page: Page) -> None:
    """Wait until the application has drawn all of the page, removed what was there before, and nothing moves."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.evaluate(_IDLE)  # a click is sent when the page has been drawn with it
    page.wait_for_function(_AT_REST)
    page.evaluate(_STILL)


def wait_for(address: str, server: subprocess.Popen, seconds: float = 90) -> None:
    """Wait until the server answers there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)
