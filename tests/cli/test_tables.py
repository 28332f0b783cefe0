"""The tables that the command line prints."""

import re

import numpy as np

from catsdogs.analysis import calibration, importance, summaries
from catsdogs.cli import tables
from catsdogs.queue import jobs, sweeps
from catsdogs.runs.temperature import Temperature
from catsdogs.settings import grid
from catsdogs.settings.config import Config
from tests import storing


def table(stored) -> list[str]:
    return tables.runs([summaries.make(run) for run in stored], stored).splitlines()


def test_long_names_leave_the_columns_below_their_headings(nothing_starts):
    configs = [Config(), Config(model="efficientnetv2b0", optimizer="rmsprop", preset="study-augmented-small")]
    heading, *lines = table(jobs.create(configs))
    assert {line.index("queued") for line in lines} == {heading.index("state")}
    assert [line[heading.index("preset") :].split()[0] for line in lines] == ["custom", "study-augmented-small"]
    assert {line.index("0/10") + 4 for line in lines} == {heading.index("epochs") + 6}
    assert table([]) == [heading.replace(heading[: heading.index("state")], "id  ").replace("preset" + 15 * " ", "preset")]


def test_augmentation_that_varies_as_one_is_called_as_it_was_given(nothing_starts):
    assert [line.split()[-2:] for line in table(sweeps.create("on and off", _augmented()))[1:]] == [
        ["augmentation=on", "seed=0"],
        ["augmentation=off", "seed=0"],
    ]
    runs = [storing.finished(config, right=90 if config.is_augmented else 60) for config in _augmented(seeds=2)]
    assert "\naugmentation          100.0%  mean validation accuracy with " in tables.importance(importance.rank(runs))
    assert {"on: 90.0%", "off: 60.0%"} <= set(re.findall(r"\w+: [\d.]+%", tables.importance(importance.rank(runs))))


def _augmented(seeds: int = 1) -> list[Config]:
    return grid.combine("quick", "/photographs", {"augmentation": (True, False)}, seeds)


def test_a_temperature_that_could_not_be_fitted_is_not_said_to_be_fitted():
    labels = np.arange(30) % 2
    line = tables.calibrated(calibration.fit(labels, np.where(labels, 0.6, 0.4)), None)
    assert line.startswith("There are only 30 validation photographs, and it takes 50 to fit a temperature. Calibration error: ")
    assert "fitted on 30" not in line


def test_each_run_of_a_sweep_has_what_varies_in_its_line(nothing_starts):
    (alone,) = jobs.create([Config()])
    swept = sweeps.create("rates", [Config(learning_rate=rate, seed=seed) for seed in (0, 1) for rate in (0.001, 0.01)])
    stored = [alone, *swept]
    heading, *lines = table(stored)
    varied = [f"learning_rate={rate} seed={seed}" for seed in (0, 1) for rate in (0.001, 0.01)]
    assert heading.endswith("varied") and [line[heading.index("varied") :] for line in lines] == ["", *varied]


def test_one_photograph_is_counted_as_one():
    found = {"accuracy": 0.9, "low": 0.8, "high": 1.0, "temperature": None, "ece": 0.1, "ece_before": 0.1, "alone": 0.9}
    row = {"run": "a", "photographs": 20, "omission": "none", "caution": "", **found, "mirror": {**found, "mended": 1, "spoilt": 0}}
    assert "right on 1 more photograph, wrong on 0 more\n" in tables.measurements([row])


def test_what_a_calibration_found_comes_before_what_its_words_mean():
    fitted = Temperature(value=0.6, photographs=200, before=0.05, after=0.01, note="")
    found, neither, _, *meaning = tables.calibrated(fitted, {"found": 0.9, "turned_away": 0.05}).splitlines()
    assert found.startswith("temperature 0.600") and neither.startswith("Looks like neither: 90.0%")
    assert meaning[0].startswith("Calibration error (ECE): ")
