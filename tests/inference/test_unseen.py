"""A run's own word on the labels of its data set: only of photographs that it was not trained on."""

import numpy as np
import pytest

from catsdogs.data import dataset, split
from catsdogs.errors import InputError
from catsdogs.inference import unseen
from catsdogs.inference.classifier import Answer
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.images import photographs, picture


@pytest.fixture
def listing(tmp_path):
    return dataset.check(photographs(tmp_path / "photos", {"Cat": 40, "Dog": 40}))


def trained_on(listing, fingerprint=None):
    run = storing.finished(Config(data=listing.folder, batch_size=8))
    known = {**store.environment(run), "class_names": ["Cat", "Dog"], "data_fingerprint": fingerprint or listing.fingerprint}
    store.write_environment(run, known)
    return run


def test_only_photographs_that_the_run_was_not_trained_on_are_looked_at(listing, tmp_path):
    run = trained_on(listing)
    rows, divided = unseen.rows(run, listing), split.make(listing, run.config)
    assert rows == tuple(sorted({*divided.validation, *divided.test})) and rows
    (tmp_path / "photos" / "Cat" / "copy.jpg").write_bytes(listing.path(divided.training[0]).read_bytes())
    picture(tmp_path / "photos" / "Dog" / "new.jpg")
    later = dataset.check(tmp_path / "photos")
    looked_at = {later.photos[row].path for row in unseen.rows(run, later)}
    assert looked_at == {*(listing.photos[row].path for row in rows), "Dog/new.jpg"}, "the copy was trained on, whatever it is called"


def test_a_run_whose_photographs_are_not_known_says_nothing(listing):
    with pytest.raises(InputError, match="is not known on this machine. Look with the bundled network"):
        unseen.rows(trained_on(listing, "of another machine"), listing)


def test_too_few_photographs_are_refused(tmp_path):
    listing = dataset.check(photographs(tmp_path / "few", {"Cat": 20, "Dog": 20}))
    with pytest.raises(InputError, match="Of Cat, run .* was not trained on 6 photographs; to judge labels by, there must be 10 or more"):
        unseen.rows(trained_on(listing), listing)


def test_its_probabilities_are_in_the_order_of_the_classes(listing):
    def answer(images):
        asked.extend(path for _, path in images)
        return [Answer(name, "dog", 0.9) if "Dog" in name else Answer(name, "cat", 0.8) for name, _ in images]

    asked, told = [], []
    rows = (0, 3, 45)
    predicted = unseen.predict(trained_on(listing), listing, rows, answer, lambda *done: told.append(done))
    np.testing.assert_allclose(predicted, [[0.8, 0.2], [0.8, 0.2], [0.1, 0.9]])
    assert (asked, told) == ([listing.path(row) for row in rows], [(3, 3)])


def test_a_photograph_that_is_gone_is_named(listing):
    with pytest.raises(InputError, match=r"can no longer be read: No such file. Check the data set again"):
        unseen.predict(trained_on(listing), listing, (0,), lambda images: [Answer("x", error="No such file.")])
