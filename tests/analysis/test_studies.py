import json

import pytest

from catsdogs.analysis import studies
from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.settings import presets, study_presets
from tests.storing import finished

SMALL = study_presets.STUDY_SMALL
DATA = "/photos"


pytestmark = pytest.mark.usefixtures("nothing_starts")


def repeated(rights: dict[str, list[float]], count: int = 2000) -> list[studies.Variant]:
    """The study with runs that are right on so many of 100 photographs."""
    for name, several in rights.items():
        for seed, right in enumerate(several):
            finished(presets.config(name, data=DATA, seed=seed), round(right * count / 100), count)
    return studies.variants("study-small", DATA)


def test_every_variant_is_queued_once_per_seed():
    queued = jobs.create(studies.missing("study-small", DATA, 2))
    assert [(run.config.seed, run.config.preset) for run in jobs.queue()] == [(seed, preset.name) for seed in (0, 1) for preset in SMALL]
    assert len(queued) == 12


def test_only_what_is_missing_is_queued():
    finished(presets.config(SMALL[0].name, data=DATA))
    jobs.create(studies.missing("study-small", DATA, 1))
    assert jobs.create(studies.missing("study-small", DATA, 1)) == []
    assert len(jobs.queue()) == len(SMALL) - 1
    assert [run.config.seed for run in jobs.create(studies.missing("study-small", DATA, 2))] == [1] * len(SMALL)


def test_a_run_that_was_stopped_is_queued_again():
    first, *_ = jobs.create(studies.missing("study-small", DATA, 1))
    jobs.stop(first)
    assert [run.config for run in jobs.create(studies.missing("study-small", DATA, 1))] == [first.config]


def test_a_finished_run_counts_while_the_same_is_queued_once_more():
    run = finished(presets.config(SMALL[0].name, data=DATA))
    jobs.create([run.config])
    assert studies.variants("study-small", DATA)[0].runs == (run,)


@pytest.mark.parametrize("seeds", [0, -1, 21])
def test_a_count_of_seeds_that_makes_no_sense_is_refused(seeds):
    with pytest.raises(InputError, match=f"seeds = {seeds}: must be 1 to 20"):
        jobs.create(studies.missing("study-small", DATA, seeds))


def test_runs_with_other_settings_or_other_data_do_not_count():
    finished(presets.config(SMALL[0].name, data=DATA, momentum=0.5))
    finished(presets.config(SMALL[0].name, data="/elsewhere"))
    assert [variant.runs for variant in studies.variants("study-small", DATA)] == [()] * len(SMALL)


def test_a_conclusion_holds_where_the_accuracy_moved_so():
    found = repeated({"study-sgd-small": [60, 62, 61], "study-adam-small": [80, 83, 81], "study-augmented-small": [90, 92, 91]})
    adam, augmented = studies.conclusions(found)[3:]
    assert adam.verdict == "holds" and adam.sentence.startswith("Study 5 · Conv2D, Adam (small) beat Study 4")
    assert augmented.verdict == "does not hold"  # the study saw the accuracy fall


@pytest.mark.parametrize("right", [80, 60])
def test_one_run_of_each_leaves_a_conclusion_open_however_far_they_are_apart(right):
    """Its verdict used to be that it holds, or that there is no difference, although only two networks were compared."""
    found = studies.conclusions(repeated({"study-sgd-small": [60], "study-adam-small": [right]}, count=20_000))[3]
    assert found.comparison.outcome != "can't tell" and found.verdict == "can't tell"
    assert "other seeds may give another result" in found.sentence


def test_two_seeds_leave_a_conclusion_open():
    (adam,) = studies.conclusions(repeated({"study-sgd-small": [60, 61], "study-adam-small": [80, 81]}))[3:4]
    assert adam.verdict == "can't tell" and "two seeds (+20.0 points) are too few" in adam.sentence


def test_seeds_that_disagree_leave_a_conclusion_open():
    found = repeated({"study-sgd-small": [60, 70, 66], "study-adam-small": [68, 63, 70]})
    assert studies.conclusions(found)[3].verdict == "can't tell"


def test_a_change_without_an_effect_is_said_to_have_none():
    found = repeated({"study-sgd-small": [70, 71, 72], "study-adam-small": [70.1, 71.1, 71.9]}, count=10_000)
    assert studies.conclusions(found)[3].verdict == "no difference"


def test_the_conclusions_are_corrected_for_one_another():
    steps = [f"study-{name}-small" for name in ("dense", "150px", "batch-100", "sgd", "adam")]
    alone = studies.conclusions(repeated({"study-sgd-small": [60, 62, 61], "study-adam-small": [70, 76, 71]}))[3].comparison
    together = studies.conclusions(repeated({name: [60, 62, 61] for name in steps[:3]}))
    assert together[3].comparison.difference.p == pytest.approx(4 * alone.difference.p)
    assert {one.comparison.difference.comparisons for one in together[:4]} == {4} and together[4].comparison is None


def test_a_variant_without_runs_leaves_its_conclusions_open():
    found = studies.conclusions(studies.variants("study", DATA))
    assert {(one.verdict, one.comparison) for one in found} == {("is not known yet", None)}
    assert "both need runs that have finished" in found[0].sentence


def test_a_study_as_json_has_everything_that_is_shown():
    found = repeated({"study-sgd-small": [60, 62, 61, 61], "study-adam-small": [80, 83, 81]})
    content = json.loads(json.dumps(studies.to_json(found, studies.conclusions(found), [])))
    assert content["steps"][4]["test"]["low"] < content["steps"][4]["test"]["mean"] and len(content["steps"][4]["runs"]) == 3
    adam = content["conclusions"][3]
    assert adam["difference"]["count"] == 3 and adam["verdict"] == "holds" and "with seed 3." in adam["left_out"]
