"""What classes are called."""

import pytest

from catsdogs.data import naming


@pytest.mark.parametrize(
    ("name", "label"),
    [("cats", "cat"), ("Cat", "cat"), ("CATS", "cat"), ("dogs", "dog"), ("Dog", "dog"), ("Hunde", "Hunde"), ("birds", "birds")],
)
def test_the_label_of_a_class(name, label):
    assert naming.label_of(name) == label


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("Cat", "dogs"), ("cat", "dog")),
        (("Hunde", "Katzen"), ("dog", "cat")),
        (("chats", "chiens"), ("cat", "dog")),
        (("猫", "犬"), ("cat", "dog")),
        (("Hunde", "Vögel"), ("Hunde", "Vögel")),
        (("cakes", "pies"), ("cakes", "pies")),
        (("kot", "katze"), ("kot", "katze")),
        (("black cats", "Dogs"), ("black cats", "dog")),
    ],
)
def test_cats_and_dogs_are_called_that_in_whatever_language_where_the_classes_are_both(names, labels):
    assert naming.labels_of(names) == labels


@pytest.mark.parametrize(
    ("count", "name", "said"),
    [(1, "cats", "1 cat"), (2, "cat", "2 cats"), (1000, "Dogs", "1,000 dogs"), (2, "a|b", "2 a|b"), (3, "猫", "3 猫")],
)
def test_a_class_is_counted_without_guessing_its_plural(count, name, said):
    assert naming.counted(count, name) == said
