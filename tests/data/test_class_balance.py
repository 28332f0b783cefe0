import pytest

from catsdogs.data import class_balance


@pytest.mark.parametrize("counts", [{"cats": 20, "dogs": 20}, {"cats": 30, "dogs": 20}, {"cats": 1, "dogs": 1}])
def test_classes_that_are_about_equal_are_not_warned_of(counts):
    assert class_balance.warning(counts) == ""


def test_the_warning_has_the_counts_what_they_mean_and_what_to_do():
    for counts in ({"Cat": 4, "Dog": 1300}, {"Dog": 1300, "Cat": 4}):
        warning = class_balance.warning(counts)
        assert "1,300 dogs and 4 cats. Always answering dog would be right for 99.7% of them" in warning, "not by their folders"
        assert "class_weight to balanced" in warning and warning.endswith("add photographs of cats.")
    assert class_balance.warning({"cats": 31, "dogs": 20})
