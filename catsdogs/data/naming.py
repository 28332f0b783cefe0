"""What classes are called: cats and dogs by the animal, whatever their folders are called; other classes by their names."""

from collections.abc import Sequence

from catsdogs.data import roles


def labels_of(class_names: Sequence[str]) -> tuple[str, ...]:
    """The answers of a network that tells these classes apart: cat and dog, even if their names are other words for both, as `Katzen` and
    `Hunde` are; else the `label_of` each. It takes both names to decide that: `pies` are dogs in Polish.
    """
    found = tuple(map(roles.class_of, class_names))
    return found if sorted(map(str, found)) == ["cat", "dog"] else tuple(map(label_of, class_names))


def label_of(class_name: str) -> str:
    """`Cat`, `cats` -> `cat`; `Dog`, `dogs` -> `dog`; any other class keeps its name."""
    return singular(class_name) if singular(class_name) in ("cat", "dog") else class_name


def plural_of(label: str) -> str:
    """Cats, dogs; another label as it is, since it may be a plural already, or not English."""
    return f"{label}s" if label in ("cat", "dog") else label


def counted(count: int, class_name: str) -> str:
    """1 cat, 2 cats, 2 Golden Retrievers."""
    label = label_of(class_name)
    return f"{count:,} {label if count == 1 else plural_of(label)}"


def singulars_of(class_names: Sequence[str]) -> tuple[str, ...]:
    """Each name as `singular` gives it."""
    return tuple(map(singular, class_names))


def singular(class_name: str) -> str:
    """The name in lower case without a plural s: `Cats` -> `cat`."""
    return class_name.lower().removesuffix("s")
