"""The class of each image by the name of its file: by a known word, or by the two words that tell all files apart."""

import os.path
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from catsdogs.data import roles, vocabulary

_KNOWN = re.compile(rf"(?<![^\W\d_])({'|'.join(sorted(vocabulary.CLASS_WORDS, key=len, reverse=True))})(?![^\W\d_])", re.IGNORECASE)
_LEAST = 2  # files of each of two words that tell classes


def class_of(name: str) -> str | None:
    """The class that a word of a file's name says, "cat" or "dog"; None if none does, or several disagree.

    `cat.0.jpg`, `IMG_dog_7.JPG` and `Katze (1).jpg` have one, `category.jpg` has none.
    """
    return _class_of(_said(name))


def class_word(name: str) -> str | None:
    """The word that says the class, as it is written; English ones, in singular or plural, as cat or dog."""
    found = _said(name)
    kind = _class_of(found)
    return kind if kind is None or found[0].lower().removesuffix("s") == kind else found[0]


def told_apart(names: Iterable[str]) -> dict[str, str]:
    """The class of each file by the first word that not all of them have, if there are two such words: `Luna 1.jpg`, `Bello (2).jpg`.

    Empty if there are fewer or more, or if a word occurs in one file only. A file whose name says nothing, such as `IMG_1.jpg`, is left
    without a class, as long as most names say something.
    """
    found = _first_words(names)
    return found if len(set(map(roles.key, found.values()))) == 2 else {}


def telling_words(names: Iterable[str]) -> set[str]:
    """The words by which `told_apart` would tell the names apart, each in one spelling, however many there are."""
    return set({roles.key(word): word for word in _first_words(names).values()}.values())


def _first_words(names: Iterable[str]) -> dict[str, str]:
    """For each name that says something, its first word that not all of these have; empty unless most names have one, and none is alone."""
    said = {name: _own_words(name) for name in names}
    telling = {name: words for name, words in said.items() if words}
    common = set.intersection(*({word.casefold() for word in words} for words in telling.values())) if telling else set()
    first = {name: next((word for word in words if word.casefold() not in common), None) for name, words in telling.items()}
    found = {name: word for name, word in first.items() if word}
    counts = Counter(map(roles.key, found.values()))
    return found if counts and min(counts.values()) >= _LEAST and 2 * len(found) > len(said) else {}


def _said(name: str) -> list[str]:
    return _KNOWN.findall(unicodedata.normalize("NFC", name))


def _class_of(found: list[str]) -> str | None:
    classes = {vocabulary.CLASS_WORDS[word.casefold()] for word in found}
    return classes.pop() if len(classes) == 1 else None


def _own_words(name: str) -> list[str]:
    """The words that a person may have chosen; none if the name begins with a tool's word, or consists of single letters, as codes do."""
    words = [word for word in vocabulary.parts_of(os.path.splitext(name)[0]) if not word.isdecimal()]
    if not words or vocabulary.is_of_tool(words[0].casefold()):
        return []
    return [word for word in words if len(word) > 1 or not word.isascii()]
