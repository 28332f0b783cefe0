import shutil
from cProfile import Profile
from dataclasses import replace

import pytest

from catsdogs.data import corrections, dataset, split
from catsdogs.data.dataset import Listing, Photo
from catsdogs.errors import InputError
from catsdogs.settings.config import Config, change
from tests.images import photographs

CONFIG = Config(batch_size=1)


def test_the_seed_decides_the_split():
    listing = listed(cats=40, dogs=40)
    assert split.make(listing, CONFIG) == split.make(listing, Config(batch_size=7, seed=0))
    assert split.make(listing, CONFIG) != split.make(listing, Config(batch_size=1, seed=1))


def test_the_split_of_a_run_that_was_stored_before_is_still_the_same():
    listing = listed(cats=20, dogs=30, cat_digests=[number % 15 for number in range(20)])
    assert split.fingerprint(listing, split.make(listing, Config(batch_size=1, seed=3))) == "bed0652263761cfa5c425e957b216f69"


def test_a_folder_that_is_for_something_else_since_is_another_split_of_the_same_photographs(tmp_path):
    folder = photographs(tmp_path / "home", {"cats": 20, "dogs": 20}).parent
    photographs(tmp_path / "holiday", {"cats": 10, "dogs": 10})
    before = dataset.check(folder)
    environment = {"data_fingerprint": before.fingerprint, "split": split.fingerprint(before, split.make(before, CONFIG))}
    assert split.is_still(environment, dataset.check(folder), CONFIG)
    corrections.change(folder, folders={"holiday": "test"})
    after = dataset.check(folder)
    assert after.fingerprint == before.fingerprint and not split.is_still(environment, after, CONFIG)
    assert split.is_still({"data_fingerprint": before.fingerprint}, after, CONFIG), "earlier versions didn't say"
    assert not split.is_still({"data_fingerprint": "of other photographs"}, after, CONFIG)


def test_only_the_subset_that_a_folder_dictates_is_told_to_be_the_same_for_all_seeds(tmp_path):
    photographs(tmp_path / "validation", {"cats": 10, "dogs": 10})
    listing = dataset.check(photographs(tmp_path / "train", {"cats": 20, "dogs": 20}).parent)
    one, other = (split.fingerprints(listing, split.make(listing, Config(batch_size=1, seed=seed))) for seed in (0, 1))
    assert one.keys() == set(split.SUBSETS) and len(set(one.values())) == 3
    assert [subset for subset in one if one[subset] == other[subset]] == ["validation"]


def test_the_two_classes_are_not_divided_alike():
    made = split.make(listed(cats=40, dogs=40), CONFIG)
    assert {index for index in made.test if index < 40} != {index - 40 for index in made.test if index >= 40}


@pytest.mark.parametrize(("cats", "dogs"), [(40, 40), (100, 20), (7, 333), (4, 4)])
def test_every_image_is_in_exactly_one_subset(cats, dogs):
    made = split.make(listed(cats=cats, dogs=dogs), CONFIG)
    assert sorted(made.training + made.validation + made.test) == list(range(cats + dogs))
    for subset in (made.training, made.validation, made.test):
        assert list(subset) == sorted(subset)


@pytest.mark.parametrize(("validation", "test"), [(0.15, 0.15), (0.05, 0.5), (0.3, 0.1)])
def test_the_shares_hold_within_each_class(validation, test):
    listing = listed(cats=100, dogs=40)
    made = split.make(listing, Config(batch_size=1, validation_split=validation, test_split=test))
    for label, count in (("cats", 100), ("dogs", 40)):
        assert counted(listing, made.validation)[label] == round(validation * count)
        assert counted(listing, made.test)[label] == round(test * count)


