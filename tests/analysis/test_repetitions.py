import pytest

from catsdogs.analysis import pairing, repetitions
from catsdogs.data import split
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


def divided(members: list[store.Run], **given: str) -> list[store.Run]:
    """As a worker tells of subsets: drawn by the seed, but for those that are `given`, which the folder dictates."""
    for run in members:
        drawn = {subset: f"{subset} of seed {run.config.seed}" for subset in split.SUBSETS}
        environment = store.environment(run)
        store.write_environment(run, {**environment, "split": f"of seed {run.config.seed}", "subsets": {**drawn, **given}})
    return members


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
    members, drawn = runs(0.80, 0.81, 0.82), repetitions.group("drawn", divided(runs(0.80, 0.81, 0.82)))
    for run in members:
        store.write_environment(run, {**environment(run), "split": "the folder's"})
    given = repetitions.group("given", members)
    assert given.test.count == given.validation.count == 3
    assert given.test.low < drawn.test.low and given.validation.low < drawn.validation.low
    assert repetitions.are_fixed(members, "validation")


def test_validation_photographs_that_a_folder_dictates_are_noticed_where_the_others_are_drawn():
    """Their intervals used to be as narrow as if each seed had validated on photographs of its own."""
    drawn, given = (divided(runs(0.80, 0.81, 0.82), **fixed) for fixed in ({}, {"validation": "the folder's"}))
    assert not any(repetitions.are_fixed(drawn, subset) for subset in split.SUBSETS)
    assert [subset for subset in split.SUBSETS if repetitions.are_fixed(given, subset)] == ["validation"]
    before, after = repetitions.group("drawn", drawn), repetitions.group("given", given)
    assert after.validation.low < before.validation.low and after.validation.high > before.validation.high
    assert (after.test, after.training) == (before.test, before.training)


def test_runs_that_do_not_tell_their_validation_photographs_apart_get_the_wider_interval():
    """Those of earlier versions, also beside others; what they hold out is known by their predictions."""
    drawn, untold = repetitions.group("drawn", divided(runs(0.80, 0.81, 0.82))), runs(0.80, 0.81, 0.82)
    found = repetitions.group("untold", untold)
    assert found.validation.low < drawn.validation.low and found.test == drawn.test
    assert repetitions.are_fixed([*divided(runs(0.80)), *untold[1:]], "validation")
    assert not repetitions.are_fixed([*divided(runs(0.80, 0.81)), untold[2]], "validation"), "two are known to differ"


def test_what_one_seed_holds_out_may_choose_another_unless_they_share_a_split():
    drawn, given = divided(runs(0.80, 0.81)), divided(runs(0.80, 0.81), test="the folder's")
    assert not repetitions.hold_out_apart(drawn) and repetitions.hold_out_apart(given)
    assert repetitions.hold_out_apart([drawn[0], *divided(runs(0.9))]) and repetitions.hold_out_apart(drawn[:1])
    elsewhere = finished(Config(data="/elsewhere", seed=1), 800, 1000)
    assert repetitions.hold_out_apart([drawn[0], elsewhere]), "of another data set"


def test_runs_are_grouped_by_any_setting():
    made = [finished(Config(target_size=size)) for size in (96, 64, 96)]
    assert pairing.grouped(made, lambda run: run.config.target_size) == {96: [made[0], made[2]], 64: [made[1]]}
