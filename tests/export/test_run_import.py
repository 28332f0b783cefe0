"""A run that was downloaded, brought to another server: the same run, or a sentence and nothing of it."""

import ast
import hashlib
import io
import json
import os
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from catsdogs.errors import InputError
from catsdogs.export import bundle, run_import, script
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import history, store, temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from catsdogs.system import home
from tests.limits import files_up_to
from tests.storing import finished
from tests.zips import listing_many

LABEL = {"name": "", "note": "", "is_starred": False}


@pytest.fixture
def run():
    run = finished(Config(model="dense", dense_units=16, target_size=32, precision="float32"))
    registry.build(run.config).save(run.model_path)
    temperature.save(run, Temperature(0.6, 100, 0.05, 0.01))
    store.change_label(run, name="mine")
    return store.load(run.id)


@pytest.fixture
def downloaded(run, tmp_path):
    bundle.write(run, tmp_path / "run.zip")
    return tmp_path / "run.zip"


@pytest.fixture
def elsewhere(downloaded, tmp_path, monkeypatch):
    """Another server's home, which has no run."""
    monkeypatch.setenv("CATSDOGS_HOME", str(tmp_path / "elsewhere"))


def test_it_is_the_same_run_with_the_same_answers(run, downloaded, elsewhere):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    expected, epochs = classifier.load(run).model.predict_on_batch(pixels), history.load(run)
    found = run_import.add(downloaded)
    assert (found.id, found.config, found.state, found.created, found.label.name) == (run.id, run.config, "finished", run.created, "mine")
    assert found.folder != run.folder and history.load(found) == epochs and temperature.load(found).value == 0.6
    np.testing.assert_array_equal(classifier.load(found).model.predict_on_batch(pixels), expected)
    with pytest.raises(InputError, match=f"Run {run.id} is here already"):
        run_import.add(downloaded)


def rewritten(downloaded, change):
    """The ZIP file with its files, by name in the run's folder, as `change` leaves them."""
    with zipfile.ZipFile(downloaded) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    id = next(iter(held)).partition("/")[0]
    held = change({name.partition("/")[2]: content for name, content in held.items()})
    with zipfile.ZipFile(downloaded, "w") as archive:
        for name, content in held.items():
            archive.writestr(f"{id}/{name}", content)
    return downloaded


def named(held, name, content):
    """The files with another one, whose digest is right."""
    digests = json.loads(held["sha256.json"]) | {name: hashlib.sha256(content).hexdigest()}
    return held | {name: content, "sha256.json": json.dumps(digests).encode()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda held: held | {"model.keras": held["model.keras"][:-1]}, "was changed: its model.keras"),
        (lambda held: held | {"config.json": held["config.json"] + b" "}, "was changed: its config.json"),
        (lambda held: {name: held[name] for name in held if name != "model.keras"}, "lacks files that it names"),
        (lambda held: {name: held[name] for name in held if name != "sha256.json"}, "not the ZIP file of a run"),
        (lambda held: held | {"sha256.json": b"[1]"}, "names files that a run does not have"),
        (lambda held: named(held, "../outside.json", b"{}"), "names files that a run does not have"),
        (lambda held: named(held, "lock", b""), "names files that a run does not have"),
        (lambda held: named(held, "model.keras", b"no model"), "can't be read"),
        (lambda held: named(held, "config.json", b"{}"), "not a run that can be read. config.json"),
        (lambda held: named(held, "status.json", b'{"state": "queued"}'), "It has not ended"),
        (lambda held: named(held, "log.txt", bytes(run_import.MAX_BYTES + 1)), "is larger than 50 MB"),
        (lambda held: named(held, "environment.json", bytes(run_import.MAX_ENVIRONMENT_BYTES + 1)), "is larger than 5 MB"),
        (lambda held: named(held, "label.json", json.dumps({**LABEL, "note": "n" * 10**5}).encode()), "is larger than 100 kB"),
        (
            lambda held: named(held, "config.json", json.dumps({**json.loads(held["config.json"]), "by": "n" * 10**5}).encode()),
            "is larger than",
        ),
        (lambda held: named(held, "predictions.csv", held["predictions.csv"].replace(b"cats/", b"/etc/")), "with a path in the data set"),
        (lambda held: named(held, "predictions.csv", held["predictions.csv"].replace(b"cats/", b"../")), "with a path in the data set"),
    ],
    ids=range(16),
)
def test_what_is_not_as_it_left_is_refused_and_nothing_of_it_stays(downloaded, elsewhere, change, words):
    rewritten(downloaded, change)
    with pytest.raises(InputError, match=words):
        run_import.add(downloaded)
    assert os.listdir(home.subfolder("runs")) == []


def remodelled(held, change):
    """The files with another model, in which the files of Keras are as `change` leaves them."""
    with zipfile.ZipFile(io.BytesIO(held["model.keras"])) as archive:
        inner = change({name: archive.read(name) for name in archive.namelist()})
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in inner.items():
            archive.writestr(name, part)
    return named(held, "model.keras", content.getvalue())


def test_which_layers_a_model_is_said_to_have_does_not_matter(run, downloaded, elsewhere):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    expected = classifier.load(run).model.predict_on_batch(pixels)
    hostile = {"module": "os", "class_name": "system", "config": {"command": "true"}, "registered_name": None}
    rewritten(downloaded, lambda held: remodelled(held, lambda inner: inner | {"config.json": json.dumps(hostile).encode()}))
    np.testing.assert_array_equal(classifier.load(run_import.add(downloaded)).model.predict_on_batch(pixels), expected)


