"""NumPy's files: whatever is wrong with one is said of that file."""

import numpy as np
import pytest

from catsdogs.data import arrays
from catsdogs.system.files import Damaged
from tests import breaking

DAMAGES = {
    **breaking.CONTENTS,
    "a folder": breaking.PLACES["a folder"],
    "on a broken disk": breaking.READING["on a broken disk"],
    "missing": breaking.remove,
    "with a header that is no Python": lambda path: path.write_bytes(path.read_bytes().replace(b"(3,)", b"(3((")),
    "of many values": lambda path: path.write_bytes(path.read_bytes().replace(b"(3,), }          ", b"(3000000000000,),")),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_array_is_named(kind, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(3))
    np.testing.assert_array_equal(arrays.load(path), np.arange(3))
    DAMAGES[kind](path)
    with pytest.raises(Damaged, match="a.npy can't be read"):
        arrays.load(path)


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.9])
def test_several_are_named_where_they_are_cut_off(share, tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, a=np.arange(100), b=np.arange(3))
    assert list(arrays.load_several(path)) == ["a", "b"]
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(Damaged, match="a.npz can't be read"):
        arrays.load_several(path)


def test_one_is_not_several(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    np.savez(tmp_path / "a.npz", a=np.arange(3))
    with pytest.raises(Damaged, match="holds one array"):
        arrays.load_several(tmp_path / "a.npy")
    with pytest.raises(Damaged, match="holds several arrays"):
        arrays.load(tmp_path / "a.npz")
