"""What the names of files say: the class of each image, by a word that is known, or by the two words that tell them all apart."""

import os.path
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from catsdogs.data import roles, vocabulary

_KNOWN = re.compile(rf"(?<![^\W\d_])({'|'.join(sorted(vocabulary.CLASS_WORDS, key=len, reverse=True))})(?![^\W\d_])", re.IGNORECASE)
_LEAST = 2  # files of each of two words that tell classes


def class_of(name: str) -> str | None:
    """ "cat" or "dog" where a word of a file's name says so, and none says the other: `cat.0.jpg`, `IMG_dog_7.JPG`, `Katze (1).jpg`, but
    not `category.jpg`.
    """
    return _class_of(_said(name))


def class_word(name: str) -> str | None:
    """The class by the word in the file's name, as it is written; cats and dogs are called cat and dog."""
    found = _said(name)
    kind = _class_of(found)
    return kind if kind is None or found[0].lower().removesuffix("s") == kind else found[0]


def told_apart(names: Iterable[str]) -> dict[str, str]:
    """The class of each file by the first word that not all of them have, where these words are two: `Luna 1.jpg`, `Bello (2).jpg`.

    Nothing where they are fewer or more, or where a word is of one file alone. Where most names say something, a file whose name says
    nothing, as `IMG_1.jpg` does, is left without a class.
    """
    found = _first_words(names)
    return found if len(set(map(roles.key, found.values()))) == 2 else {}


def telling_words(names: Iterable[str]) -> set[str]:
    """The words by which the names can be told apart, each in one spelling, as `told_apart` finds them, however many they are."""
    return set({roles.key(word): word for word in _first_words(names).values()}.values())


def _first_words(names: Iterable[str]) -> dict[str, str]:
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
    """The words that a person may have written; none where the name begins with a tool's, or is made of single letters, as codes are."""
    words = [word for word in vocabulary.parts_of(os.path.splitext(name)[0]) if not word.isdecimal()]
    if not words or vocabulary.is_of_tool(words[0].casefold()):
        return []
    return [word for word in words if len(word) > 1 or not word.isascii()]
