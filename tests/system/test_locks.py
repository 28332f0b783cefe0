"""Locks between processes."""

import pytest

from catsdogs.system import locks
from catsdogs.system.shortage import DiskFull
from tests import mounts


def test_a_lock_that_finds_no_place_on_a_full_disk_says_so(tmp_path):
    refused = pytest.raises(DiskFull, match=f"The disk is full: .* free in {tmp_path}, a file could not be written")
    with mounts.without_inodes(tmp_path, 1), refused, locks.hold(tmp_path / "a.lock"):
        pass
