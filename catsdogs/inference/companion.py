"""A process beside this one that has Keras loaded, and calls functions of the library on request.

So the server of the pages never loads Keras itself: it stays responsive while Keras loads, and needs little memory. Arguments and results
must be picklable without Keras; functions are passed by name, so they must be at the top level of a module.

`python -m catsdogs.inference.companion N` is that process; N is its end of the connection.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue

from catsdogs.errors import InputError
from catsdogs.system import devices, home

_LONGEST = 600  # seconds for a call; the longest take about a minute, the first one also waits for Keras


class Companion:
    """The process starts at once and loads Keras in the meantime; it ends when this one does, even by a crash."""

    def __init__(self):
        self._calling = threading.Lock()  # one call at a time: each can use the whole machine
        self._ends: float | None = None  # when the process is killed, unless it has answered by then
        self._start()

    @property
    def pid(self) -> int:
        """The id of the process that is answering now."""
        return self._process.pid

    @property
    def seconds_left(self) -> float:
        """The seconds until the process is replaced, unless it answers the current call, or the next one."""
        ends = self._ends
        return _LONGEST if ends is None else max(0.0, ends - time.monotonic())

    def call(self, function: Callable, *arguments):
        """What `function` returns for the arguments in that process; raises what it raises.

        Raises InputError if the process is killed twice during the call, as happens when memory runs out, or hangs.
        """
        with self._calling:
            for _ in range(2):
                try:
                    with self._limited() as has_hung:
                        self._connection.send((home.folder(), function, arguments))
                        result, error = self._connection.recv()
                    break
                except (EOFError, OSError):  # OSError if it was killed in the middle of its answer
                    self._process.wait()
                    self._start()
                    if has_hung.is_set():
                        raise InputError(
                            f"The process that runs the network did not answer within {_LONGEST / 60:g} minutes, and another one was "
                            "started. Try again, with fewer images if there were many."
                        ) from None
            else:
                raise InputError(
                    "The process that runs the network was killed twice; the machine may be out of memory. Try with fewer images."
                )
        if error:
            raise error
        return result

    @contextmanager
    def _limited(self) -> Iterator[threading.Event]:
        """Kills the process if the block takes too long, and sets the event; it includes sending, which can hang as well."""
        process, has_hung = self._process, threading.Event()

        def end() -> None:
            has_hung.set()
            process.kill()

        timer = threading.Timer(_LONGEST, end)
        timer.daemon = True
        self._ends = time.monotonic() + _LONGEST
        timer.start()
        try:
            yield has_hung
        finally:
            timer.cancel()
            self._ends = None

    def _start(self) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "catsdogs.inference.companion", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the server
                # Not niced, though it loads beside the first page: only root could undo that, and trainings have the usual priority
            )


def serve(connection: Connection) -> None:
    """Load Keras, then answer calls. The process ends as soon as the other end is gone, even while it loads."""
    calls = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, calls), daemon=True).start()
    devices.load()  # before the first call comes
    while True:
        connection.send(_outcome(calls.get()))


def _receive(connection: Connection, calls: SimpleQueue) -> None:
    while True:
        try:
            calls.put(connection.recv_bytes())  # unpickled later, where an error is answered: here it would end this thread
        except (EOFError, ConnectionError):
            os._exit(0)


def _outcome(call: bytes) -> tuple[object, Exception | None]:
    try:
        folder, function, arguments = pickle.loads(call)
        os.environ["CATSDOGS_HOME"] = str(folder)
        return function(*arguments), None
    except InputError as error:
        return None, error
    except Exception as error:  # whatever it was, the caller waits for it
        traceback.print_exc()
        return None, RuntimeError(f"{type(error).__name__}: {error}")  # not every exception can be pickled


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