@pytest.mark.parametrize("seed", range(5))
def test_exact_copies_are_on_one_side(seed):
    copies = [number % 30 for number in range(90)]
    listing = listed(cats=90, dogs=60, cat_digests=copies)
    made = split.make(listing, Config(batch_size=1, seed=seed))
    parts = [{listing.photos[index].digest for index in subset} for subset in (made.training, made.validation, made.test)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert counted(listing, made.test)["cats"] == pytest.approx(0.15 * 90, abs=2)
    assert counted(listing, made.validation)["cats"] == pytest.approx(0.15 * 90, abs=2)


def test_copies_of_a_real_file_are_on_one_side(tmp_path):
    photographs(tmp_path, {"cats": 8, "dogs": 8}, size=(8, 8))
    for number in range(8):
        shutil.copy(tmp_path / "cats" / f"cats.{number}.jpg", tmp_path / "cats" / f"copy of {number}.jpg")
    listing = dataset.check(tmp_path)
    for seed in range(5):
        made = split.make(listing, Config(batch_size=1, seed=seed))
        training = {listing.photos[index].digest for index in made.training}
        assert not training & {listing.photos[index].digest for index in made.validation + made.test}


def test_exact_copies_are_on_one_side_though_only_one_of_them_was_found_to_be_a_near_copy():
    """As in a crowd of nearly plain images, not all of which are compared."""
    listing = replace(listed(cats=40, dogs=40, cat_digests=[*range(39), 1]), near_copies=((0, 1),))
    for seed in range(10):
        made = split.make(listing, Config(batch_size=1, seed=seed, near_copies_together=True))
        assert any({0, 1, 39} <= set(subset) for subset in (made.training, made.validation, made.test))


@pytest.mark.parametrize(("own", "carved"), [(2, 9), (20, 6)])
def test_a_folders_own_validation_subset_is_kept(own, carved):
    listing = listed(cats=60, dogs=60, part_of=lambda number: "validation" if number < own else "training")
    made = split.make(listing, CONFIG)
    assert {index for index, photo in enumerate(listing.photos) if photo.subset == "validation"} == set(made.validation)
    assert counted(listing, made.test) == {"cats": carved, "dogs": carved}
    assert counted(listing, made.training) == {"cats": 60 - own - carved, "dogs": 60 - own - carved}


@pytest.mark.parametrize(("own", "carved"), [(2, 9), (20, 6)])
def test_a_folders_own_test_subset_is_kept(own, carved):
    listing = listed(cats=60, dogs=60, part_of=lambda number: "test" if number < own else "training")
    made = split.make(listing, CONFIG)
    assert {index for index, photo in enumerate(listing.photos) if photo.subset == "test"} == set(made.test)
    assert counted(listing, made.validation) == {"cats": carved, "dogs": carved}


def test_a_divided_folder_is_followed_whatever_the_seed():
    listing = listed(cats=30, dogs=30, part_of=lambda number: ("training", "validation", "test")[number % 3])
    made = split.make(listing, CONFIG)
    assert made == split.make(listing, Config(batch_size=1, seed=9, test_split=0.5))
    for subset in ("training", "validation", "test"):
        assert {listing.photos[index].subset for index in getattr(made, subset)} == {subset}


def test_a_training_folder_alone_is_divided_by_the_shares():
    listing = listed(cats=40, dogs=40, part_of=lambda number: "training")
    made = split.make(listing, CONFIG)
    assert (len(made.training), len(made.validation), len(made.test)) == (56, 12, 12)


@pytest.mark.parametrize("held_out", ["validation", "test"])
def test_copies_of_a_held_out_photograph_are_never_trained_on(held_out):
    listing = listed(
        cats=40, dogs=40, cat_digests=[number % 20 for number in range(40)], part_of=lambda number: held_out if number < 10 else "training"
    )
    made = split.make(listing, CONFIG)
    kept = {listing.photos[index].digest for index in getattr(made, held_out)}
    assert not kept & {listing.photos[index].digest for index in made.training}
    assert {f"cats-{number}" for number in range(10)} <= kept


def test_a_copy_in_validation_and_test_belongs_to_test():
    listing = listed(cats=30, dogs=30, cat_digests=[0, 0, *range(1, 29)], part_of=lambda n: ("validation", "test", "training")[n % 3])
    made = split.make(listing, CONFIG)
    assert {0, 1} <= set(made.test)


@pytest.mark.parametrize("few", [1, 2, 3])
def test_too_few_images_of_a_class_are_refused(few):
    too_few = rf"^There are too few photographs of class dogs \({few}\): none is left for validation.*Add photographs"
    with pytest.raises(InputError, match=too_few):
        split.make(listed(cats=40, dogs=few), CONFIG)


@pytest.mark.parametrize("subsets", [["validation"], ["test"], ["validation", "test"]])
def test_a_class_of_held_out_photographs_alone_is_refused_for_what_it_is(subsets):
    listing = listed(cats=8, dogs=40, part_of=lambda number: subsets[number % len(subsets)] if number < 8 else None)
    with pytest.raises(
        InputError, match=r"^All photographs of class cats lie in folders for validation or test: none is left for training\."
    ):
        split.make(listing, CONFIG)


def test_a_class_of_nothing_but_copies_is_refused():
    with pytest.raises(InputError, match="too few photographs of class cats .*: none is left for validation"):
        split.make(listed(cats=40, dogs=40, cat_digests=[0] * 40), CONFIG)


def test_a_batch_larger_than_the_data_is_refused():
    listing = listed(cats=40, dogs=40)
    assert len(split.make(listing, Config(batch_size=56)).training) == 56
    with pytest.raises(InputError, match="batch_size = 57: there are only 56 photographs to train on, so 56 at most"):
        split.make(listing, Config(batch_size=57))
    alike = [CONFIG, replace(CONFIG, learning_rate=0.1)]
    split.require(listing, alike)
    with pytest.raises(InputError, match="batch_size = 57"):
        split.require(listing, [*alike, replace(CONFIG, batch_size=57), replace(CONFIG, seed=1)])


def test_a_sweeps_photographs_are_divided_once_for_all_runs_that_divide_them_alike():
    listing = listed(cats=1000, dogs=1000)

    def calls(configs):
        with Profile() as profile:
            split.require(listing, configs)
        return sum(found.callcount for found in profile.getstats())

    once = calls([CONFIG])
    alike = [replace(CONFIG, learning_rate=rate, batch_size=size) for rate in (0.1, 0.01, 0.001) for size in (8, 16, 32, 64)]
    assert calls(alike) < 1.1 * once
    others = [{"seed": 1}, {"validation_split": 0.3}, {"test_split": 0.3}, {"near_copies_together": True}]
    assert calls([CONFIG, *(replace(one, **other) for one in alike for other in others)]) == pytest.approx(5 * once, rel=0.1)


def listed(cats, dogs, cat_digests=None, part_of=lambda number: None):
    digests = cat_digests or range(cats)
    photos = [Photo(f"cats/{n}.jpg", "cats", part_of(n), 8, 8, f"cats-{digests[n]}") for n in range(cats)]
    photos += [Photo(f"dogs/{n}.jpg", "dogs", part_of(n), 8, 8, f"dogs-{n}") for n in range(dogs)]
    return Listing("/photos", ("cats", "dogs"), tuple(photos), (), "0")


def counted(listing, subset):
    return {name: sum(listing.photos[index].label == name for index in subset) for name in listing.class_names}


@pytest.mark.parametrize(("cats", "dogs", "asked", "fitted"), [(10, 10, 32, 12), (10, 10, 13, 12), (10, 10, 12, 12), (10, 10, 5, 5)])
def test_a_batch_size_is_lowered_to_the_photographs_to_train_on(cats, dogs, asked, fitted):
    listing, config = listed(cats=cats, dogs=dogs), Config(batch_size=asked)
    found = split.fit(listing, config)
    assert found == Config(batch_size=fitted) and len(split.make(listing, found).training) >= fitted
    said = f"The batch size is {fitted} instead of {asked}: there are only {fitted} photographs to train on."
    assert split.lowered(config, found) == (said if fitted < asked else "")


def test_a_batch_size_is_lowered_to_what_copies_of_held_out_photographs_leave():
    listing = listed(cats=40, dogs=40, cat_digests=[n % 20 for n in range(40)], part_of=lambda n: "validation" if n < 10 else "training")
    config = Config(batch_size=1, validation_split=0.1, test_split=0.1)
    most = len(split.make(listing, config).training)
    assert split.fit(listing, change(config, batch_size=most + 1)).batch_size == most
