import pytest

from catsdogs.analysis import repetitions
from catsdogs.runs import predictions, store
from catsdogs.settings.config import Config
from tests.storing import environment, finished


def runs(*accuracies: float, seeds: list[int] | None = None) -> list[store.Run]:
    seeds = seeds or range(len(accuracies))
    return [
        finished(Config(data="/photos", seed=seed), round(1000 * accuracy), 1000) for seed, accuracy in zip(seeds, accuracies, strict=True)
    ]


def hold_out(run: store.Run, first: int = 0) -> None:
    """A thousand photographs, as many as `runs` are evaluated on, from number `first` on."""
    predictions.write(run, [f"{number}.jpg" for number in range(first, first + 1000)], [0] * 1000, [0.1] * 1000)


def test_a_group_has_the_mean_and_the_spread_of_its_runs():
    found = repetitions.group("Adam", runs(0.80, 0.84, 0.82))
    assert found.test.mean == pytest.approx(0.82) and found.test.deviation == pytest.approx(0.02)
    assert found.test.low < 0.80 and found.test.high > 0.84
    assert found.minutes.mean == pytest.approx(1.0) and found.minutes.low is None and len(found.runs) == 3


def test_a_run_that_was_not_evaluated_is_not_in_its_group():
    (evaluated,), queued = runs(0.8), store.create(Config())
    assert repetitions.group("both", [queued, evaluated]).runs == (evaluated,)
    assert repetitions.group("none", [queued]) is None


def test_runs_of_one_seed_are_no_repetitions():
    """However many they are: their spread says nothing of other photographs."""
    found = repetitions.group("Adam", runs(0.80, 0.81, 0.82, 0.90, seeds=[0, 0, 0, 1]))
    assert found.test.count == 2 and found.test.low is None and found.test.mean == pytest.approx((0.81 + 0.90) / 2)


def test_the_overlap_is_counted_by_the_photographs_of_each_run():
    members = runs(0.8, 0.8)
    for run, training in zip(members, (700, 350), strict=True):
        store.write_environment(run, {**environment(run), "photographs": {"training": training, "validation": 70, "test": 140}})
    assert repetitions.ratio(members) == pytest.approx((140 / 700 + 140 / 350) / 2)
    assert repetitions.ratio(members[:1], "validation") == pytest.approx(0.1) and repetitions.ratio(members, "training") == 1


def test_without_a_count_of_photographs_the_overlap_is_that_of_the_settings():
    run = store.create(Config(validation_split=0.1, test_split=0.3))
    assert repetitions.ratio([run]) == pytest.approx(0.3 / 0.6) and repetitions.ratio([run], "training") == 1


def test_held_out_photographs_that_are_the_same_for_all_seeds_are_noticed():
    members = runs(0.80, 0.81, 0.82)
    drawn = repetitions.group("drawn", members[:3]).test
    for run in members:
        hold_out(run)
    assert repetitions.are_fixed(members) and not repetitions.are_fixed(members[:1])
    assert repetitions.group("given", members).test.low < drawn.low
    hold_out(members[1], first=1)
    assert not repetitions.are_fixed(members)


def test_seeds_are_repetitions_where_a_folder_dictates_the_subsets():
    """They used to count as one, so that no number of them had an interval; what is due to the photographs is no less for them."""
    members, drawn = runs(0.80, 0.81, 0.82), repetitions.group("drawn", runs(0.80, 0.81, 0.82))
    for run in members:
        store.write_environment(run, {**environment(run), "split": "the folder's"})
    given = repetitions.group("given", members)
    assert given.test.count == given.validation.count == 3
    assert given.test.low < drawn.test.low and given.validation.low < drawn.validation.low
    assert repetitions.are_fixed(members, "validation")


def test_runs_are_grouped_by_any_setting():
    made = [finished(Config(target_size=size)) for size in (96, 64, 96)]
    assert repetitions.by_setting(made, "target_size") == {96: [made[0], made[2]], 64: [made[1]]}
