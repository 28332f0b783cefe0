"""What the health check finds: a finding for each kind, with its grade and the photographs that it is about.

`health` and `copies` find them; pages show them.
"""

from dataclasses import dataclass

FINE, LOOK, TROUBLE, UNKNOWN = "fine", "look at it", "trouble", "not looked yet"  # grades


@dataclass(frozen=True)
class Item:
    """A photograph of a finding: its class, and a note on it; `size` is its width and height in px where these matter.

    A spare one can be left out together with all others of its finding. One that `is_in_conflict` can't be called fine: it is not used
    before its class is known.
    """

    path: str
    label: str
    note: str = ""
    is_spare: bool = False
    is_in_conflict: bool = False
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Finding:
    """What is said in one sentence, and more in `about`. `groups` are photographs that belong side by side."""

    name: str
    grade: str
    sentence: str
    about: str = ""
    groups: tuple[tuple[Item, ...], ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """All of its photographs."""
        return tuple(item for group in self.groups for item in group)
