import pytest

from catsdogs.analysis import studies
from catsdogs.errors import InputError
from catsdogs.queue import jobs
from catsdogs.settings import presets, study_presets
from tests.storing import finished

SMALL = study_presets.STUDY_SMALL
DATA = "/photos"


pytestmark = pytest.mark.usefixtures("nothing_starts")


def repeated(rights: dict[str, list[int]]) -> list[studies.Variant]:
    for name, counts in rights.items():
        for seed, right in enumerate(counts):
            finished(presets.config(name, data=DATA, seed=seed), right)
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


@pytest.mark.parametrize("seeds", [0, -1, 21])
def test_a_count_of_seeds_that_makes_no_sense_is_refused(seeds):
    with pytest.raises(InputError, match=f"seeds = {seeds}: allowed is 1 to 20"):
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


def test_a_difference_within_the_noise_is_called_that():
    found = repeated({"study-sgd-small": [60, 70], "study-adam-small": [68, 63]})
    assert studies.conclusions(found)[3].verdict == "is noise"


def test_a_variant_without_runs_leaves_its_conclusions_open():
    assert {conclusion.verdict for conclusion in studies.conclusions(studies.variants("study", DATA))} == {"is not known yet"}
