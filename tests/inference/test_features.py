"""What a network makes of each photograph before its last layer, and what is kept of it."""

from functools import partial

import numpy as np
import pytest

from catsdogs.data import corrections, dataset, images, second_look
from catsdogs.errors import InputError
from catsdogs.inference import classifier, features, loaded
from catsdogs.networks import neither, registry
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import breaking
from tests.images import photographs, picture


class Asked:
    """Answers with the mean colours of the files, and remembers which were asked for."""

    def __init__(self):
        self.paths = []

    def __call__(self, paths):
        self.paths += paths
        return np.stack([colours(path) for path in paths])


def colours(path):
    return np.asarray(images.load(path, 8), np.float32).mean(axis=(0, 1))


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 150, "dogs": 20})


def check(found, listing):
    """Each row is that of its photograph."""
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [colours(listing.path(index)) for index in range(len(listing.photos))])


def test_features_are_what_the_last_layer_is_given(tmp_path):
    run = store.create(Config(model="dense", dense_units=8, target_size=32))
    store.write_environment(run, {"class_names": ["cats", "dogs"]})
    network = registry.build(run.config)
    network.save(run.model_path)
    paths = [picture(tmp_path / f"{index}.png") for index in range(70)]
    found = loaded.features(run.id, store.answer_version(run), paths)
    weights, bias = network.layers[-1].get_weights()
    answers = classifier.classify(classifier.load(run), [(path.name, path) for path in paths])
    probabilities = [answer.probability if answer.label == "dog" else 1 - answer.probability for answer in answers]
    assert (found.shape, found.dtype) == ((70, 8), np.float32)
    np.testing.assert_allclose(1 / (1 + np.exp(-(found @ weights + bias)[:, 0])), probabilities, atol=1e-5)


def test_three_more_looks_at_those_rows_are_averaged_and_not_kept(folder, home):
    run = store.create(Config(model="dense", dense_units=8, target_size=32))
    store.write_environment(run, {"class_names": ["cats", "dogs"]})
    network = registry.build(run.config)
    network.save(run.model_path)
    listing, rows, reported = dataset.check(folder), np.array([3, 160]), []
    ask = partial(loaded.features, run.id, store.answer_version(run), again=True)
    found = features.look_again(listing, rows, ask, lambda *done: reported.append(done))
    pixels = np.stack([images.load(listing.path(row), 32) for row in rows])
    middle = second_look.take(pixels)
    looks = [neither.features(network)(seen) for seen in (pixels[:, :, ::-1], middle, middle[:, :, ::-1])]
    np.testing.assert_allclose(found, np.mean(looks, axis=0), atol=1e-4)
    assert reported == [(2, 2)] and not (home / "features").exists()


def test_only_photographs_that_are_new_are_asked_for(folder):
    reported, asked = [], Asked()
    listing = dataset.check(folder)
    check(features.load(listing, "network", asked, lambda *done: reported.append(done)), listing)
    assert len(asked.paths) == 170 and reported[-1] == (170, 170) and len(reported) > 1

    corrections.change(folder, images={"cats/cats.3.jpg": corrections.LEFT_OUT, "cats/cats.4.jpg": "dogs"})
    added = picture(folder / "cats" / "a.jpg")
    listing, asked = dataset.check(folder), Asked()
    check(features.load(listing, "network", asked), listing)
    assert asked.paths == [added]

    corrections.change(folder, images={"cats/cats.3.jpg": None})
    listing, asked = dataset.check(folder), Asked()
    check(features.load(listing, "network", asked), listing)
    assert not asked.paths, "it was only left out for a while"


def test_exact_copies_are_asked_for_once(folder):
    (folder / "cats" / "copy.jpg").write_bytes((folder / "cats" / "cats.0.jpg").read_bytes())
    asked, listing = Asked(), dataset.check(folder)
    check(features.load(listing, "network", asked), listing)
    assert len(asked.paths) == 170


def test_another_network_is_asked_anew_and_takes_the_place_of_the_first(folder, home):
    listing = dataset.check(folder)
    features.load(listing, ("network", 1), Asked())
    asked = Asked()
    features.load(listing, ("network", 2), asked)
    assert len(asked.paths) == 170 and len(list((home / "features").iterdir())) == 1
    features.delete(folder)
    assert not list((home / "features").iterdir())


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-50],
        lambda content: b"",
        lambda content: b"\0" * len(content),
        lambda content: content.replace(b"'descr': [", b"'descr': (["),  # no Python, which NumPy lets through
        lambda content: content.replace(b"'shape': (170,)", b"'shape': (9**9)"),
        lambda content: content[:-4] + np.float32(np.nan).tobytes(),
    ],
)
def test_damaged_features_are_asked_for_again(folder, home, damage):
    listing = dataset.check(folder)
    features.load(listing, "network", Asked())
    (kept,) = (home / "features").iterdir()
    kept.write_bytes(damage(kept.read_bytes()))
    check(features.load(listing, "network", asked := Asked()), listing)
    assert len(asked.paths) == 170


def test_a_folder_in_their_place_makes_way_and_is_deleted_with_them(folder, home):
    listing = dataset.check(folder)
    features.load(listing, "network", Asked())
    (kept,) = (home / "features").iterdir()
    breaking.PLACES["a folder"](kept)
    check(features.load(listing, "network", Asked()), listing)
    breaking.PLACES["a folder"](kept)
    features.delete(folder)
    assert not list((home / "features").iterdir())


def test_what_is_asked_in_vain_leaves_nothing_behind(folder, home):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        features.load(dataset.check(folder), "network", Asked(), stop)
    assert not list((home / "features").iterdir())


def test_a_photograph_that_is_gone_is_named(tmp_path):
    run = store.create(Config(model="dense", dense_units=8, target_size=32))
    store.write_environment(run, {"class_names": ["cats", "dogs"]})
    registry.build(run.config).save(run.model_path)
    with pytest.raises(InputError, match=r"gone.jpg can no longer be read: .*Check the data set again"):
        loaded.features(run.id, store.answer_version(run), [tmp_path / "gone.jpg"])
