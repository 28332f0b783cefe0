"""The process of one search: queues a run for each proposal, prunes hopeless ones, and ends when the time budget is used up.

Time is spent only while one of the search's runs is training, not while they wait behind other people's. If this process is killed, the
next one continues: proposals are in Optuna's journal, and what became of each run is in search.json.
"""

import math
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from optuna.trial import Trial

from catsdogs.analysis import learned, summaries
from catsdogs.errors import InputError
from catsdogs.queue import engine, futility, jobs, proposals, searches, sweeps
from catsdogs.queue.proposals import Proposals
from catsdogs.queue.searches import FAILED, FINISHED, IN_PROGRESS, STOPPED, Search
from catsdogs.runs import Run, history, store, times
from catsdogs.settings import Config, stages
from catsdogs.system import access, locks, shortage
from catsdogs.system.shortage import DiskFull

_LOOK_EVERY = 0.5  # seconds
_SAVE_EVERY = 5.0  # seconds; the page shows how much time is left
_RETRY_AFTER = 5.0  # seconds, when no run may be queued or the disk is full
_PATIENCE = 1.0  # seconds; a page that asks whether the search is at work holds the lock for a moment, too
_GRACE = 30.0  # seconds for runs to stop
_GONE_AFTER = 20.0  # seconds in which a run can't be read, as on a file server that is away, until it is given up
_EVALUATION = 120.0  # seconds for the evaluation of a run that has trained all its epochs
_RESULTS = "what the search has found"  # could not be written, on a full disk

OVER, CANCELLED, TRIED = "The time is over.", "It was cancelled.", "Every combination has been tried."


def go_on(folder: Path, slots: int | None = None) -> None:
    """Work on the search in that folder until it has ended. Returns at once if it has, or if another process is working on it.

    At most `slots` of its runs wait or train at once; by default, as many as the engine trains at a time. Raises files.Damaged.
    """
    with suppress(locks.Taken), locks.hold(folder / "lock", _PATIENCE):
        while (search := searches.load(folder)).ended is None:
            access.identify_by(lambda: search.person)
            count = slots or engine.slots()
            try:
                _Searching(replace(search, note=""), min(count, search.person.limits.runs or count)).work()
            except DiskFull as error:  # any file may be incomplete, as after a kill, so start again from what is stored
                _wait_for_room(folder, error)


def _wait_for_room(folder: Path, error: DiskFull) -> None:
    with suppress(OSError):  # of the log itself, though a few bytes may still fit
        print(f"{error} It goes on when there is room.")
    with suppress(DiskFull):
        searches.changed(searches.load(folder), note=str(error))
    time.sleep(_RETRY_AFTER)


@dataclass
class _Trial:
    """A run that tries a proposal. `trial` is None for a run that Optuna did not propose; `reported` counts the epochs it was told of.

    `read` is when it was last read, in seconds of the monotonic clock.
    """

    run: Run
    trial: Trial | None
    reported: int = 0
    read: float = field(default_factory=time.monotonic)


