"""What things are called on a page, however they are named."""

from pathlib import Path

import pytest

from pages.parts.shared import names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("drawn-2000-0", "Drawn · 2,000 images"),
        ("drawn-20-7", "Drawn · 20 images, seed 7"),
        ("drawn-cats", None),
        ("drawn-", None),
        ("drawn-2000", None),
        ("drawn-many-0", None),
        ("drawn-2000-0-copy", None),
        ("drawn-²-0", None),
        ("photographs", None),
    ],
)
def test_a_data_set_has_the_name_of_its_folder_unless_it_was_drawn_here(home, name, shown):
    folder = home / "data" / name
    assert names.data_set(folder) == names.data_set(str(folder)) == (shown or name)
    elsewhere = Path("data", name)
    assert names.data_set(elsewhere) == str(elsewhere)


@pytest.mark.parametrize("odd", ["", "/", ".", "data/drawn-cats", "~", "C:\\cats"])
def test_odd_names_of_a_data_set_are_shown_as_they_are(odd):
    assert names.data_set(odd) == odd
    assert names.setting("data", odd) in (odd, Path(odd).name)
