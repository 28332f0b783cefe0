"""The data sets that can be downloaded: what each holds, its licence, its size, and what it must hash to."""

from dataclasses import dataclass

from catsdogs.errors import InputError


@dataclass(frozen=True)
class Offer:
    """A ZIP file on a server. `size` is in bytes; `sha256` is None if none was ever published.

    The MD5 hash that the server may send with the file is then compared instead.
    """

    name: str
    title: str
    url: str
    size: int
    sha256: str | None
    holds: str
    licence: str


STARTER = Offer(
    name="starter",
    title="Google's starter set",
    url="https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
    size=68_606_236,
    sha256=None,
    holds="3,000 photographs: 1,000 of each class for training, 500 of each for validation",
    licence="A selection from Microsoft's set, published by Google for its machine-learning courses; no licence of its own is stated",
)
FULL = Offer(
    name="full",
    title="Microsoft's full set",
    url="https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/kagglecatsanddogs_5340.zip",
    size=824_887_076,
    sha256="b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",  # as in TensorFlow Datasets
    holds="25,000 photographs, 12,500 of each class; a few can't be decoded",
    licence="CDLA-Permissive-2.0",
)
OFFERS = (STARTER, FULL)


def find(name: str) -> Offer:
    """The offer of that name. Raises InputError with the known names."""
    for offer in OFFERS:
        if offer.name == name:
            return offer
    raise InputError(f"There is no data set {name!r} to download; choose {' or '.join(offer.name for offer in OFFERS)}.")
