"""Listings of photographs that nobody took, for tests of what is found in them."""

from catsdogs.data.corrections import Corrections
from catsdogs.data.dataset import Listing, Photo


def photo(label, number, width=300, height=200, digest="", **facts):
    path = f"{label}/{number}.jpg"
    return Photo(path, label, None, width, height, digest or path, **{"format": "JPEG", **facts})


def listing(*more, cats=60, dogs=60, **facts):
    photos = [*(photo("cats", number) for number in range(cats)), *(photo("dogs", number) for number in range(dogs)), *more]
    return Listing("/photos", ("cats", "dogs"), tuple(photos), facts.pop("set_aside", ()), "fingerprint", **facts)


def judged(**roles):
    return Corrections(images={path.replace("_", "/") + ".jpg": role for path, role in roles.items()})


def paths(found):
    return [[item.path for item in group] for group in found.groups]
