"""A run for other runtimes: what is offered answers as the network does, with nothing of the project or of Keras on the path."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pytest

from catsdogs.data import dataset
from catsdogs.errors import InputError
from catsdogs.export import bundle, float32, input_range, litert, onnx, portable, samples, worth
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import store, temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from tests.images import photographs, picture
from tests.storing import environment, finished, tell_neither

RUNTIMES = {"litert": ("ai_edge_litert",), "onnx": ("onnx", "onnxruntime", "tf2onnx")}


def stored(**settings):
    """A finished run whose untrained network is far from sure, and not of every picture the same."""
    run = finished(Config(model="dense", dense_units=16, target_size=32, precision="float32", **settings))
    registry.build(run.config).save(run.model_path)
    temperature.save(run, Temperature(0.6, 100, 0.05, 0.01))
    return run


@pytest.mark.parametrize("format", ["litert", "onnx"])
def test_elsewhere_it_gives_the_pages_answers_without_keras(format, tmp_path):
    for name in RUNTIMES[format]:
        pytest.importorskip(name)
    run = stored(crop_to_aspect_ratio=True)
    paths = [picture(tmp_path / f"{number}.jpg", (60 + 90 * number, 70), low=20 * number) for number in range(6)]
    tell_neither(run, paths)
    portable.write(run, format, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "letter.jpg").write_text("Dear cat,")
    paths.append(tmp_path / "letter.jpg")
    expected = classifier.classify(classifier.load(run), [(str(path), path) for path in paths], temperature=0.6)
    for words, near in (((), 1e-4), (("--8-bits",), 0.1)):
        command = [sys.executable, tmp_path / run.id / "classify.py", "--json", *words, *paths]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={})
        assert ended.returncode == 2, ended.stderr
        answers = json.loads(ended.stdout)
        assert [answer.get("error") for answer in answers] == [answer.error for answer in expected]
        given = [said["probability"] if said["label"] == "dog" else 1 - said["probability"] for said in answers[:-1]]
        wanted = [said.probability if said.label == "dog" else 1 - said.probability for said in expected[:-1]]
        np.testing.assert_allclose(given, wanted, atol=near)
        assert [answer.get("neither") for answer in answers] == [answer.neither for answer in expected]
    assert len({round(value, 3) for value in wanted}) > 3 and {answer.neither for answer in expected} == {True, False, None}


@pytest.mark.parametrize("kind", [litert, onnx], ids=["litert", "onnx"])
def test_its_input_is_that_of_the_model_in_the_zip_file(kind, tmp_path):
    if kind is onnx:
        for name in RUNTIMES["onnx"]:
            pytest.importorskip(name)
    run = stored()
    tell_neither(run, [picture(tmp_path / f"{number}.jpg", (60, 70), low=40 * number) for number in range(3)])
    network, model = portable.network(run), bundle.network(run)
    pixels = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    kind.write_8_bits(network, pixels, tmp_path / f"small{kind.SUFFIX}")
    kind.write(network, tmp_path / f"network{kind.SUFFIX}")
    for name, near in (("network", 1e-5), ("small", 0.1)):
        answer = kind.open_file(tmp_path / f"{name}{kind.SUFFIX}")
        wanted = network.predict_on_batch(pixels[:1].astype(np.float32))[0]
        assert wanted[:1] == pytest.approx(model.predict_on_batch(pixels[:1].astype(np.float32))[0], abs=1e-6)
        assert answer(pixels[0]) == pytest.approx(wanted, abs=near) and wanted.shape == (2,)
        assert answer(pixels[0] / 255) == pytest.approx(answer(pixels[0]), abs=1e-6)
        assert np.isnan(answer(pixels[0] - 300.0)).all()


def test_a_network_of_shorter_numbers_is_one_of_32_bits():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = registry.build(Config(model="conv2d", target_size=32, dense_units=8))
    finally:
        keras.config.set_dtype_policy(before)
    plain = float32.of(network)
    pixels = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    assert {layer.compute_dtype for layer in plain.layers} <= {"float32", "uint8"}
    np.testing.assert_allclose(plain.predict_on_batch(pixels), network.predict_on_batch(pixels), atol=0.02)
    assert float32.of(plain) is plain


def test_a_network_that_normalises_by_given_numbers_takes_pixels_alone_as_onnx(shallow_efficientnet, tmp_path):
    for name in RUNTIMES["onnx"]:
        pytest.importorskip(name)
    network = registry.build(Config(model="efficientnetv2b0", target_size=32, weights="none"))
    plain = float32.of(network)
    pixels = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    expected = network.predict_on_batch(pixels)
    np.testing.assert_allclose(plain.predict_on_batch(pixels), expected, atol=1e-5)
    onnx.write(input_range.accept_any(plain, 32), tmp_path / "network.onnx")
    answer = onnx.open_file(tmp_path / "network.onnx")
    np.testing.assert_allclose([answer(image) for image in pixels], expected, atol=1e-5)


@pytest.mark.parametrize("format", ["onnx", "web"])
def test_a_network_that_onnx_can_not_express_is_refused(format, tmp_path):
    with pytest.raises(InputError, match="convnexttiny has operations that can't be converted to ONNX: export the run to LiteRT"):
        portable.write(finished(Config(model="convnexttiny")), format, tmp_path / "run.zip")
    assert list(tmp_path.iterdir()) == []


def test_32_bits_that_differ_are_not_offered_and_8_bits_that_do_are_left_out(tmp_path):
    path = tmp_path / "network.tflite"
    path.write_bytes(b"1234")
    pixels, expected = np.arange(20, dtype=np.float32), np.linspace(0, 1, 20)[:, None]
    same = worth.measure(path, 32, lambda value: expected[int(value)], pixels, expected, expected[:, 0] > 0.3)
    assert (same.bytes, same.agreement, same.difference, same.refusal, same.accuracy, same.neither) == (4, 1, 0, "", 0.8, None)
    off = worth.measure(path, 32, lambda value: expected[int(value)] + 0.002, pixels, expected, None)
    assert "differs by 0.0020" in off.refusal and off.accuracy is None
    assert "nan" in worth.measure(path, 32, lambda value: [float("nan")], pixels, expected, None).refusal
    rough = worth.measure(path, 8, lambda value: 1 - expected[int(value)], pixels, expected, None)
    assert rough.refusal == "it gives the network's answer to only 0 of 20 images; 95% is required"
    assert not worth.measure(path, 8, lambda value: expected[int(value)] / 2 + 0.25, pixels, expected, None).refusal


def test_what_tells_neither_otherwise_is_not_offered(tmp_path):
    path = tmp_path / "network.tflite"
    path.write_bytes(b"1234")
    pixels, expected = np.arange(20, dtype=np.float32), np.stack([np.linspace(0, 1, 20), np.linspace(-3, 3, 20)], axis=1)
    off = worth.measure(path, 8, lambda value: expected[int(value)] - [0, 1], pixels, expected, None)
    assert (off.agreement, off.neither) == (1, 0.85) and "answer to" not in off.refusal, "every answer is the network's"
    assert "on whether an image looks like neither class for only 17 of 20 images" in off.refusal
    assert worth.measure(path, 32, lambda value: expected[int(value)] - [0, 0.1], pixels, expected, None).neither == 1


def on_photographs(tmp_path):
    """A run on sixty photographs that are on this machine."""
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 80, "dogs": 80}))
    run = stored(data=listing.folder, validation_split=0.3, test_split=0.1, batch_size=8)
    store.write_environment(run, {**environment(run), "data_fingerprint": listing.fingerprint})
    return run, listing


def test_it_is_checked_on_validation_photographs_while_they_are_there(tmp_path):
    run, listing = on_photographs(tmp_path)
    found = samples.find(run)
    assert found.what == "photographs of its validation subset" and len(found.checked) == len(found.labels) == 48
    assert len(found.ranges) == 96 and sorted(np.bincount(found.labels)) == [24, 24]
    for photo in listing.photos:
        listing.path(listing.photos.index(photo)).unlink()
    found = samples.find(run)
    assert "drawings" in found.what and found.labels is None and len(found.checked) == len(found.ranges) == samples.COUNT


def test_no_other_photographs_that_lie_in_their_places_by_now_are_taken_for_those_of_the_run(tmp_path):
    run, listing = on_photographs(tmp_path)
    for index in range(len(listing.photos)):
        listing.path(index).write_bytes(listing.path(index).read_bytes() + b"another")
    assert "drawings" in samples.find(run).what


def test_photographs_of_another_folder_can_be_given(tmp_path):
    run = stored()
    found = samples.find(run, photographs(tmp_path / "others", {"Cat": 30, "Dog": 30}))
    assert len(found.checked) == len(found.ranges) == 30 and set(found.labels) == {0, 1}
    with pytest.raises(InputError, match="has 8 photographs; checking an export takes 40 or more"):
        samples.find(run, photographs(tmp_path / "few", {"cats": 4, "dogs": 4}))
    with pytest.raises(InputError, match="holds birds and fish"):
        samples.find(run, photographs(tmp_path / "zoo", {"birds": 30, "fish": 30}))


def test_what_is_left_out_is_not_in_the_file_and_the_table_says_why(tmp_path):
    run = stored()
    small = worth.Worth("network-8-bits.tflite", 8, 10, 1.0, 0.5, 0.4, None, "it gives other answers")
    exact = worth.Worth("network.tflite", 32, 40, 2.0, 1.0, 0.0)
    exported = portable.Exported("litert", 100, "drawings", None, (exact, small))
    (tmp_path / exact.name).write_bytes(b"network")
    portable._pack(run, exported, [tmp_path / exact.name], tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert f"{run.id}/{exact.name}" in archive.namelist() and f"{run.id}/{small.name}" not in archive.namelist()
        assert json.loads(archive.read(f"{run.id}/classify.json"))["files"] == {"32": exact.name, "8": exact.name}
        assert "left out: it gives other answers" in archive.read(f"{run.id}/README.txt").decode()
        archive.extractall(tmp_path)
    command = [sys.executable, tmp_path / run.id / "classify.py", "--8-bits", "cat.jpg"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={})
    assert ended.stderr.startswith("The network in 8 bits was left out, as README.txt says: using 32 bits.")
    assert "100.0%" in portable.table(replace(exported, accuracy=1.0))


def test_a_run_without_a_model_is_refused_and_leaves_no_file(tmp_path):
    with pytest.raises(InputError, match="no model yet"):
        portable.write(store.create(Config()), "litert", tmp_path / "run.zip")
    assert list(tmp_path.iterdir()) == []
