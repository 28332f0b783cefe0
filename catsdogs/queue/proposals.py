"""What to try next, by Optuna: proposes settings from a search's space, learns how good they were, and tells which runs are hopeless.

A run is as good as its validation accuracy at the epoch whose model is kept; held-out photographs have no say. Optuna keeps all it knows
in its journal; which run tries a proposal, and when, is up to `searching`.
"""

import json
import math
import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import optuna
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from catsdogs.errors import InputError
from catsdogs.queue.searches import Search
from catsdogs.settings import Config, grid, space
from catsdogs.settings.dependence import is_used
from catsdogs.settings.space import Range

_RANDOM = 5  # proposals, the base among them, before Optuna's model of what is good has a say: half as many as usual, as times are short
_UNPRUNED = 3  # runs that are finished whatever happens; Hyperband would need ten for each of its brackets
_FEWEST = 6  # values from which settings can be told to matter
_ATTEMPTS = 100  # at settings that can be together, and were not tried
_STUDY, _RUN, _AGAIN = "search", "run", "again"


class Proposals:
    """The proposals of one search. For the process that holds the search's lock."""

    def __init__(self, search: Search):
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._search = search
        _mend(search.journal)
        storage = JournalStorage(JournalFileBackend(str(search.journal)))
        # Of a run's first third, little can be said: a low rate begins slowly, and so do small images.
        pruner = optuna.pruners.MedianPruner(n_startup_trials=_UNPRUNED, n_warmup_steps=search.base.epochs // 3)
        self._study = optuna.create_study(study_name=_STUDY, storage=storage, pruner=pruner, direction="maximize", load_if_exists=True)
        known = self._study.get_trials(deepcopy=False)
        seed = search.base.seed + len(known)
        self._model = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_RANDOM)
        self._chance, self._drawn = optuna.samplers.RandomSampler(seed=seed), random.Random(seed)
        if not known:
            self._begin()
        self._take_up([trial for trial in known if trial.state == TrialState.RUNNING])

    def propose(self, tried: set[Config]) -> tuple[Trial, Config] | None:
        """The next proposal: first those that already have a run, then any whose configuration is not in `tried`; None if none is left.

        With whole numbers and choices, Optuna's model proposes the same ones again and again, so after the first attempt, chance decides.
        """
        for attempt in range(_ATTEMPTS):
            self._study.sampler = self._chance if attempt else self._model
            trial = self._study.ask()
            config = self._config(trial)
            if run_of(trial) or (config is not None and config not in tried):
                return trial, config
            self.tell(trial, None)
            if config is not None and not self._propose_other(tried):
                return None
        return None

    def open_runs(self) -> set[str]:
        """The ids of the runs that will be proposed again."""
        waiting = self._study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        return {trial.user_attrs[_RUN] for trial in waiting if _RUN in trial.user_attrs}

    def _config(self, trial: Trial) -> Config | None:
        """The configuration that was proposed; None where its settings can't be together."""
        base, wanted, settings = self._search.base, self._search.space, {}
        for name in space.in_order(wanted):
            if is_used(name, {**vars(base), **settings}):
                settings[name] = _suggested(trial, name, wanted[name])
        try:
            return space.fill(base, settings)
        except InputError:
            return None

    def tell(self, trial: Trial, accuracy: float | None, is_pruned: bool = False) -> None:
        """Tell Optuna how it ended: with an accuracy, pruned, or with None if it says nothing about the settings."""
        if is_pruned:
            self._study.tell(trial, state=TrialState.PRUNED)
        elif accuracy is None:
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, accuracy)

    def shares(self) -> dict[str, float]:
        """How much of the differences in accuracy each setting explains by itself, 0 to 1; empty while that can't be told.

        By functional analysis of variance (Hutter, Hoos and Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance,
        ICML 2014) of a random forest. Of pruned runs, the accuracy is that when they were stopped.
        """
        wanted = {name: several for name, several in self._search.space.items() if isinstance(several, Range) or len(several) > 1}
        rated = [trial for trial in self._study.get_trials(deepcopy=False) if trial.value is not None and set(wanted) <= set(trial.params)]
        if len(rated) < _FEWEST or len({trial.value for trial in rated}) == 1:
            return {}
        study = optuna.create_study(direction="maximize")
        for trial in rated:
            study.add_trial(_linear(trial, wanted))
        found = FanovaImportanceEvaluator(seed=0).evaluate(study)
        return {name: min(1.0, max(0.0, float(share))) for name, share in found.items() if math.isfinite(share)}

    def _begin(self) -> None:
        """Propose the base first, if it is in the space, so that Optuna learns from its run."""
        place = space.place(self._search.base, self._search.space)
        if place is not None:
            params = {name: _written(value, self._search.space[name]) for name, value in place.items()}
            self._study.enqueue_trial(params, user_attrs={_RUN: self._search.first})

    def _take_up(self, running: Sequence[FrozenTrial]) -> None:
        """Propose once more, for the same runs, what an earlier process had not told the end of."""
        for trial in running:
            self._study.enqueue_trial(trial.params, user_attrs={**trial.user_attrs, _AGAIN: True})
            self._study.tell(trial.number, state=TrialState.FAIL)

    def _propose_other(self, tried: set[Config]) -> bool:
        """If the space has few combinations, propose one that was not tried. Returns False if none is left."""
        possible = space.combinations({name: _listed(several) for name, several in self._search.space.items()})
        if possible is None:
            return True
        for settings in self._drawn.sample(possible, len(possible)):
            with suppress(InputError):
                if space.fill(self._search.base, settings) not in tried:
                    params = {name: _written(value, self._search.space[name]) for name, value in settings.items()}
                    self._study.enqueue_trial(params)
                    return True
        return False


