"""The tests' own server ends, whatever it waits for."""

import signal
import subprocess
import sys

import pytest

from tests.browsing import end

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
    end(server, patience=1.0)
    assert -server.returncode == (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)[len(ignored)]
