"""The subset or the class that a folder is named after. Nothing is read from disk here."""

import re
import unicodedata
from functools import lru_cache

from catsdogs.data import vocabulary
from catsdogs.data.vocabulary import ANNOTATIONS, CLASS_WORDS, CONJUNCTIONS, NEGATIONS, SUBSET_WORDS

SUBSETS = ("training", "validation", "test")
SYSTEM = ("__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "lost+found", "System Volume Information", "@Recycle", "@tmp")
_OF_CAMERA = re.compile(r"[1-9]\d\d[A-Z0-9_]{5}")


def subset_of(name: str) -> str | None:
    """The subset that a folder is named after, as `Training Data`, `seg_train`, `dev` and `train_cats` are."""
    words = vocabulary.words_of(name)
    subsets = {SUBSET_WORDS[word] for word in words if word in SUBSET_WORDS}
    rest = [word for word in words if word not in SUBSET_WORDS and word not in CLASS_WORDS and word not in CONJUNCTIONS]
    return subsets.pop() if len(subsets) == 1 and vocabulary.are_plain(rest) else None


def says_nothing(name: str) -> bool:
    """Whether a folder's name tells nothing of what is in the photographs: `images` and `Photos 2`, and what cameras and phones give
    (DCF), such as `100APPLE` and `101_PANA`. A mere number may be a class.
    """
    words = vocabulary.words_of(name)
    return bool(_OF_CAMERA.fullmatch(name)) or (vocabulary.are_plain(words) and not all(map(str.isdecimal, words)))


def is_of_annotations(name: str) -> bool:
    """Whether a folder is named after what is drawn or written about photographs, as `annotations` and `masks` are."""
    return any(word in ANNOTATIONS for word in vocabulary.words_of(name))


def class_of(name: str) -> str | None:
    """The class that a folder is named after, "cat" or "dog", as `Cat`, `cats`, `Katzen` and `01_dog_images` are; else None."""
    words = vocabulary.words_of(name)
    classes = {CLASS_WORDS[word] for word in words if word in CLASS_WORDS}
    rest = [word for word in words if word not in CLASS_WORDS and word not in SUBSET_WORDS]
    return classes.pop() if len(classes) == 1 and vocabulary.are_plain(rest) else None


def animal_in(name: str) -> str | None:
    """The word for cats or dogs among others in a folder's name, as it is written: `cats` in `Anna's black cats`, none in `no cats`."""
    words = {part.casefold(): part for part in vocabulary.parts_of(name)}
    found = {CLASS_WORDS[word]: part for word, part in words.items() if word in CLASS_WORDS}
    return next(iter(found.values())) if len(found) == 1 and not NEGATIONS & words.keys() else None


@lru_cache(maxsize=1000)  # called for each image of a folder
def key(label: str) -> str:
    """The same key for all spellings of a class: `Cat`, `cats` and `cat`; `Käfer` and `käfer`, composed or not."""
    return class_of(label) or unicodedata.normalize("NFC", label).casefold()
