"""Lines that a terminal updates in place."""

import io

from catsdogs.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_time_left_is_told_in_hours():
    terminal = Terminal()
    progress.live_line(terminal)({"done": 1, "total": 10, "seconds_left": 10_980})
    assert "3 h 3 min left" in terminal.getvalue()
