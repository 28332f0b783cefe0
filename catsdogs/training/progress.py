"""What a run is doing now: its phase, how far it is, how long it will take. Written to its status twice a second at most.

Every report also notices a request to stop.
"""

import threading
import time
from collections.abc import Callable

from catsdogs.runs import Run, store, times

WRITE_EVERY = 0.5  # seconds
_OF_A_PHASE = ("done", "total", "seconds_left")  # mean nothing in the next one
_OF_A_TRAINING = ("phase", "message", "activity", *_OF_A_PHASE)  # mean nothing when it has ended


class Stopped(Exception):
    """The run was asked to end; raised out of whatever was being done."""


class Progress:
    """The reports of one worker. `log(message)` gets a line at every new phase and epoch, `show(facts)` every status."""

    def __init__(
        self,
        run: Run,
        is_stopping: Callable[[], bool],
        log: Callable[[str], None],
        show: Callable[[dict], None],
        every: float = WRITE_EVERY,
    ):
        self.log = log
        self.facts: dict = {}
        self._run = run
        self._show = show
        self._is_stopping = is_stopping
        self._every = every
        self._began = time.monotonic()
        self._written = 0.0
        self._writing = threading.Lock()  # the watcher may end what the training still reports
        self._has_ended = False

    def begin(self, **facts) -> None:
        """The run is at work from now on, which its status is to say."""
        self.facts = {**times.begun(self._run), **facts}
        self._began = time.monotonic()

    def enter(self, phase: str, message: str, **facts) -> None:
        """Begin a phase. `facts` stay in the status from now on, as earlier ones do, except for the count within a phase."""
        self.facts = {**_without(_OF_A_PHASE, self.facts), **facts, "phase": phase, "message": message}
        self.log(message)
        self._write()
        self.check()

    def count(self, done: int, total: int, **facts) -> None:
        """Report `done` of `total` within the phase. Raises Stopped."""
        self.report(done=done, total=total, **facts)

    def report(self, **facts) -> None:
        """Say what else is known now. Raises Stopped."""
        self.facts.update(facts)
        if time.monotonic() - self._written > self._every:
            self._write()
        self.check()

    def check(self) -> None:
        """Raises Stopped if the run was asked to end."""
        if self._is_stopping():
            raise Stopped

    def end(self, state: str, error: str = "", reason: str = "") -> None:
        """Write how the run ended. Only the first end counts, and nothing is reported after it."""
        with self._writing:
            if not self._has_ended:
                why = {"error": error, "reason": reason}
                facts = _without(_OF_A_TRAINING, self._timed()) | {name: text for name, text in why.items() if text}
                store.write_status(self._run, state, **facts, ended=times.now())
            self._has_ended = True

    def _write(self) -> None:
        with self._writing:
            if not self._has_ended:
                store.write_status(self._run, "running", **self._timed())
        self._show(self.facts)
        self._written = time.monotonic()

    def _timed(self) -> dict:
        """The facts, with how long the run has been at work, if it has begun."""
        facts = self.facts.copy()
        return facts | times.worked(self._run, time.monotonic() - self._began) if "started" in facts else facts


def _without(names: tuple[str, ...], facts: dict) -> dict:
    return {name: value for name, value in facts.items() if name not in names}
