"""The process that has Keras loaded, as the server of the pages uses it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from catsdogs.analysis import evaluation, ranking, significance
from catsdogs.data import naming
from catsdogs.errors import InputError
from catsdogs.inference import classifier, companion, loaded
from catsdogs.inference.companion import Companion
from catsdogs.runs import store
from catsdogs.system import home
from tests.browsing import serve
from tests.images import picture
from tests.waiting import wait_until

PROJECT = Path(companion.__file__).parents[2]
VERSION = store.answer_version(store.load(store.SHIPPED))


@pytest.fixture(scope="module")
def started():
    yield (made := Companion())
    os.kill(made.pid, signal.SIGKILL)


@pytest.fixture
def without_keras(monkeypatch):
    """It takes seconds to load, and half of what is started here is killed at once."""
    monkeypatch.setenv("PYTHONPATH", str(PROJECT / "tests" / "sites" / "unloaded"))


def test_it_answers_as_the_classifier_does(started, tmp_path):
    pictures = [(name, picture(tmp_path / name)) for name in ("a.jpg", "b.png")] + [("c", b"This is a letter.")]
    started.call(loaded.prepare, store.SHIPPED, VERSION)
    answers = started.call(loaded.classify, store.SHIPPED, VERSION, pictures)
    expected = classifier.classify(classifier.load(store.load(store.SHIPPED)), pictures)
    for answer, wanted in zip(answers, expected, strict=True):
        assert (answer.picture, answer.label, answer.error) == (wanted.picture, wanted.label, wanted.error)
        assert answer.probability == pytest.approx(wanted.probability, abs=1e-5)


def test_the_default_run_can_be_asked_for_there(started):
    assert started.call(ranking.default).run == store.load(store.SHIPPED)


def test_what_keras_loads_without_is_there_for_the_calls():
    started = Companion()  # the first call is there before Keras is
    right = np.array([True, True, False])
    for _ in range(2):
        assert started.call(significance.mcnemar, right, right) == significance.mcnemar(right, right)
        labels, probabilities = np.array([0, 1]), np.array([0.2, 0.9])
        assert started.call(evaluation.score, labels, probabilities).accuracy == 1
    os.kill(started.pid, signal.SIGKILL)


def test_the_home_folder_is_that_of_the_caller(started, tmp_path, monkeypatch):
    for name in ("one", "two"):
        monkeypatch.setenv("CATSDOGS_HOME", str(tmp_path / name))
        assert started.call(home.folder) == home.folder() == tmp_path / name


def test_errors_come_through(started):
    with pytest.raises(InputError, match="There is no run 'x'"):
        started.call(loaded.prepare, "x", VERSION)
    with pytest.raises(RuntimeError, match="TypeError: .*unexpected|TypeError: .*positional"):
        started.call(loaded.prepare)
    assert started.call(home.folder) == home.folder()


class Unreadable:
    """What can be sent, but not received."""

    def __reduce__(self):
        return int, ("no number",)


def test_a_call_that_can_not_be_read_is_answered(started):
    with pytest.raises(RuntimeError, match="ValueError: invalid literal"):
        started.call(home.folder, Unreadable())
    assert started.call(home.folder) == home.folder()


def test_calls_of_several_threads_get_their_own_answers(started):
    found = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: started.call(naming.label_of, f"class {n}")})) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: f"class {n}" for n in range(20)}


@pytest.mark.usefixtures("without_keras")
def test_after_it_was_killed_another_one_answers():
    made = Companion()
    killed = made.pid
    os.kill(killed, signal.SIGKILL)
    assert made.call(home.folder) == home.folder()
    assert made.pid != killed
    threading.Thread(target=kill_each, args=(made,)).start()
    with pytest.raises(InputError, match="killed twice"):
        made.call(loaded.prepare, store.SHIPPED, VERSION)


@pytest.mark.usefixtures("without_keras")
def test_one_that_is_killed_in_the_middle_of_its_answer_is_one_that_was_killed():
    made = Companion()
    cut_short = (
        "import os, struct\n"
        "from multiprocessing.connection import Connection\n"
        "def send_half(connection, answer):\n"
        "    os.write(connection.fileno(), struct.pack('!i', len(answer)) + answer[:len(answer) // 2])\n"
        "    os._exit(1)\n"
        "Connection._send_bytes = send_half\n"
    )
    with pytest.raises(InputError, match="killed twice"):
        made.call(exec, cut_short, {})
    assert made.call(home.folder) == home.folder()
    os.kill(made.pid, signal.SIGKILL)


@pytest.mark.usefixtures("without_keras")
@pytest.mark.parametrize("is_receiving", [True, False])
def test_one_that_hangs_is_ended_and_another_one_answers(is_receiving, monkeypatch):
    made = Companion()
    assert made.call(home.folder) == home.folder()
    hung = made.pid
    if not is_receiving:
        os.kill(hung, signal.SIGSTOP)
    monkeypatch.setattr(companion, "_LONGEST", 0.3)
    with pytest.raises(InputError, match=r"did not answer within 0\.005 minutes, and another one was started\. Try again"):
        made.call(time.sleep, *([3600] if is_receiving else [bytes(10_000_000)]))  # more than a pipe holds
    monkeypatch.undo()
    assert made.call(os.getpid) == made.pid != hung
    os.kill(made.pid, signal.SIGKILL)


def kill_each(made):
    """Kill the process, and the one that takes its place, and so on; three in all."""
    killed = set()
    while len(killed) < 3:
        if made.pid not in killed:
            killed.add(made.pid)
            os.kill(made.pid, signal.SIGKILL)


def test_a_killed_caller_leaves_nothing_behind():
    code = (
        "import sys, time\n"
        "from catsdogs.runs import store\n"
        "from catsdogs.inference import loaded\n"
        "from catsdogs.inference.companion import Companion\n"
        "made = Companion()\n"
        f"answers = made.call(loaded.classify, 'shipped', {VERSION}, [('letter', b'Dear cat')])\n"
        "print(made.pid, answers[0].error.startswith('This is not an image'), 'keras' in sys.modules, flush=True)\n"
        "time.sleep(60)\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pid, is_answered, has_keras = caller.stdout.readline().split()
    assert (is_answered, has_keras) == ("True", "False")
    assert is_alive(int(pid))
    caller.kill()
    assert caller.communicate() == ("", "")
    wait_until(lambda: not is_alive(int(pid)))


def test_it_starts_and_ends_with_the_server():
    with serve() as address:
        server = child_of(os.getpid(), f"--server.port {address.rpartition(':')[2]}")  # the tests of pages have another one
        wait_until(lambda: child_of(server, "-m catsdogs.inference.companion"))
        pid = child_of(server, "-m catsdogs.inference.companion")
    wait_until(lambda: not is_alive(pid))


def child_of(parent: int, words: str) -> int | None:
    """The number of the child process that has these words on its command line."""
    listed = subprocess.run(["ps", "-ww", "-o", "pid=,args=", "--ppid", str(parent)], capture_output=True, text=True).stdout
    return next((int(line.split()[0]) for line in listed.splitlines() if words in line), None)


def is_alive(pid: int) -> bool:
    """Whether the process is there and not just waiting for its parent to notice its end."""
    answer = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(answer) and not answer.startswith("Z")
