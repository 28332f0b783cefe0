"""A model's file that can't be read again never takes the place of one that can."""

import os
import zipfile

import keras
import pytest

from catsdogs.system.files import Damaged
from catsdogs.system.shortage import DiskFull
from catsdogs.training import checkpoint
from tests.limits import files_up_to


@pytest.fixture(scope="module")
def model():
    model = keras.Sequential([keras.Input((100,)), keras.layers.Dense(500)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_what_was_written_is_in_its_place_and_no_larger_than_said(model, tmp_path):
    path = tmp_path / "model.keras"
    checkpoint.replace(path, model, model.save)
    assert os.listdir(tmp_path) == ["model.keras"]
    assert 600_000 < path.stat().st_size <= checkpoint.size(model) < 900_000
    keras.saving.load_model(path)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_byte_that_came_out_otherwise_is_noticed_before_the_old_one_is_lost(model, tmp_path, place):
    def write(path):
        model.save(path)
        content = bytearray(path.read_bytes())
        content[int(len(content) * place)] ^= 1
        path.write_bytes(content)

    path = tmp_path / "model.keras"
    path.write_text("old")
    with pytest.raises(Damaged):
        checkpoint.replace(path, model, write)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["model.keras"]


def test_an_archive_of_weights_that_end_too_early_is_noticed(model, tmp_path):
    def write(path):
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content[: len(content) // 2] if name.endswith(".h5") else content)

    with pytest.raises(Damaged):
        checkpoint.replace(tmp_path / "model.keras", model, write)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("count", [0, 500, 10_000, 100_000, 600_000])
def test_wherever_the_disk_is_full_the_old_one_stays_and_the_error_says_what_it_needs(model, tmp_path, count):
    path = tmp_path / "model.keras"
    path.write_text("old")
    with files_up_to(count), pytest.raises(DiskFull, match="free in .*, the checkpoint needs 8.. kB"):
        checkpoint.replace(path, model, model.save)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["model.keras"]
