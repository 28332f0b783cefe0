"""What names say: the subset or the class that a folder or a file is named after. Nothing is read from disk here."""

import re
import unicodedata
from functools import lru_cache

SUBSETS = ("training", "validation", "test")
SYSTEM = ("__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "lost+found", "System Volume Information", "@Recycle", "@tmp")
_SUBSET_WORDS = {
    **dict.fromkeys(("train", "training", "trainset"), "training"),
    **dict.fromkeys(("validation", "val", "valid", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "testset", "holdout"), "test"),
}
_CLASS_WORDS = {"cat": "cat", "cats": "cat", "dog": "dog", "dogs": "dog"}
_PLAIN_WORDS = ("set", "data", "dataset", "image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "pic", "pics")
_PLAIN_WORDS += ("seg", "split", "folder", "files", "jpg", "jpeg", "png")
_CONJUNCTIONS = frozenset(("and", "or", "vs", "versus", "n"))
_OF_CAMERA = re.compile(r"[1-9]\d\d[A-Z0-9_]{5}")
_FILE = re.compile(r"(cat|dog)s?(?![a-z])", re.IGNORECASE)


def subset_of(name: str) -> str | None:
    """The subset that a folder is named after, as `Training Data`, `seg_train`, `dev` and `train_cats` are."""
    words = _words(name)
    subsets = {_SUBSET_WORDS[word] for word in words if word in _SUBSET_WORDS}
    rest = [word for word in words if word not in _SUBSET_WORDS and word not in _CLASS_WORDS and word not in _CONJUNCTIONS]
    return subsets.pop() if len(subsets) == 1 and _are_plain(rest) else None


def is_of_camera(name: str) -> bool:
    """Whether a folder has a name that cameras and phones give (DCF), such as `100APPLE` and `101_PANA`, which says nothing."""
    return bool(_OF_CAMERA.fullmatch(name))


def class_of(name: str) -> str | None:
    """ "cat" or "dog" where a folder is named after one of them, as `Cat`, `cats` and `01_dog_images` are."""
    words = _words(name)
    classes = {_CLASS_WORDS[word] for word in words if word in _CLASS_WORDS}
    rest = [word for word in words if word not in _CLASS_WORDS and word not in _SUBSET_WORDS]
    return classes.pop() if len(classes) == 1 and _are_plain(rest) else None


def class_of_file(name: str) -> str | None:
    """ "cat" or "dog" where a file's name begins so: `cat.0.jpg`, `Dog_7.JPG`, but not `category.jpg`."""
    found = _FILE.match(name)
    return found.group(1).lower() if found else None


@lru_cache(maxsize=1000)  # for each image of a folder again
def key(label: str) -> str:
    """The same for all spellings of a class: `Cat`, `cats` and `cat` are one, and so are `Käfer` and `käfer`, however composed."""
    return class_of(label) or unicodedata.normalize("NFC", label).casefold()


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", unicodedata.normalize("NFKC", name))
    return [word for word in re.split(r"[\W_]+", apart.casefold()) if word]


def _are_plain(words: list[str]) -> bool:
    return all(word in _PLAIN_WORDS or word.isdecimal() for word in words)
