"""What all trainings share."""

import pytest

from tests.images import photographs


@pytest.fixture
def folder(tmp_path):
    """Sixty images, of which 44 are trained on."""
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
