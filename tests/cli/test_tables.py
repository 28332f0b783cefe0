"""Tables, and lines that a terminal updates in place."""

import io

from catsdogs.analysis import summaries
from catsdogs.cli import tables
from catsdogs.queue import jobs, sweeps
from catsdogs.settings.config import Config


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_time_left_is_told_in_hours():
    terminal = Terminal()
    tables.live_line(terminal)({"done": 1, "total": 10, "seconds_left": 10_980})
    assert "3 h 3 min left" in terminal.getvalue()


def test_each_run_of_a_sweep_has_what_varies_in_its_line(nothing_starts):
    (alone,) = jobs.create([Config()])
    swept = sweeps.create("rates", [Config(learning_rate=rate, seed=seed) for seed in (0, 1) for rate in (0.001, 0.01)])
    stored = [alone, *swept]
    heading, *lines = tables.runs([summaries.make(run) for run in stored], stored).splitlines()
    varied = [f"learning_rate={rate} seed={seed}" for seed in (0, 1) for rate in (0.001, 0.01)]
    assert heading.endswith("varied") and [line[heading.index("varied") :] for line in lines] == ["", *varied]
