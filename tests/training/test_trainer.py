"""Whole runs: what they leave behind, and what they refuse."""

import zipfile

import keras
import numpy as np
import pytest

from catsdogs.analysis import calibration, evaluation
from catsdogs.data import corrections, dataset, images, split
from catsdogs.networks import pretrained
from catsdogs.runs import history, predictions, store, temperature
from tests.images import photographs
from tests.running import AUGMENTED, create, curves, finish, stop_after, work


@pytest.mark.parametrize(
    "settings", [{}, {"model": "conv2d", "dense_units": 8, "precision": "mixed_bfloat16", **AUGMENTED}], ids=["dense", "conv2d"]
)
def test_a_run_leaves_its_model_and_what_that_scores(folder, settings):
    run = finish(create(folder, **settings))
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2]
    assert np.isfinite(curves(run)).all()

    result = evaluation.load(run)
    assert (result.training.count, result.validation.count, result.test.count) == (44, 8, 8)
    assert np.sum(result.confusion) == 8
    assert store.environment(run)["photographs"] == {"training": 44, "validation": 8, "test": 8}
    assert store.environment(run)["subsets"].keys() == {"training", "validation", "test"}

    predicted = predictions.load(run)
    assert {path: ("cats", "dogs")[label] for path, label, _ in predicted} == held_out(run)
    assert len(predicted) == 8
    assert np.mean([(probability >= 0.5) == label for _, label, probability in predicted]) == result.test.accuracy

    model = keras.saving.load_model(run.model_path)
    loaded = np.stack([images.load(folder / path, 32) for path, *_ in predicted])
    np.testing.assert_allclose(model.predict_on_batch(loaded)[:, 0], [probability for *_, probability in predicted], atol=1e-5)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert b"catsdogs" not in zipfile.ZipFile(run.model_path).read("config.json")  # loads where the library is not
    assert not run.resume_path.exists()
    assert {"started", "ended", "device", "precision"} <= set(run.status)
    assert not {"phase", "done", "total", "seconds_left"} & set(run.status)


def test_the_temperature_is_fitted_on_the_validation_photographs(folder, monkeypatch):
    few = finish(create(folder))
    assert "only 8 validation photographs" in temperature.load(few).note and temperature.load(few).value == 1
    monkeypatch.setattr(calibration, "FEWEST", 8)
    run = finish(create(folder))
    listing = dataset.check(folder)
    members = split.make(listing, run.config).validation
    pixels = np.stack([images.load(listing.path(index), 32) for index in members])
    labels = np.array([listing.class_names.index(listing.photos[index].label) for index in members])
    expected = calibration.fit(labels, keras.saving.load_model(run.model_path).predict_on_batch(pixels)[:, 0])
    found = temperature.load(run)
    assert found.photographs == 8 and found.value == pytest.approx(expected.value, rel=1e-3) and found.value != 1


def held_out(run):
    """The class of each image of the test subset."""
    listing = dataset.check(run.config.data)
    return {listing.photos[index].path: listing.photos[index].label for index in split.make(listing, run.config).test}


def test_a_resumed_run_refuses_a_changed_data_set(folder, stopped):
    """The split would be another one, and images that were trained on would count as held out."""
    photographs(folder, {"cats": 40, "dogs": 40})
    resumed = work(stopped)
    assert resumed.state == "failed"
    assert "changed" in resumed.status["error"]


def test_a_resumed_run_refuses_folders_that_are_for_something_else_since(tmp_path):
    for part in ("home", "holiday"):
        photographs(tmp_path / "photos" / part, {"cats": 15, "dogs": 15})
    run = stop_after(create(tmp_path / "photos"), 1)
    corrections.change(tmp_path / "photos", folders={"holiday": "test"})
    resumed = work(run)
    assert resumed.state == "failed" and "what its folders are for, have changed" in resumed.status["error"]
    corrections.change(tmp_path / "photos", folders={"holiday": None})
    assert work(run).state == "finished"


def test_a_resumed_run_refuses_labels_that_were_corrected_since_until_that_is_undone(folder, stopped):
    photo = dataset.check(folder).photos[0]
    corrections.change(folder, images={photo.path: "dogs"})
    resumed = work(stopped)
    assert resumed.state == "failed"
    assert "their labels" in resumed.status["error"] and "Undo the change, or start a new run." in resumed.status["error"]
    corrections.change(folder, images={photo.path: None})
    assert work(resumed).state == "finished"


def test_missing_weights_end_the_run_with_one_line(folder, small_backbones, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(pretrained, "BASE", "http://127.0.0.1:9/")  # where nobody listens
    (tmp_path / "letter.h5").write_text("Dear cat,")
    for weights, message in (
        ("imagenet", "The ImageNet weights of mobilenetv2 are not in"),
        (f"{tmp_path}/missing.h5", "there is no such file"),
        (f"{tmp_path}/letter.h5", "holds no weights of MobileNetV2"),
    ):
        run = work(create(folder, model="mobilenetv2", weights=weights))
        assert run.state == "failed" and message in run.status["error"]
        assert "\n" not in run.status["error"]
    assert "Traceback" not in capsys.readouterr().err