def test_of_a_network_with_branches_in_16_bits_it_has_the_same_answers(small_resnet, tmp_path, monkeypatch):
    run = finished(Config(model="resnet", target_size=32, precision="mixed_bfloat16"))
    registry.build(run.config, "mixed_bfloat16").save(run.model_path)
    bundle.write(run, tmp_path / "run.zip")
    pixels = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    expected = classifier.load(run).model.predict_on_batch(pixels)
    monkeypatch.setenv("CATSDOGS_HOME", str(tmp_path / "elsewhere"))
    np.testing.assert_array_equal(classifier.load(run_import.add(tmp_path / "run.zip")).model.predict_on_batch(pixels), expected)


def test_a_model_of_other_settings_is_refused(downloaded, elsewhere):
    rewritten(downloaded, lambda held: named(held, "config.json", held["config.json"].replace(b'"dense_units": 16', b'"dense_units": 17')))
    with pytest.raises(InputError, match="is not that of its settings"):
        run_import.add(downloaded)
    assert os.listdir(home.subfolder("runs")) == []


def test_more_predictions_than_pages_can_show_are_refused(downloaded, elsewhere, monkeypatch):
    monkeypatch.setattr(run_import, "MAX_PREDICTIONS", 99, raising=False)
    with pytest.raises(InputError, match="more than 99 predictions"):
        run_import.add(downloaded)
    assert os.listdir(home.subfolder("runs")) == []


def test_what_unpacks_to_more_than_a_run_has_is_refused_before_it_is_unpacked(downloaded, elsewhere):
    with zipfile.ZipFile(downloaded, "a") as archive:
        archive.writestr("more", b"")
        archive.getinfo("more").file_size = 2 * 10**9
    with pytest.raises(InputError, match=r"it unpacks to 2\.0 GB, and a run has at most 1\.2 GB"):
        run_import.add(downloaded)


@pytest.mark.parametrize("id", ["--help", "日" * 100, "a" * 101], ids=["an option", "long in bytes", "long"])
def test_an_id_that_no_command_or_disk_takes_is_refused(downloaded, elsewhere, id):
    with zipfile.ZipFile(downloaded) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(downloaded, "w") as archive:
        for name, content in held.items():
            archive.writestr(f"{id}/{name.partition('/')[2]}", content)
    with pytest.raises(InputError, match="is not the id of a run"):
        run_import.add(downloaded)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("environment.json", {"corrections": {"folders": {}, "images={}) or __import__('os').system('true') or dict(": {"a": "b"}}}),
        ("config.json", {"start_from": "{__import__('os').system('true')}"}),
        ("config.json", {"start_from": "a\nimport os\nos.system('true')"}),
    ],
    ids=["corrections", "origin", "lines of the origin"],
)
def test_what_it_says_becomes_no_code_of_its_script(downloaded, elsewhere, name, changed):
    rewritten(downloaded, lambda held: named(held, name, json.dumps(json.loads(held[name]) | changed).encode()))
    written = script.of(run_import.add(downloaded))
    assert "system" not in [node.attr for node in ast.walk(ast.parse(written)) if isinstance(node, ast.Attribute)]


def test_a_file_that_is_said_to_begin_outside_of_it_is_refused(downloaded, elsewhere):
    content = bytearray(downloaded.read_bytes())
    place = content.index(b"PK\x01\x02")  # of the first entry in the list
    content[place + 42 : place + 46] = struct.pack("<L", 2**32 - 2)
    downloaded.write_bytes(content)
    with pytest.raises(InputError, match="begin outside of it"):
        run_import.add(downloaded)


@pytest.mark.parametrize("said", [100, 0xFFFFFFFF], ids=["a lie beside it", "as it is"])
def test_a_list_of_more_files_than_a_run_has_is_not_even_read(tmp_path, said):
    path = listing_many(tmp_path / "run.zip", 40_000, said)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="run.zip has too many files"):
            run_import.unpacked_size(path)
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size
    finally:
        tracemalloc.stop()


def test_a_model_that_lists_many_files_is_refused_and_the_list_not_read(downloaded, elsewhere, tmp_path):
    model = listing_many(tmp_path / "model.keras", 40_000, 100).read_bytes()
    rewritten(downloaded, lambda held: named(held, "model.keras", model))
    with pytest.raises(InputError, match="list of entries is too long"):
        run_import.add(downloaded)
    assert store.list_all() == []


def test_what_is_no_zip_file_is_refused(tmp_path):
    (tmp_path / "letter.zip").write_text("Dear cat,")
    with pytest.raises(InputError, match="is not a ZIP file"):
        run_import.add(tmp_path / "letter.zip")


def test_the_bundled_network_need_not_be_brought(tmp_path):
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as archive:
        archive.writestr("shipped/sha256.json", "{}")
    with pytest.raises(InputError, match="which every server has"):
        run_import.add(tmp_path / "run.zip")


@pytest.mark.parametrize("most", [100, 20_000], ids=["at its first file", "at its model"])
def test_a_full_disk_is_said_in_words_and_nothing_of_it_stays(downloaded, elsewhere, most):
    with files_up_to(most), pytest.raises(InputError, match=r"not allowed here: .* free in .*, the run in run\.zip could not be written"):
        run_import.add(downloaded)
    assert not os.listdir(home.subfolder("runs"))
