"""The tests' own server ends, whatever it waits for, and their browser never waits for ever."""

import signal
import subprocess
import sys

import pytest

from tests.browsing import CHROMIUM, come_to_rest, end, open_browser, watch_runs

STUBBORN = """
import signal, sys, time
for number in map(int, sys.argv[1:]):
    signal.signal(number, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("ignored", [(), (signal.SIGTERM,), (signal.SIGTERM, signal.SIGINT)], ids=len)
def test_a_server_that_ignores_a_signal_gets_a_stronger_one(ignored):
    words = [sys.executable, "-c", STUBBORN, *(str(int(number)) for number in ignored)]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    server.stdout.readline()
    end(server, patience=3.0)  # a busy machine takes a second to tell Python of a signal
    assert -server.returncode == (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)[len(ignored)]


NEVER_IDLE = "window.requestIdleCallback = (done, options) => options && options.timeout && setTimeout(done, options.timeout)"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_page_comes_to_rest_in_a_browser_that_never_says_that_it_is_idle():
    with open_browser() as browser, browser.new_context() as context:
        watch_runs(context)
        context.add_init_script(NEVER_IDLE)
        page = context.new_page()
        page.goto("data:text/html,<div data-testid=stApp data-test-script-state=notRunning>")
        come_to_rest(page)
