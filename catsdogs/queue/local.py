"""Trains on this machine: a worker at a time on the processor, or on each GPU.

TensorFlow gives the GPU's memory back only when its process ends.
"""

import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from catsdogs.queue import processes
from catsdogs.queue.engine import End, Job, Unavailable
from catsdogs.runs import Run, liveness, store
from catsdogs.system import devices, shortage

_OUT_OF_MEMORY = "The system ended the worker because the computer ran out of memory; {smaller}, or close other programs."


@dataclass(frozen=True)
class _Worker:
    """A process, the number of its slot, and `shortage.kills` just before it started."""

    process: subprocess.Popen
    slot: int
    kills: int | None


class Local:
    """An `Engine` on these slots, each the environment variables of its workers; by default, all slots of this machine."""

    is_here = True

    def __init__(self, slots: list[dict[str, str]] | None = None):
        self._slots = slots or devices.slots()
        self._workers: dict[str, _Worker] = {}

    def take_over(self) -> Sequence[Job]:
        """None: the dispatcher has already waited for workers whose dispatcher was killed."""
        return []

    def free(self) -> int:
        """The slots without a worker."""
        return len(self._slots) - len(self._workers)

    def submit(self, run: Run) -> Job:
        """Start a worker on the first free slot."""
        used = {worker.slot for worker in self._workers.values()}
        slot = next(slot for slot in range(len(self._slots)) if slot not in used)
        job, kills = Job(run, store.status_version(run)), shortage.kills()
        try:
            process = processes.start("work", run.id, log=run.log_path, env=self._slots[slot])
        except OSError as error:
            if not run.folder.exists():  # the log could not be opened
                raise
            raise Unavailable(f"No worker can be started ({error}). Runs wait, and it is tried again every few seconds.") from None
        self._workers[run.id] = _Worker(process, slot, kills)
        return job

    def state(self, job: Job) -> End | None:
        """From the exit status of its process."""
        status = self._workers[job.run.id].process.poll()
        if status is None:
            return None
        kills = self._workers.pop(job.run.id).kills
        if status == -signal.SIGKILL and kills is not None and shortage.kills() > kills:
            return End(status, _OUT_OF_MEMORY.format(smaller=shortage.smaller(job.run.config.batch_size)))
        return End(status)

    def stop(self, job: Job) -> None:
        """Kill a worker that has ignored the request to stop for ten seconds."""
        if liveness.is_stop_ignored(job.run.folder):
            self._workers[job.run.id].process.kill()

    def log(self, job: Job) -> str:
        """Nothing: whatever the worker prints is in the run's log."""
        return ""

    def pause(self) -> float:
        """Longer while a slot is free, as the queue is then read, and with it every run."""
        return 1 if self.free() else 0.1

    def slots(self) -> int:
        """The processor, or every GPU."""
        return len(self._slots)