class _Searching:
    """One search in progress, with at most `slots` runs at once."""

    def __init__(self, search: Search, slots: int):
        self._search, self._slots = search, slots
        self._proposals: Proposals | None = None
        self._trials: list[_Trial] = []
        self._open: tuple[Trial, Config] | None = None  # a proposal without a run yet
        self._refused = -math.inf  # when a run was last refused
        self._is_exhausted = False

    def work(self) -> None:
        """Search until it is over, and store why it ended, even after an error. Raises DiskFull, after which it can be continued."""
        try:
            with shortage.explained(self._search.folder, _RESULTS):
                self._proposals = Proposals(self._search)
                self._take_up()
                said = self._until_over()
        except DiskFull:
            raise
        except Exception as error:  # whatever it is, the page must say so
            traceback.print_exc()
            said = f"It broke off ({type(error).__name__}: {error}); {self._search.folder / 'log.txt'} has the details."
        with shortage.explained(self._search.folder, _RESULTS):
            self._end(said)

    def _take_up(self) -> None:
        """Take over runs in progress that have no open proposal: the base, if it is outside the space, and what an earlier process left."""
        self._add_to_sweep()  # the earlier process may have been killed before it did
        proposed = self._proposals.open_runs()
        for id in self._in_progress():
            if id not in proposed:
                with suppress(InputError):  # its person has too many other runs waiting
                    if run := self._resumed(id):
                        self._trials.append(_Trial(run, None))

    def _add_to_sweep(self) -> None:
        """Have all its runs in the list of sweeps, which starts empty again after it could not be read."""
        if not self._search.runs.keys() <= set(sweeps.members(self._search.name)):
            for run in store.list_all():
                if run.id in self._search.runs:
                    sweeps.add(self._search.name, run)

    def _until_over(self) -> str:
        """Search, and return why it ended."""
        last = saved = time.monotonic()
        while True:
            self._follow_runs()
            if said := self._reason_to_end():
                return said
            self._fill_slots()
            if self._is_exhausted and not self._trials:
                return TRIED
            time.sleep(_LOOK_EVERY)
            passed, last = time.monotonic() - last, time.monotonic()
            if any(tried.run.state in store.AT_WORK for tried in self._trials):
                self._search = replace(self._search, spent=self._search.spent + passed)
            if last - saved > _SAVE_EVERY:
                searches.save(self._search)
                self._add_to_sweep()
                saved = last

    def _reason_to_end(self) -> str:
        """Why the search should end now; "" while it should go on."""
        if self._search.is_cancelled:
            return CANCELLED
        if self._search.spent >= self._search.seconds:
            return OVER
        return futility.reason(self._search)

    def _follow_runs(self) -> None:
        """Tell Optuna how the runs in progress are doing, prune hopeless ones, and close those that have ended."""
        for tried in list(self._trials):
            try:
                tried.run = store.load(tried.run.id)
                self._report(tried, history.load(tried.run))
                tried.read = time.monotonic()
            except InputError:
                if time.monotonic() - tried.read > _GONE_AFTER:  # deleted or damaged
                    self._close(tried, STOPPED, None)
                continue
            if tried.run.state in store.ENDED:
                is_telling = tried.run.state == "finished" and learned.is_fair(tried.run)
                self._close(tried, _outcome(tried.run), summaries.make(tried.run)["val_accuracy"] if is_telling else None)

    def _report(self, tried: _Trial, epochs: list[dict]) -> None:
        """Tell Optuna of new epochs, and prune the run if others did better by then.

        Nothing is told of a run whose validation photographs an earlier run was trained on: its accuracy would mislead.
        """
        if tried.trial is None or tried.reported == len(epochs) or not learned.is_fair(tried.run):
            return
        for count in range(tried.reported + 1, len(epochs) + 1):
            tried.trial.report(_accuracy(tried.run.config, epochs[:count]), count - 1)
        tried.reported = len(epochs)
        is_under_way = tried.run.state == "running" and tried.reported < tried.run.config.epochs
        if is_under_way and tried.run.id != self._search.first and tried.trial.should_prune():
            with suppress(InputError):  # deleted meanwhile
                jobs.stop(tried.run, store.PRUNED)

    def _close(self, tried: _Trial, state: str, accuracy: float | None) -> None:
        """Record that the run has ended in this state, with its validation accuracy, or None if it can't be judged by that.

        Optuna is told first: a run that is still in progress in search.json is looked at again.
        """
        self._trials.remove(tried)
        if tried.trial is not None:
            self._proposals.tell(tried.trial, accuracy, is_pruned=state == store.PRUNED)
        self._record(tried.run, state, shares=self._proposals.shares())
        print(f"{tried.run.id} {state}" + (f", {accuracy:.1%} validation accuracy" if accuracy is not None else ""))

    def _record(self, run: Run, state: str, **facts) -> None:
        self._search = searches.changed(self._search, runs={**self._search.runs, run.id: state}, **facts)

    def _fill_slots(self) -> None:
        """Queue runs until as many are in progress as there are slots."""
        if time.monotonic() - self._refused < _RETRY_AFTER:
            return
        while len(self._trials) < self._slots and not self._is_exhausted:
            self._open = self._open or self._proposals.propose(self._tried())
            self._is_exhausted = self._open is None
            if self._open:
                trial, config = self._open
                known = proposals.run_of(trial)
                try:
                    run = self._resumed(known) if known else self._queued(trial, config)
                except DiskFull:
                    raise
                except InputError as error:
                    self._refused = time.monotonic()
                    self._search = searches.changed(self._search, note=str(error))
                    return
                if run:
                    self._trials.append(_Trial(run, trial))
                else:  # deleted meanwhile
                    self._proposals.tell(trial, None)
                self._open = None

    def _queued(self, trial: Trial, config: Config) -> Run:
        """A new run that tries the proposal. Raises InputError if none may be queued now."""
        try:
            (run,) = self._unrecorded(trial, config) or jobs.create([config])
        except OSError as error:  # such as of a full disk: no run was made
            raise InputError(str(error)) from None
        self._record(run, IN_PROGRESS, note="")
        proposals.note_run(trial, run.id)
        sweeps.add(self._search.name, run)
        return run

    def _unrecorded(self, trial: Trial, config: Config) -> list[Run]:
        """The run, if any, that an earlier process queued for the proposal but was killed before it could record."""
        if not proposals.is_again(trial):
            return []
        since = [run for run in store.list_all() if run.created > self._search.created and run.by == self._search.person.name]
        return [run for run in since if run.config == config and run.id not in self._search.runs][:1]

    def _resumed(self, id: str) -> Run | None:
        """That run, resumed if its worker died together with an earlier process; None if it was deleted.

        Raises InputError if it may not be queued now.
        """
        try:
            run = store.load(id)
        except InputError:
            return None
        if run.state == "interrupted":
            jobs.resume(run)
        return run

    def _tried(self) -> set[Config]:
        return {run.config for run in store.list_all() if run.id in self._search.runs}

    def _in_progress(self) -> list[str]:
        return [id for id, state in self._search.runs.items() if state == IN_PROGRESS]

    def _end(self, said: str) -> None:
        """Stop the runs in progress, and store why the search ended. When the time is over, a run that is being evaluated may finish."""
        if said == OVER:
            self._stop([run for run in self._unfinished() if history.epochs_done(run) < run.config.epochs], store.OUT_OF_TIME)
            self._wait(_EVALUATION)
        self._stop(self._unfinished(), store.OUT_OF_TIME if said == OVER else "")
        self._wait(_GRACE)
        runs = {id: _outcome_of(id) if state == IN_PROGRESS else state for id, state in self._search.runs.items()}
        runs = {id: state or STOPPED for id, state in runs.items() if state or id == self._search.first}
        self._search = searches.changed(self._search, runs=runs, note="", said=said, ended=times.now())
        print(said)

    def _unfinished(self) -> list[Run]:
        """The runs that wait or train, the waiting ones first: stopped in this order, none of them takes a device that gets free."""
        found = [run for run in store.list_all() if run.id in self._in_progress() and run.state in store.WAITING]
        return sorted(found, key=lambda run: run.state != "queued")

    def _stop(self, runs: list[Run], reason: str) -> None:
        for run in runs:
            with suppress(InputError):  # deleted meanwhile, or it hangs
                if reason and run.state == "queued" and not history.epochs_done(run):
                    jobs.withdraw([run])  # it has nothing to show, and nobody else is stopping it
                else:
                    jobs.stop(run, reason)

    def _wait(self, seconds: float) -> None:
        """Wait until the runs in progress have ended, at most for so long."""
        deadline = time.monotonic() + seconds
        while self._unfinished() and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)


def _accuracy(config: Config, epochs: list[dict]) -> float:
    """The validation accuracy of the model that is kept after these epochs; NaN if there is none."""
    best = history.best_epoch(config, epochs, stages.at(config, len(epochs)))
    return best["val_accuracy"] if best.get("val_accuracy") is not None else math.nan


def _outcome(run: Run) -> str:
    """How a run has ended, as search.json has it."""
    return run.ending if run.ending in (FINISHED, FAILED, *store.REASONS) else STOPPED


def _outcome_of(id: str) -> str:
    """As `_outcome`; "" if the run is gone."""
    with suppress(InputError):
        return _outcome(store.load(id))
    return ""
