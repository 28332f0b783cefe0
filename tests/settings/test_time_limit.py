"""How long a search may take, as people write it."""

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import time_limit


@pytest.mark.parametrize(
    ("text", "seconds"), [("20m", 1200), ("90s", 90), ("1h30m", 5400), ("1.5h", 5400), (" 20MIN ", 1200), ("1m5s", 65)]
)
def test_times_are_read(text, seconds):
    assert time_limit.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "20", "soon", "-5m", "1d", "5m1h", "٣m"])
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(InputError, match="as in 20m"):
        time_limit.parse(text)


@pytest.mark.parametrize("text", ["1s", "169h", "999999999h"])
def test_too_short_and_too_long_ones_are_refused(text):
    with pytest.raises(InputError, match="must be 10s to 168h"):
        time_limit.parse(text)
