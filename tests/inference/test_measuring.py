"""Which photographs a run is measured on, and what is found."""

import re
import shutil

import pytest

from catsdogs.analysis import learned, measurements
from catsdogs.data import corrections, dataset, split
from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.inference import measuring
from catsdogs.inference.classifier import Answer
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.images import photographs, picture

SETTINGS = {"target_size": 32, "dense_units": 8, "batch_size": 8}


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 40, "dogs": 40})


def trained(folder, class_names=storing.CLASSES, **settings) -> store.Run:
    """A finished run on the photographs of that folder, with something in the place of its model."""
    run = storing.finished(Config(data=str(folder), **SETTINGS, **settings))
    known = {"data_fingerprint": dataset.check(folder).fingerprint, "class_names": class_names}
    store.write_environment(run, {**store.environment(run), **known})
    run.model_path.write_bytes(b"read when it classifies")
    return run


def by_name(pictures) -> list[Answer]:
    """Right about every cat but number 1, and about every dog."""
    is_dog = re.compile(r"dog|hund|\.1\.jpg$", re.IGNORECASE)
    return [Answer(name, "dog" if is_dog.search(name) else "cat", 0.9) for name, _ in pictures]


def elsewhere(tmp_path, counts) -> dataset.Listing:
    return dataset.check(photographs(tmp_path / "elsewhere" / "x", counts).parent)


def measure(run, listing, **options) -> measurements.Measurement:
    return measuring.measure(measuring.plan(run, listing), by_name, **options)


def test_photographs_of_another_data_set_are_all_measured(folder, tmp_path):
    run, reports = trained(folder), []
    found = measure(run, elsewhere(tmp_path, {"cats": 100, "dogs": 60}), report=lambda *report: reports.append(report))
    assert found.confusion == ((99, 1), (0, 60)) and found.accuracy == pytest.approx(159 / 160)
    assert found.low < found.accuracy < found.high and 0.9 < found.auc <= 1
    assert (found.omission, found.is_drawn, reports) == ("none", False, [(128, 160), (160, 160)])
    assert measurements.load(run) == (found,)


def test_what_is_not_to_be_kept_is_only_returned(folder, tmp_path):
    run, listing = trained(folder), elsewhere(tmp_path, {"cats": 3, "dogs": 3})
    kept = measure(run, listing)
    other = measure(run, listing, is_kept=False)
    assert other.photographs == kept.photographs and measurements.load(run) == (kept,)


def test_on_its_own_data_set_only_what_was_held_out_is_measured(folder):
    run, listing = trained(folder, seed=3), dataset.check(folder)
    found = measure(run, listing)
    held_out = {listing.photos[index].path for index in split.make(listing, run.config).test}
    assert {one.path for one in found.photographs} == held_out and len(held_out) == 12
    assert found.left_out == {learned.TRAINED_ON: 56, learned.CHOSE_THE_EPOCH: 12} and found.is_overlap_known


def test_where_a_folder_is_for_something_else_since_it_is_not_known_what_it_learned(tmp_path):
    for part in ("home", "holiday"):
        photographs(tmp_path / "photos" / part, {"cats": 20, "dogs": 20})
    run, listing = trained(tmp_path / "photos"), dataset.check(tmp_path / "photos")
    divided = split.fingerprint(listing, split.make(listing, run.config))
    store.write_environment(run, {**store.environment(run), "split": divided})
    assert measure(run, listing).is_overlap_known
    corrections.change(tmp_path / "photos", folders={"holiday": "test"})
    assert not measure(run, dataset.check(tmp_path / "photos")).is_overlap_known


def test_what_it_learned_is_recognised_by_its_content_under_any_name(folder, tmp_path):
    run, listing = trained(folder), dataset.check(folder)
    subsets = split.make(listing, run.config)
    photographs(tmp_path / "mixed", {"Cat": 30, "Dog": 30})
    for subset in (subsets.training[:5], subsets.validation[:2], subsets.test[:4]):
        for index in subset:
            shutil.copy(listing.path(index), tmp_path / "mixed" / listing.photos[index].label[:-1].capitalize() / f"copy-{index}.jpg")
    found = measure(run, dataset.check(tmp_path / "mixed"))
    assert found.left_out == {learned.TRAINED_ON: 5, learned.CHOSE_THE_EPOCH: 2}
    assert len(found.photographs) == 64


def test_what_the_run_that_it_started_from_learned_is_left_out_too(folder, tmp_path):
    first = trained(folder, seed=3)
    other = photographs(tmp_path / "other", {"cats": 20, "dogs": 20}, size=(50, 40))
    run = trained(other, start_from=first.id)
    found = measure(run, dataset.check(folder))
    assert found.left_out == {learned.TRAINED_ON: 56, learned.CHOSE_THE_EPOCH: 12} and len(found.photographs) == 12
    shutil.rmtree(first.folder)
    later = measure(run, dataset.check(folder))
    assert len(later.photographs) == 80 and not later.is_overlap_known


