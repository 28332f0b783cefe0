from catsdogs.analysis import pairing
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests.storing import finished


def runs(*seeds: int, **settings) -> list[store.Run]:
    return [finished(Config(**{"data": "/photos", "seed": seed, **settings})) for seed in seeds]


def paired(before: list[store.Run], after: list[store.Run]) -> list[tuple[int, int]]:
    """The seeds of the pairs."""
    return [(one.config.seed, other.config.seed) for one, other in pairing.pair(before, after).pairs]


def test_the_same_seeds_are_paired_in_their_order():
    assert paired(runs(2, 0, 1), runs(1, 2, 0, optimizer="sgd")) == [(0, 0), (1, 1), (2, 2)]


def test_runs_that_hold_out_the_same_photographs_as_another_are_not_paired():
    assert paired(runs(0, 0, 1), runs(0, 1, 2)) == [(1, 1)]
    assert paired(runs(0, 1, 2), runs(0, 0, 1)) == [(1, 1)]


def test_where_a_folder_dictates_the_subsets_runs_of_one_seed_are_paired():
    """All of them hold out the same photographs, so that of several none used to be paired."""

    def given(*seeds: int) -> list[store.Run]:
        members = runs(*seeds)
        for run in members:
            store.write_environment(run, {**store.environment(run), "split": "the folder's"})
        return members

    assert paired(given(2, 0, 1), given(1, 2, 0)) == [(0, 0), (1, 1), (2, 2)]
    assert paired(given(0, 0, 1), given(0, 1, 2)) == [(1, 1)]
    assert paired(given(0), given(1)) == [(0, 1)]
    found = pairing.left_out(pairing.pair(given(0, 0, 1), given(0, 1, 2)), "SGD", "Adam")
    assert found == "Can't be paired: SGD with seed 0 (2 runs); Adam with seeds 0 and 2."


def test_another_data_set_or_another_split_is_not_paired():
    assert paired(runs(0), runs(0, data="/elsewhere")) == []
    assert paired(runs(0), runs(0, test_split=0.2)) == paired(runs(0), runs(0, validation_split=0.2)) == []


def test_what_keeps_near_copies_together_holds_out_others_unless_both_say_that_they_are_the_same():
    before, after = runs(0), runs(0, near_copies_together=True)
    assert paired(before, after) == []
    for held_out, expected in (("one", [(0, 0)]), ("another", [])):
        for run, split in ((before[0], "one"), (after[0], held_out)):
            store.write_environment(run, {**store.environment(run), "split": split})
        assert paired(before, after) == expected


def test_a_moved_folder_is_the_same_data_set():
    here, there = runs(0, 1), runs(0, 1, data="/moved")
    for run in there:
        store.write_environment(run, store.environment(here[0]))
    assert paired(here, there) == [(0, 0), (1, 1)]


def test_each_run_that_can_not_be_paired_is_named():
    before, after = runs(0, 0, 3, 1), runs(0, 3, 4)
    assert pairing.left_out(pairing.pair(before, after), "SGD", "Adam") == (
        "Can't be paired: SGD with seeds 0 (2 runs) and 1; Adam with seeds 0 and 4."
    )
    assert pairing.left_out(pairing.pair(runs(0, 1), runs(0, 1, 2)), "SGD", "Adam") == "Can't be paired: Adam with seed 2."
    assert pairing.left_out(pairing.pair(runs(0, 1), runs(1, 0)), "SGD", "Adam") == ""


def test_groups_that_hold_out_other_photographs_are_said_to_even_where_their_seeds_are_the_same():
    found = pairing.left_out(pairing.pair(runs(0, 1), runs(0, 1, test_split=0.2)), "SGD", "Adam")
    assert found == "Can't be paired: any run of SGD with any of Adam, which all hold out other photographs."
