"""Answers of one network or two, and a person's marks: filtered, ordered, counted, written down."""

import csv
from pathlib import Path

import pytest

from catsdogs.inference import sheet
from catsdogs.inference.classifier import Answer
from catsdogs.inference.sheet import Row

LABELS = ("cat", "dog")


def row(name, label, probability, other=None, mark=None, neither=None):
    """A row; `other` is (label, probability) of the second network."""
    return Row(name, name, Path(name), Answer(name, label, probability, neither=neither), Answer(name, *other) if other else None, mark)


BROKEN = Row("broken", "broken", Path("broken"), Answer("broken", error="The file is empty."))
ROWS = [
    row("a", "cat", 0.9, ("cat", 0.6)),
    row("b", "dog", 0.55, ("cat", 0.7), mark="cat"),
    row("c", "dog", 0.99, ("cat", 0.9), mark=sheet.NEITHER),
    BROKEN,
    row("d", "cat", 0.7, ("cat", 0.7), mark="cat"),
]


def names(rows):
    return "".join(each.name[0] if each.name != "broken" else "!" for each in rows)


def test_filters_show_what_they_say_and_only_what_there_is():
    found = {name: names(rows) for name, rows in sheet.filters(ROWS, LABELS).items()}
    assert found == {
        "/all": "abc!d",
        "cat": "ad",
        "dog": "bc",
        "/unsure": "b",
        "/marked wrong": "bc",
        "/networks disagree": "bc",
        "/can't be read": "!",
    }
    assert list(sheet.filters(ROWS[:1], LABELS)) == ["/all", "cat"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [(sheet.AS_THEY_CAME, "abc!d"), (sheet.LEAST, "bdac!"), (sheet.MOST, "cadb!"), (sheet.DIFFERENCE, "cbad!")],
)
def test_orders_put_what_can_not_be_read_last(order, expected):
    assert names(sheet.ordered(ROWS, order)) == expected


def test_the_difference_is_between_probabilities_of_the_same_label():
    assert [each.difference for each in ROWS] == pytest.approx([0.3, 0.25, 0.89, 0, 0])


def test_the_mark_decides_the_class_and_neither_is_none():
    found = {label: names(rows) for label, rows in sheet.by_class(ROWS).items()}
    assert found == {"cat": "abd"}
    assert {label: names(rows) for label, rows in sheet.by_class(ROWS, is_marked_only=True).items()} == {"cat": "bd"}
    assert sheet.by_class([BROKEN, Row("x", "x", Path("x"), mark="dog", answer=BROKEN.answer)]) == {}


def test_what_looks_like_neither_has_a_filter_and_is_kept_only_where_it_is_marked():
    rows = [row("e", "cat", 0.9, neither=True), row("f", "dog", 0.9, neither=True, mark="dog"), row("g", "dog", 0.9, neither=False)]
    assert {name: names(found) for name, found in sheet.filters(rows, LABELS).items()} == {
        "/all": "efg",
        "dog": "g",
        "/look like neither": "ef",
        "/marked wrong": "f",
    }
    assert {label: names(found) for label, found in sheet.by_class(rows).items()} == {"dog": "fg"}
    assert [line["looks like neither"] for line in csv.DictReader(sheet.as_csv(rows, [], "bundled").splitlines())] == ["yes", "yes", ""]


def test_a_csv_file_has_all_that_is_shown():
    lines = list(csv.DictReader(sheet.as_csv(ROWS, [("letter, 1.txt", "Not an image.")], "bundled", "mine").splitlines()))
    assert [line["picture"] for line in lines] == ["a", "b", "c", "broken", "d", "letter, 1.txt"]
    assert lines[1] == {
        "picture": "b",
        "answer of bundled": "dog",
        "probability": "0.550000",
        "unsure": "yes",
        "looks like neither": "",
        "answer of mine": "cat",
        "probability by mine": "0.700000",
        "looks like neither to mine": "",
        "networks disagree": "yes",
        "marked as": "cat",
        "marked wrong": "yes",
        "problem": "",
    }
    assert lines[2]["marked as"] == "neither"
    assert [line["problem"] for line in lines[3:]] == ["The file is empty.", "", "Not an image."]
    alone = list(csv.DictReader(sheet.as_csv(ROWS, [], "bundled").splitlines()))
    assert len(alone) == 5 and "networks disagree" not in alone[0] and lines[0]["probability"] == alone[0]["probability"]


def test_no_name_is_a_formula_in_a_spreadsheet():
    rows = [row("=1+1.jpg", "cat", 0.9, ("dog", 0.8)), row("-1", "@class", 0.9)]
    lines = list(csv.reader(sheet.as_csv(rows, [("+x.txt", "=reason")], "=net", "@other").splitlines()))
    assert lines[1][:3] == ["'=1+1.jpg", "cat", "0.900000"] and lines[2][:2] == ["-1", "'@class"]
    assert lines[3][0] == "'+x.txt" and lines[3][-1] == "'=reason"
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "@"))]


def test_networks_disagree_where_only_one_says_neither():
    one, both = (Answer("h", "dog", 0.8, neither=True), Answer("i", "dog", 0.8, neither=True))
    answers = [("g", False, one), ("h", False, Answer("h", "cat", 0.8)), ("i", True, both), ("j", True, Answer("j", "cat", 0.9))]
    rows = [Row(name, name, Path(name), Answer(name, "cat", 0.9, neither=neither), other) for name, neither, other in answers]
    assert names(sheet.filters(rows, LABELS)[sheet.DISAGREE]) == "gj"
    assert names(sheet.ordered(rows, sheet.DIFFERENCE))[:2] == "gj"
    lines = csv.DictReader(sheet.as_csv(rows, [], "bundled", "mine").splitlines())
    assert [line["looks like neither to mine"] for line in lines] == ["yes", "", "yes", ""]


def test_a_class_called_neither_is_not_the_mark():
    named = row("k", "neither", 0.9, mark=sheet.NEITHER)
    assert named.is_wrong and not row("l", "neither", 0.9, mark="neither").is_wrong
    assert {label: names(found) for label, found in sheet.by_class([row("m", "cats", 0.9, mark="neither"), named]).items()} == {
        "neither": "m"
    }
