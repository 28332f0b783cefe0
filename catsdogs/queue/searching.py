"""The process of one search: has a run queued for every proposal, stops hopeless ones, and ends when the time is over.

The time counts while one of its runs is at work, not while it waits behind the runs of others. Whatever ends this process, the next one
goes on: what was proposed is in the journal, what became of which run in search.json.
"""

import math
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from optuna.trial import Trial

from catsdogs.analysis import learned, summaries
from catsdogs.errors import InputError
from catsdogs.queue import engine, futility, jobs, proposals, searches, sweeps
from catsdogs.queue.proposals import Proposals
from catsdogs.queue.searches import FAILED, FINISHED, IN_PROGRESS, STOPPED, Search
from catsdogs.runs import Run, history, store
from catsdogs.settings import Config, stages
from catsdogs.system import access, locks, shortage
from catsdogs.system.shortage import DiskFull

_LOOK_EVERY = 0.5  # seconds
_SAVE_EVERY = 5.0  # seconds, for the time that is left on the page
_ASK_AGAIN = 5.0  # seconds, where as many runs wait as one person may have
_PATIENCE = 1.0  # seconds; a page that asks who is at it holds the lock for a moment, too
_GRACE = 30.0  # seconds for its runs to end
_EVALUATION = 120.0  # seconds for the evaluation of one that has trained all its epochs
_WHAT = "what the search has found"  # on a full disk

OVER, CANCELLED, TRIED = "The time is over.", "It was cancelled.", "Every combination has been tried."


def go_on(folder: Path, slots: int | None = None) -> None:
    """Work on the search in that folder until it has ended; nothing where another process does, or it has ended. Raises files.Damaged.

    `slots` is how many runs it has at once, by default as many as are trained at a time.
    """
    with suppress(locks.Taken), locks.hold(folder / "lock", _PATIENCE):
        while (search := searches.load(folder)).ended is None:
            access.identify_by(lambda: search.person)
            count = slots or engine.slots()
            try:
                _Searching(replace(search, note=""), min(count, search.person.limits.runs or count)).work()
            except DiskFull as error:  # what is stored may be cut off anywhere, as by a kill, so it is read anew
                _wait_for_room(folder, error)


def _wait_for_room(folder: Path, error: DiskFull) -> None:
    with suppress(OSError):  # the log is on a disk as well; but a few bytes may fit
        print(f"{error} It goes on when there is room.")
    with suppress(DiskFull):
        searches.changed(searches.load(folder), note=str(error))
    time.sleep(_ASK_AGAIN)


@dataclass
class _Trial:
    """A run that tries a proposal; `trial` is None where that is not Optuna's. `reported` counts the epochs that Optuna knows of."""

    run: Run
    trial: Trial | None
    reported: int = 0


