"""What is said of the copies in a data set, and which one of them is kept."""

from dataclasses import replace

import pytest

from catsdogs.analysis import copies, health
from catsdogs.analysis.findings import FINE, LOOK, TROUBLE
from catsdogs.data.dataset import SetAside
from tests.analysis.listings import judged, listing, paths, photo


def test_exact_copies_stand_side_by_side_and_all_but_one_can_be_spared():
    more = photo("cats", "copy", digest="cats/0.jpg"), photo("cats", "copy-2", digest="cats/0.jpg")
    found = copies.exact(listing(*more))
    assert (found.grade, found.sentence) == (LOOK, "2 are the same file as another one.")
    assert paths(found) == [["cats/0.jpg", "cats/copy.jpg", "cats/copy-2.jpg"]]
    assert [item.is_spare for item in found.items] == [False, True, True]
    judged_all = judged(**{"cats_copy": "fine", "cats_copy-2": "fine"})
    assert copies.exact(listing(*more, corrections=judged_all)).grade == FINE
    original = copies.exact(listing(*more[:1], corrections=judged(cats_0="fine")))
    assert original.grade == FINE, "the one that was judged stays as well, so no other one is left over"


@pytest.mark.parametrize("name", ["IMG_1 (1)", "IMG_1 2", "Copy of IMG_1"])
def test_of_a_file_and_its_copy_the_one_without_a_mark_of_a_copy_is_kept(name):
    both = photo("cats", name, digest="IMG_1"), photo("cats", "IMG_1", digest="IMG_1")
    small = photo("cats", "IMG_1 small", 150, 100)
    assert paths(copies.exact(listing(*both))) == [["cats/IMG_1.jpg", f"cats/{name}.jpg"]]
    assert paths(copies.near(listing(*both, small, near_copies=((120, 121, 122),)))) == [["cats/IMG_1.jpg", "cats/IMG_1 small.jpg"]]


def test_a_file_under_both_classes_is_trouble_and_shown_with_its_twins():
    twins = {
        "cats/a.jpg": "dogs/b.jpg",
        "cats/c.jpg": "dogs/b.jpg",
        "dogs/b.jpg": "cats/a.jpg",
        "dogs/x.jpg": "cats/y.jpg",
        "cats/y.jpg": "dogs/x.jpg",
    }
    aside = tuple(SetAside(path, "The same file.", path[:4], twin) for path, twin in twins.items())
    found = copies.exact(listing(set_aside=aside))
    assert (found.grade, found.sentence) == (TROUBLE, "5 are filed under both classes, and not used.")
    assert paths(found) == [["cats/a.jpg", "cats/c.jpg", "dogs/b.jpg"], ["dogs/x.jpg", "cats/y.jpg"]]
    assert all(item.is_in_conflict and not item.is_spare for item in found.items)
    (unusable,) = (each for each in health.examine(listing(set_aside=aside)) if each.name == health.UNUSABLE)
    assert unusable.grade == FINE, "they are told of once"


def test_near_copies_follow_the_largest_and_exact_ones_are_there_once():
    more = photo("cats", "small", 150, 100), photo("cats", "small-2", 150, 100, digest="cats/small.jpg"), photo("dogs", "other", 290, 200)
    found = copies.near(listing(*more, near_copies=((0, 120, 121, 122),)))
    assert (found.grade, paths(found)) == (TROUBLE, [["cats/0.jpg", "dogs/other.jpg", "cats/small.jpg"]])
    assert [item.is_spare for item in found.items] == [False, False, True], "one of the other class has to be looked at"
    assert found.sentence == "2 are like another one. One group is filed under both classes."
    of_one = listing(*more, near_copies=((0, 120),))
    assert (copies.near(of_one).grade, copies.near(of_one).sentence) == (LOOK, "One is like another one.")
    assert copies.near(replace(of_one, corrections=judged(cats_small="fine"))).grade == FINE
    relabelled = replace(of_one, corrections=judged(cats_0="cats"))
    assert paths(copies.near(relabelled)) == [["cats/0.jpg", "cats/small.jpg"]], "what was said of the larger one is not of both"
    assert copies.near(listing(*more, near_copies=((120, 121),))).grade == FINE, "these are exact copies"


def test_where_not_all_were_compared_the_line_of_near_copies_says_so():
    assert copies.near(listing()).about == ""
    found = copies.near(listing(crowded=1234))
    assert found.grade == FINE and found.about.startswith("1,234 are so plain, as empty pages are, that")
    of_one = listing(*(photo("cats", name, digest=name) for name in ("one", "other")), near_copies=((120, 121),), crowded=1)
    about = copies.near(of_one).about
    assert "One is so plain" in about and about.endswith("so copies may be missing here.")