def note_run(trial: Trial, run: str) -> None:
    """Store the id of the run that tries the proposal."""
    trial.set_user_attr(_RUN, run)


def run_of(trial: Trial) -> str | None:
    """The id of the run that tries the proposal, if it has one."""
    return trial.user_attrs.get(_RUN)


def is_again(trial: Trial) -> bool:
    """Whether an earlier process may have queued a run for it."""
    return trial.user_attrs.get(_AGAIN, False)


def _mend(journal: Path) -> None:
    """Cut off an incomplete last line, and remove a lock: a killed process may have left them, and no other is using the journal."""
    Path(f"{journal}.lock").unlink(missing_ok=True)
    if journal.exists():
        content = journal.read_bytes()
        if not content.endswith(b"\n"):
            with journal.open("r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)


def _suggested(trial: Trial, name: str, several: Range | tuple):
    if not isinstance(several, Range):
        return _read(trial.suggest_categorical(name, [_written(value, several) for value in several]))
    if isinstance(several.low, int):
        return trial.suggest_int(name, several.low, several.high, log=several.is_log)
    return space.rounded(trial.suggest_float(name, several.low, several.high, log=several.is_log), several)


def _listed(several: Range | tuple) -> Range | tuple:
    """A short range of whole numbers as a list of them; anything else as it is."""
    is_short = isinstance(several, Range) and isinstance(several.low, int) and several.high - several.low < grid.MOST_RUNS
    return tuple(range(several.low, several.high + 1)) if is_short else several


def _written(value, several: Range | tuple):
    """A value as Optuna stores it: one of a list as JSON, since Optuna takes no pairs and can't tell 1 from True."""
    return value if isinstance(several, Range) else json.dumps(value)


def _read(text: str):
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value


def _linear(trial: FrozenTrial, wanted: dict) -> FrozenTrial:
    """The trial, with the logarithm of what is searched by factors: the evaluator weighs equal distances equally."""
    params, distributions = {}, {}
    for name, several in wanted.items():
        is_log = isinstance(several, Range) and several.is_log
        params[name] = math.log(trial.params[name]) if is_log else trial.params[name]
        distributions[name] = _linear_distribution(trial.distributions[name]) if is_log else trial.distributions[name]
    return optuna.trial.create_trial(params=params, distributions=distributions, value=trial.value)


def _linear_distribution(found: FloatDistribution | IntDistribution) -> FloatDistribution:
    margin = 1e-9 * (1 + abs(math.log(found.high)))  # of rounding
    return FloatDistribution(math.log(found.low) - margin, math.log(found.high) + margin)
