"""A sample of what `benchmarks/fuzz.py` tries: whatever is damaged is read, or refused by an exception that callers handle."""

import random

import pytest

from tests import fuzzing

INPUTS = 8  # for each target; the benchmark tries thousands


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_whatever_is_damaged_is_read_or_refused(tmp_path, home):
    for target in fuzzing.targets(tmp_path):
        for number in range(INPUTS):
            content = fuzzing.mutated(target.whole, random.Random(f"{target.name} {number}"))
            try:
                target.read(content)
            except target.handled:
                pass
            except Exception as error:
                raise AssertionError(f"{target.name}, input {number}") from error


def test_what_is_whole_is_read_to_its_end(tmp_path, home):
    for target in fuzzing.targets(tmp_path):
        for content in target.whole:
            target.read(content)


def test_damage_is_done_the_same_way_again_and_changes_something():
    whole = tuple(fuzzing.archives())
    made = [[fuzzing.mutated(whole, random.Random(number)) for number in range(50)] for _ in range(2)]
    assert made[0] == made[1] and sum(content in whole for content in made[0]) < 5
