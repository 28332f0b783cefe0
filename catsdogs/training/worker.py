"""The process of one run: claims it, watches for a request to stop, and turns every way in which it can end into a state."""

import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

from catsdogs.errors import InputError
from catsdogs.runs import Run, heartbeat, leftovers, liveness, store
from catsdogs.system import devices, shortage
from catsdogs.system.shortage import DiskFull
from catsdogs.training import progress as reports
from catsdogs.training.progress import Progress, Stopped

_LOOK_EVERY = 0.1  # seconds
_LOOK_EVERY_AFAR, _WRITE_EVERY_AFAR = 0.5, 2.0  # seconds; a shared folder serves many workers
_PATIENCE = 1.2  # seconds for a request to be noticed before the process is ended, so that a stop takes less than two


def work(run: Run, log: Callable[[str], None], show: Callable[[dict], None] = lambda facts: None, job: str = "") -> Run:
    """Train the run in this process and return it as it ended: finished, stopped or failed.

    `log(message)` gets lines for people, `show(facts)` the progress in between. `job` is what this process is called on another machine
    than the one that queued the run: it then has a heartbeat, and says where it is.

    Call it from the main thread, before Keras is imported. Raises InputError where another process is working on the run.
    """

    def stop(*_) -> None:
        if job:
            _beat(run, job)
        if not liveness.is_stop_requested(run.folder):  # for a reason, perhaps
            liveness.request_stop(run.folder)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    place = {"host": socket.gethostname()} if job else {}
    with liveness.claim(run.folder, job):
        leftovers.remove(run.folder)
        stopping = threading.Event()
        progress = Progress(run, stopping.is_set, log, show, _WRITE_EVERY_AFAR if job else reports.WRITE_EVERY)
        progress.begin(**place)
        store.write_status(run, "running", phase="starting", message="starting", **progress.facts)
        ended = threading.Event()
        threading.Thread(target=_watch, args=(run, progress, stopping, ended, job), daemon=True).start()
        try:
            with shortage.reserve(run.folder) as room:
                state, error = _outcome(run, progress)
                ended.set()
                room.unlink()  # for the status, where the disk is full
                progress.end(state, error, liveness.stop_reason(run.folder) if state == "stopped" else "")
        except DiskFull as full:  # before anything was begun
            state = "failed"
            ended.set()
            progress.end(state, str(full))
        if state == "finished":
            store.forget_resume_point(run)
    return store.load(run.id)


def _outcome(run: Run, progress: Progress) -> tuple[str, str]:
    """The state in which the training ended, and why."""
    try:
        progress.check()
        devices.load()  # takes seconds, in which a stop must already be noticed
        from catsdogs.training import trainer

        trainer.train(run, progress)
    except Stopped:
        return "stopped", ""
    except InputError as error:
        return "failed", str(error)
    except Exception as error:  # whatever it is, the run must say that it failed
        return "failed", _said(run, progress, error)
    return "finished", ""


def _said(run: Run, progress: Progress, error: Exception) -> str:
    """An error that nobody raised for people, in words; where these don't say it all, the log does."""
    try:
        with shortage.explained(run.folder, "the log"):
            traceback.print_exc()
        with shortage.explained(run.folder, "what the run was writing"):
            raise error
    except DiskFull as full:
        return str(full)
    except Exception:
        if not shortage.is_of_memory(error):
            return f"{type(error).__name__}: {error}. The log has the details."
    is_gpu = str(progress.facts.get("device", "")).startswith("GPU") and not isinstance(error, MemoryError)
    where = "The GPU" if is_gpu else "The computer"
    return f"{where} ran out of memory at batch_size = {run.config.batch_size}; {shortage.smaller(run.config.batch_size)}."


def _watch(run: Run, progress: Progress, stopping: threading.Event, ended: threading.Event, job: str) -> None:
    """Pass on a request to stop; end the process where nothing reacts to it, as during an import or a compilation."""
    beaten = time.monotonic()
    while not ended.wait(_LOOK_EVERY_AFAR if job else _LOOK_EVERY):
        if job and time.monotonic() - beaten > heartbeat.EVERY:
            beaten = time.monotonic()
            _beat(run, job)
        if liveness.is_stop_requested(run.folder):
            stopping.set()
            if not ended.wait(_PATIENCE):
                try:
                    progress.end("stopped", reason=liveness.stop_reason(run.folder))
                    progress.log("stopped")
                    sys.stdout.flush()
                    if job:
                        heartbeat.end(run.folder, job)
                finally:  # though the disk be full
                    os._exit(0)


def _beat(run: Run, job: str) -> None:
    """End the process, which may not write any more, where the run is another job's by now: this one was taken for dead."""
    with suppress(OSError):  # of a file server that is away; the next one may come through
        if not heartbeat.beat(run.folder, job):
            os._exit(1)