class _Searching:
    def __init__(self, search: Search, slots: int):
        self._search, self._slots = search, slots
        self._proposals: Proposals | None = None
        self._trials: list[_Trial] = []
        self._open: tuple[Trial, Config] | None = None  # proposed, but there is no run yet
        self._refused = -math.inf  # when no run could be queued
        self._is_exhausted = False

    def work(self) -> None:
        """Until it is over; whatever happens, it says why. Raises DiskFull where it can go on later."""
        try:
            with shortage.explained(self._search.folder, _WHAT):
                self._proposals = Proposals(self._search)
                self._take_up()
                said = self._until_over()
        except DiskFull:
            raise
        except Exception as error:  # whatever it is, people must be told
            traceback.print_exc()
            said = f"It broke off ({type(error).__name__}: {error}); {self._search.folder / 'log.txt'} has the details."
        with shortage.explained(self._search.folder, _WHAT):
            self._end(said)

    def _take_up(self) -> None:
        """The runs in progress that no open proposal has: the base, where it is not in the space, and what an earlier process lost."""
        self._list()  # that process may have been killed before it did
        proposed = self._proposals.open_runs()
        for id in self._in_progress():
            if id not in proposed:
                with suppress(InputError):  # as many others wait as one person may have
                    if run := self._resumed(id):
                        self._trials.append(_Trial(run, None))

    def _list(self) -> None:
        """Have its runs in the list of sweeps, which is begun anew where it can't be read."""
        if not self._search.runs.keys() <= set(sweeps.members(self._search.name)):
            for run in store.list_all():
                if run.id in self._search.runs:
                    sweeps.add(self._search.name, run)

    def _until_over(self) -> str:
        """Why it is over."""
        last = saved = time.monotonic()
        while True:
            self._look()
            if said := self._over():
                return said
            self._fill()
            if self._is_exhausted and not self._trials:
                return TRIED
            time.sleep(_LOOK_EVERY)
            passed, last = time.monotonic() - last, time.monotonic()
            if any(each.run.state in store.AT_WORK for each in self._trials):
                self._search = replace(self._search, spent=self._search.spent + passed)
            if last - saved > _SAVE_EVERY:
                searches.save(self._search)
                self._list()
                saved = last

    def _over(self) -> str:
        if self._search.is_cancelled:
            return CANCELLED
        if self._search.spent >= self._search.seconds:
            return OVER
        return futility.reason(self._search)

    def _look(self) -> None:
        """Tell what the runs in progress have come to, and stop what is hopeless."""
        for each in list(self._trials):
            try:
                each.run = store.load(each.run.id)
                self._report(each, history.load(each.run))
            except InputError:  # deleted or damaged
                self._close(each, STOPPED, None)
                continue
            if each.run.state in store.ENDED:
                is_telling = each.run.state == "finished" and learned.is_fair(each.run)
                self._close(each, _became(each.run), summaries.make(each.run)["val_accuracy"] if is_telling else None)

    def _report(self, each: _Trial, epochs: list[dict]) -> None:
        """Tell of new epochs; where others did better by then, stop the run. Epochs on photographs that were seen before say nothing."""
        if each.trial is None or each.reported == len(epochs) or not learned.is_fair(each.run):
            return
        for count in range(each.reported + 1, len(epochs) + 1):
            each.trial.report(_accuracy(each.run.config, epochs[:count]), count - 1)
        each.reported = len(epochs)
        is_under_way = each.run.state == "running" and each.reported < each.run.config.epochs
        if is_under_way and each.run.id != self._search.first and each.trial.should_prune():
            with suppress(InputError):  # deleted meanwhile
                jobs.stop(each.run, store.PRUNED)

    def _close(self, each: _Trial, state: str, accuracy: float | None) -> None:
        """Optuna is told first: a run that is still in progress in search.json is looked at again."""
        self._trials.remove(each)
        if each.trial is not None:
            self._proposals.tell(each.trial, accuracy, is_pruned=state == store.PRUNED)
        self._note(each.run, state, shares=self._proposals.shares())
        print(f"{each.run.id} {state}" + (f", {accuracy:.1%} validation accuracy" if accuracy is not None else ""))

    def _note(self, run: Run, state: str, **facts) -> None:
        self._search = searches.changed(self._search, runs={**self._search.runs, run.id: state}, **facts)

    def _fill(self) -> None:
        """Have as many runs in progress as there are slots."""
        if time.monotonic() - self._refused < _ASK_AGAIN:
            return
        while len(self._trials) < self._slots and not self._is_exhausted:
            self._open = self._open or self._proposals.propose(self._tried())
            self._is_exhausted = self._open is None
            if self._open:
                trial, config = self._open
                known = proposals.run_of(trial)
                try:
                    run = self._resumed(known) if known else self._begun(trial, config)
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

    def _begun(self, trial: Trial, config: Config) -> Run:
        """A new run that tries it. Raises InputError where none may be queued for now."""
        try:
            (run,) = self._unnoted(trial, config) or jobs.create([config])
        except OSError as error:  # a full disk among them: nothing was made
            raise InputError(str(error)) from None
        self._note(run, IN_PROGRESS, note="")
        proposals.note_run(trial, run.id)
        sweeps.add(self._search.name, run)
        return run

    def _unnoted(self, trial: Trial, config: Config) -> list[Run]:
        """The run that an earlier process queued for it, but was killed before it could note that."""
        if not proposals.is_again(trial):
            return []
        since = [run for run in store.list_all() if run.created > self._search.created and run.by == self._search.person.name]
        return [run for run in since if run.config == config and run.id not in self._search.runs][:1]

    def _resumed(self, id: str) -> Run | None:
        """That run, resumed where its worker died together with the process before this one; None where it was deleted.

        Raises InputError where it may not be queued for now.
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
        """Stop the runs in progress and say why the search has ended; one that is only being evaluated when the time is over may finish."""
        if said == OVER:
            self._stop([run for run in self._waiting() if history.epochs_done(run) < run.config.epochs], store.OUT_OF_TIME)
            self._wait(_EVALUATION)
        self._stop(self._waiting(), store.OUT_OF_TIME if said == OVER else "")
        self._wait(_GRACE)
        runs = {id: _found(id) if state == IN_PROGRESS else state for id, state in self._search.runs.items()}
        runs = {id: state or STOPPED for id, state in runs.items() if state or id == self._search.first}
        self._search = searches.changed(self._search, runs=runs, note="", said=said, ended=searches.now())
        print(said)

    def _waiting(self) -> list[Run]:
        """The runs in progress that have not ended, those that have not begun first, so that none of them takes a free device."""
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
        """Until the runs in progress have ended, for so long at most."""
        deadline = time.monotonic() + seconds
        while self._waiting() and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)


def _accuracy(config: Config, epochs: list[dict]) -> float:
    """On the validation photographs, of the model that is kept after these epochs; not a number where none is."""
    best = history.best_epoch(config, epochs, stages.at(config, len(epochs)))
    return best["val_accuracy"] if best.get("val_accuracy") is not None else math.nan


def _became(run: Run) -> str:
    """What became of a run that has ended."""
    return run.ending if run.ending in (FINISHED, FAILED, *store.REASONS) else STOPPED


def _found(id: str) -> str:
    """What became of it; "" where it is gone."""
    with suppress(InputError):
        return _became(store.load(id))
    return ""
