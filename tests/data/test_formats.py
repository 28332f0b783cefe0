"""Which files look like images, by their first bytes."""

import pytest

from catsdogs.data import formats
from tests.images import encoded, noise


@pytest.mark.parametrize("kind", formats.FORMATS)
def test_what_a_file_is_is_told_by_its_start(kind):
    assert formats.kind(encoded(noise(0), kind)[: formats.HEAD]) == kind


def test_a_tiff_may_be_a_big_one():
    assert formats.kind(encoded(noise(0), "TIFF", big_tiff=True)[: formats.HEAD]) == "TIFF"


def test_a_start_that_says_nothing_is_of_no_format():
    assert formats.kind(b"Dear dog, how are") == formats.kind(b"") == ""