def test_of_the_bundled_network_it_is_not_asked_what_it_learned(folder):
    run = trained(folder, start_from=store.SHIPPED, seed=3)
    assert measure(run, dataset.check(folder)).is_overlap_known


def test_it_is_recognised_after_the_folder_was_changed(folder):
    run = trained(folder)
    picture(folder / "cats" / "new.jpg")
    found = measure(run, dataset.check(folder))
    assert len(found.photographs) == 13 and sum(found.left_out.values()) == 68


def test_where_it_is_not_known_what_it_learned_that_is_said(folder, tmp_path, home):
    run = trained(folder)
    shutil.rmtree(home / "listings")
    found = measure(run, elsewhere(tmp_path, {"cats": 4, "dogs": 4}))
    assert not found.is_overlap_known and "not known here" in found.omission


@pytest.mark.parametrize("names", [("Cat", "Dog"), ("CATS", "dog"), ("Katzen", "Hunde")])
def test_classes_match_whatever_their_case_number_and_language(folder, tmp_path, names):
    found = measure(trained(folder), elsewhere(tmp_path, dict.fromkeys(names, 5)))
    assert found.class_names == ("cats", "dogs") and len(found.photographs) == 10
    assert found.confusion == ((4, 1), (0, 5))


def test_classes_in_another_order_are_matched_by_name(folder, tmp_path):
    run = trained(folder, class_names=("Dogs", "cats"))
    assert measure(run, elsewhere(tmp_path, {"cats": 5, "dogs": 7})).confusion == ((7, 0), (1, 4))


def test_other_classes_are_refused(folder, tmp_path):
    with pytest.raises(InputError, match="holds roses and tulips; run .* tells cats from dogs"):
        measuring.plan(trained(folder), elsewhere(tmp_path, {"roses": 5, "tulips": 5}))


def test_a_run_that_learned_from_all_of_them_is_refused(folder, tmp_path):
    run, listing = trained(folder), dataset.check(folder)
    for index in split.make(listing, run.config).training:
        target = tmp_path / "learned" / listing.photos[index].path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(listing.path(index), target)
    with pytest.raises(InputError, match="No photograph in .* is left to measure"):
        measuring.plan(run, dataset.check(tmp_path / "learned"))
    picture(tmp_path / "learned" / "cats" / "new.jpg")
    with pytest.raises(InputError, match="No photograph of class dogs in .* is left"):
        measuring.plan(run, dataset.check(tmp_path / "learned"))


def test_a_run_without_a_model_or_in_the_queue_is_refused(folder, nothing_starts):
    listing = dataset.check(folder)
    queued = store.create(Config(data=str(folder), **SETTINGS))
    with pytest.raises(InputError, match="is queued; measure it when it has ended"):
        measuring.plan(queued, listing)
    run = trained(folder)
    run.model_path.unlink()
    with pytest.raises(InputError, match=r"\(finished\) has no model"):
        measuring.plan(run, listing)


def test_photographs_that_can_no_longer_be_read_are_left_out(folder, tmp_path):
    planned = measuring.plan(trained(folder), elsewhere(tmp_path, {"cats": 5, "dogs": 5}))

    def half_blind(pictures):
        return [Answer(one.picture, error="gone") if one.picture.endswith(".3.jpg") else one for one in by_name(pictures)]

    found = measuring.measure(planned, half_blind)
    assert found.left_out == {measurements.UNREADABLE: 2} and len(found.photographs) == 8
    with pytest.raises(InputError, match="No photograph in"):
        measuring.measure(planned, lambda pictures: [Answer(name, error="gone") for name, _ in pictures])


@pytest.mark.parametrize("is_replaced", [False, True])
def test_of_a_data_set_that_is_deleted_while_it_is_measured_nothing_is_kept(folder, tmp_path, is_replaced):
    run, listing, asked = trained(folder), elsewhere(tmp_path, {"cats": 100, "dogs": 60}), []

    def answer(pictures):
        asked.append(len(pictures))
        (tmp_path / "elsewhere").rename(tmp_path / "gone")
        if is_replaced:
            (tmp_path / "elsewhere").mkdir()
        return by_name(pictures)

    with pytest.raises(InputError, match=f"{tmp_path}/elsewhere was changed, deleted or replaced while it was measured"):
        measuring.measure(measuring.plan(run, listing), answer)
    assert asked == [128] and measurements.load(run) == ()


def test_drawn_images_are_known_to_be_drawn(folder, tmp_path, home):
    run = trained(folder)
    assert measure(run, dataset.check(demo.create(tmp_path / "drawn", count=20))).is_drawn
    earlier = photographs(home / "data" / "drawn-20-0", {"cats": 3, "dogs": 3})  # which had no mark in its files
    assert measure(run, dataset.check(earlier)).is_drawn
