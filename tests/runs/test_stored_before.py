"""Run folders that earlier versions wrote: they open, resume, classify and can be taken along.

`fixtures/stored` was written before the modules were sorted into packages; its photographs are noise. `not_stopped.json` is what the
stopped run had come to where nobody had stopped it.
"""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from catsdogs.analysis import summaries
from catsdogs.data import dataset
from catsdogs.export import bundle, script
from catsdogs.inference import classifier
from catsdogs.runs import history, liveness, predictions, store, temperature
from catsdogs.training import worker

STORED = Path(__file__).parents[1] / "fixtures" / "stored"
FINISHED, STOPPED, QUEUED = sorted(path.name for path in (STORED / "runs").iterdir())


@pytest.fixture(autouse=True)
def stored(home, tmp_path):
    """The stored runs in this test's home folder, with their photographs where they say."""
    shutil.copytree(STORED / "images", tmp_path / "images")
    shutil.copytree(STORED / "runs", home / "runs")
    for path in (home / "runs").rglob("*.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("DATA", str(tmp_path / "images")), encoding="utf-8")
    yield
    shutil.rmtree(home / "runs")  # nothing of it is to start


def test_they_are_listed_with_what_is_known_of_them():
    assert {run.id: run.state for run in store.list_all()} == {FINISHED: "finished", STOPPED: "stopped", QUEUED: "queued"}
    run = store.load(FINISHED)
    assert (run.label.name, run.label.note, run.label.is_starred) == ("my first run", "it worked", True)
    assert (run.config.horizontal_flip, run.config.brightness_range) == (True, (0.8, 1.2))
    row = summaries.make(run)
    assert row["epochs_done"] == 3 and row["val_accuracy"] == row["test_accuracy"] == 0.5
    assert summaries.make(store.load(STOPPED))["epochs_done"] == 2
    assert temperature.load(run).value == 1


def test_a_stopped_one_goes_on_as_if_it_had_not_been_stopped():
    before = json.loads((STORED / "not_stopped.json").read_text(encoding="utf-8"))
    liveness.withdraw_stop(store.load(STOPPED).folder)
    run = worker.work(store.load(STOPPED), lambda message: None)
    assert run.state == "finished", run.status
    epochs = [[epoch[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")] for epoch in history.load(run)]
    np.testing.assert_allclose(epochs, [[e["loss"], e["accuracy"], e["val_loss"], e["val_accuracy"]] for e in before["history"]], atol=1e-4)
    assert summaries.make(run)["test_accuracy"] == before["evaluation"]["test"]["accuracy"]


def test_a_finished_one_answers_what_it_answered(tmp_path):
    run = store.load(FINISHED)
    predicted = predictions.load(run)
    pictures = [(path, tmp_path / "images" / path) for path, *_ in predicted]
    answers = classifier.classify(classifier.load(run), pictures)
    of_dogs = [answer.probability if answer.label == "dog" else 1 - answer.probability for answer in answers]
    np.testing.assert_allclose(of_dogs, [probability for *_, probability in predicted], atol=1e-4)


def test_it_can_be_taken_along(tmp_path):
    run = store.load(FINISHED)
    bundle.write(run, tmp_path / "run.zip")
    assert f"{run.id}/model.keras" in zipfile.ZipFile(tmp_path / "run.zip").namelist()
    assert "keras.Sequential" in script.of(run)


def test_their_photographs_are_those_that_they_were_trained_on(tmp_path):
    assert dataset.check(tmp_path / "images").fingerprint == store.environment(store.load(STOPPED))["data_fingerprint"]
