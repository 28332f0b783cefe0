"""What is written the same way everywhere."""

import pytest

from catsdogs.system import words


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (119.6, "2 min"),
        (1200, "20 min"),
        (3599, "1 h"),
        (3600, "1 h"),
        (10_980, "3 h 3 min"),
        (604_800, "168 h"),
    ],
)
def test_a_duration_of_an_hour_or_more_is_written_in_hours(seconds, written):
    assert words.duration(seconds) == written


@pytest.mark.parametrize(("share", "written"), [(0.5, "50.0%"), (0.9994, "99.9%"), (0.9995, ">99.9%"), (1.0, ">99.9%")])
def test_a_probability_is_never_written_as_certainty(share, written):
    assert words.probability(share) == written


@pytest.mark.parametrize(("right", "written"), [(0.5, "50.0%"), (0.9994, "99.9%"), (1999 / 2000, ">99.9%"), (1.0, "100.0%")])
def test_all_photographs_are_said_to_be_right_only_where_they_are(right, written):
    assert words.share(right) == written


@pytest.mark.parametrize(("text", "written"), [("No such file.\nMore of it", "No such file"), ("", "ValueError")])
def test_of_what_an_exception_says_the_first_line_stands_in_a_sentence(text, written):
    assert words.first_line(ValueError(text)) == written
