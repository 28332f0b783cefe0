"""What is said of a data set's health, by its listing and by what networks have found."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catsdogs.analysis import health
from catsdogs.analysis.findings import FINE, LOOK, TROUBLE
from catsdogs.analysis.looks import Doubt, Look
from catsdogs.data.dataset import Listing, SetAside
from tests.analysis.listings import judged, listing, paths, photo


def finding(name, listing):
    return {found.name: found for found in health.examine(listing)}[name]


def test_a_healthy_data_set_is_fine_throughout():
    assert {found.grade for found in health.examine(listing())} == {FINE}
    assert not any(found.groups for found in health.examine(listing()))


@pytest.mark.parametrize(
    ("cats", "dogs", "grade", "sentence"),
    [
        (60, 80, FINE, "60 cats and 80 dogs, about equal."),
        (60, 180, LOOK, "60 cats and 180 dogs: 3 times as many dogs."),
        (2, 1, LOOK, "2 cats and 1 dog: 2 times as many cats, and few of both."),
        (20, 20, LOOK, "20 cats and 20 dogs, about equal, but few."),
        (1, 1, LOOK, "1 cat and 1 dog, about equal, but few."),
    ],
)
def test_classes_are_counted_and_compared(cats, dogs, grade, sentence):
    found = finding(health.CLASSES, listing(cats=cats, dogs=dogs))
    assert (found.grade, found.sentence) == (grade, sentence)


def test_the_larger_class_is_named_as_in_the_counts():
    photos = [photo("Cat", number) for number in range(60)] + [photo("Dog", number) for number in range(180)]
    (found, *_) = health.examine(Listing("/photos", ("Cat", "Dog"), tuple(photos), (), "fingerprint"))
    assert found.sentence == "60 cats and 180 dogs: 3 times as many dogs."


def test_small_and_long_photographs_are_shown_until_they_are_judged():
    found = finding(health.SIZES, listing(photo("cats", "small", 63, 64), photo("dogs", "long", 200, 601), photo("dogs", "wide", 600, 200)))
    assert (found.grade, paths(found)) == (LOOK, [["cats/small.jpg"], ["dogs/long.jpg"]])
    assert found.sentence == "Typically 300 × 200 px, from 63 × 64 to 200 × 601 px. 1 very small. 1 very long."
    assert [item.note for item in found.items] == ["63 × 64 px", "200 × 601 px"]
    later = listing(photo("cats", "small", 63, 64), corrections=judged(cats_small="fine"))
    assert finding(health.SIZES, later).grade == FINE


@pytest.mark.parametrize(("size", "clue"), [((600, 400), "Sizes"), ((200, 300), "Proportions")])
def test_sizes_or_proportions_that_tell_the_classes_apart_are_a_shortcut(size, clue):
    others = [photo("dogs", f"other-{number}", *size) for number in range(45)]
    found = finding(health.SIZES, listing(*others, dogs=15))
    assert (found.grade, found.groups) == (LOOK, ()) and f"{clue} alone tell the classes apart." in found.sentence
    assert "for 87.5% of the photographs, both classes counting alike," in found.about
    assert finding(health.SIZES, listing(*others, dogs=55)).grade == FINE, "45 of 100 say little"
    assert finding(health.SIZES, listing(*others[:10], cats=10, dogs=0)).grade == FINE, "few say nothing"


def test_formats_are_counted_and_the_unusual_ones_shown():
    found = finding(health.FORMATS, listing(photo("cats", "a", format="PNG"), photo("dogs", "b", format="WEBP")))
    assert (found.grade, found.sentence) == (FINE, "120 JPEG, 1 PNG, 1 WEBP.")
    assert [item.note for item in found.items] == ["PNG", "WEBP"]
    of_one = [photo("dogs", f"other-{number}", format="PNG") for number in range(45)]
    found = finding(health.FORMATS, listing(*of_one, dogs=15))
    assert found.grade == LOOK and "Formats alone tell the classes apart for 87.5%" in found.about
    unequal = finding(health.FORMATS, listing(*of_one, cats=20, dogs=15)).about  # right for 65 of 80 photographs, which is 81.2%
    assert "apart for 87.5% of the photographs, both classes counting alike," in unequal


def test_unusable_files_are_counted_but_not_those_that_a_person_left_out():
    entries = SetAside("cats/left.jpg", "Left out by you."), SetAside("cats/a.jpg", "It is damaged.")
    found = finding(health.UNUSABLE, listing(set_aside=entries, corrections=judged(cats_left="left out")))
    assert (found.grade, found.sentence) == (LOOK, "One can't be used.")
    many = tuple(SetAside(f"cats/{number}.jpg", "It is damaged.") for number in range(10))
    assert finding(health.UNUSABLE, listing(set_aside=many)).grade == TROUBLE


def test_what_keras_tutorial_leaves_out_is_no_trouble():
    more = photo("cats", "a", lacks_jfif=True), photo("dogs", "b", lacks_jfif=True)
    found = finding(health.JFIF, listing(*more, corrections=judged(dogs_b="fine")))
    assert (found.grade, paths(found), found.items[0].is_spare) == (FINE, [["cats/a.jpg"]], True)
    assert found.sentence == "It would leave out one, for its header alone."


def look(doubtful=(), odd=(), agreement=0.95, count=120):
    at = frozenset(map(str, range(count)))
    return Look("shipped", (1, 2, 3), "classes", at, tuple(Doubt(*each) for each in doubtful), tuple(odd), agreement, datetime.now(UTC))


def test_labels_are_doubted_as_long_as_they_are_what_was_looked_at():
    doubted = look([("cats/3.jpg", 0, 0.02), ("dogs/4.jpg", 1, 0.125)])
    found = health.doubtful(listing(), doubted)
    assert (found.grade, found.sentence) == (LOOK, "2 labels may be wrong.")
    assert [(item.path, item.note) for item in found.items] == [("cats/3.jpg", "98.0% dog"), ("dogs/4.jpg", "87.5% cat")]
    moved = replace(listing(cats=3), photos=(*listing(cats=3).photos, photo("dogs", "moved", digest="cats/3.jpg")))
    assert paths(health.doubtful(moved, doubted)) == [["dogs/4.jpg"]], "it lies in the other folder since"
    assert health.doubtful(listing(corrections=judged(cats_3="fine", dogs_4="left out")), doubted).grade == FINE


def test_many_doubts_are_trouble_unless_the_network_can_hardly_tell_the_classes_apart():
    many = [(f"cats/{number}.jpg", 0, 0.1) for number in range(7)]
    assert health.doubtful(listing(), look(many)).grade == TROUBLE
    assert health.doubtful(listing(), look(many, agreement=0.7)).grade == LOOK
    assert health.doubtful(listing(), look(many[:6])).grade == LOOK


def test_odd_ones_are_shown_the_oddest_first_and_copies_of_them_too():
    copy = photo("cats", "copy", digest="dogs/1.jpg")
    found = health.odd(listing(copy), look(odd=["dogs/1.jpg", "cats/2.jpg", "gone"]))
    assert (found.grade, found.sentence) == (LOOK, "3 are unlike the others.")
    assert paths(found) == [["dogs/1.jpg"], ["cats/copy.jpg"], ["cats/2.jpg"]]
    assert health.odd(listing(), look()).grade == FINE
