"""The temperature of a run that has ended."""

import pytest

from catsdogs.analysis import calibration
from catsdogs.data import dataset, split
from catsdogs.errors import InputError
from catsdogs.inference import calibrating
from catsdogs.inference.classifier import Answer
from catsdogs.runs import temperature
from tests.images import photographs, picture
from tests.inference.test_measuring import trained


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 200, "dogs": 200})


def test_it_is_fitted_on_the_validation_photographs_only_and_kept(folder):
    run, listing, asked = trained(folder), dataset.check(folder), []

    def unsure(pictures):
        """Right about every cat and every dog but each fifth, and 60% sure of all."""
        asked.extend(name for name, _ in pictures)
        return [Answer(name, "cat" if "cat" in name or name.endswith(("0.jpg", "5.jpg")) else "dog", 0.6) for name, _ in pictures]

    fitted = calibrating.calibrate(run, listing, unsure)
    assert asked == [listing.photos[index].path for index in split.make(listing, run.config).validation]
    assert fitted.value < 1 and fitted.photographs == len(asked) >= calibration.FEWEST and fitted.after < fitted.before
    assert temperature.load(run) == fitted


def test_other_photographs_than_those_of_the_training_are_refused(folder):
    run = trained(folder)
    picture(folder / "cats" / "new.jpg")
    with pytest.raises(InputError, match="is not what run .* was trained on, or has changed since"):
        calibrating.calibrate(run, dataset.check(folder), lambda pictures: [])


def test_a_photograph_that_can_not_be_read_any_more_ends_it(folder):
    run = trained(folder)
    with pytest.raises(InputError, match=r"can no longer be read: gone"):
        calibrating.calibrate(run, dataset.check(folder), lambda pictures: [Answer(name, error="gone") for name, _ in pictures])
    assert temperature.load(run).photographs == 0
