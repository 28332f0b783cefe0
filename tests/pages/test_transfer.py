"""Transfer learning on the page and the command line, with and without weights."""

import zipfile
from pathlib import Path

import keras
import pytest

from catsdogs import __main__ as command_line
from catsdogs.data import dataset
from catsdogs.export import bundle
from catsdogs.networks import pretrained, registry
from catsdogs.queue import jobs
from catsdogs.runs import history, store
from catsdogs.settings import config, presets
from tests import storing
from tests.images import photographs
from tests.pages.opening import open_page, press


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 40, "dogs": 40}, size=(12, 9))
    return Path(dataset.check(made).folder)


@pytest.fixture(autouse=True)
def unreachable(tmp_path, monkeypatch):
    """No weights are in the cache, and no server has them."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(pretrained, "BASE", "http://127.0.0.1:9/")


def choose(app, **settings):
    """Fill these settings into the form, and start."""
    app.session_state["form_preset"] = None
    for name, value in config.to_json(presets.config("transfer", **settings)).items():
        if name not in ("preset", "data", "class_mode"):
            app.session_state[f"form_{name}"] = value
    app.run()
    return press(app, "Start training")


def test_the_preset_transfer_fills_the_form(folder, nothing_starts):
    app = open_page("train")
    assert [field.value for field in app.text_input if field.key == "form_weights"] == []
    app.button_group(key="form_preset").set_value("transfer").run()
    assert not app.exception, app.exception
    assert [field.value for field in app.text_input if field.key == "form_weights"] == ["imagenet"]
    assert app.session_state["form_model"] == "mobilenetv2" and app.session_state["form_frozen_epochs"] == 2


def test_without_weights_the_page_says_what_to_do(folder, nothing_starts):
    app = choose(open_page("train"))
    (error,) = app.error
    assert error.value.startswith("The ImageNet weights of mobilenetv2 are not in ") and error.value.count(". ") == 0
    assert "put its path in weights, or set weights = none and frozen_epochs = 0 to " in error.value
    assert store.list_all() == []


def test_a_weights_file_is_queued_by_its_absolute_path(folder, nothing_starts, tmp_path, monkeypatch):
    (tmp_path / "mine.h5").write_bytes(b"read when the run starts")
    monkeypatch.chdir(tmp_path)
    choose(open_page("train"), weights="mine.h5")
    assert [run.config.weights for run in jobs.queue()] == [str(tmp_path / "mine.h5")]


def test_runs_without_imagenet_need_no_server(folder, nothing_starts):
    choose(open_page("train"), model="conv2d", frozen_epochs=0)
    choose(open_page("train"), weights="none", frozen_epochs=0)
    assert [run.config.model for run in jobs.queue()] == ["conv2d", "mobilenetv2"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("weights=imagenet", "The ImageNet weights of mobilenetv2 are not in "),
        ("weights=/nowhere/mine.h5", "weights = '/nowhere/mine.h5': there is no such file"),
        ("weights=mine.pt", "weights = 'mine.pt': must be imagenet, none, or the path of a file"),
        ("weights=none", "frozen_epochs = 2: weights = none leaves nothing to freeze"),
    ],
)
def test_the_command_line_refuses_in_one_line(setting, message, folder, capsys):
    assert command_line.main(["train", "--data", str(folder), "--preset", "transfer", "--set", setting]) == 2
    written = capsys.readouterr().err
    assert message in written and written.startswith("catsdogs: ") and written.count("\n") == 1
    assert store.list_all() == []


def test_a_pretrained_run_can_be_downloaded(folder, small_backbones, tmp_path):
    run = store.create(presets.config("transfer", data=str(folder), target_size=32))
    network = registry.build(run.config)
    network.save(run.model_path)
    history.append(run, {"epoch": 1, "loss": 0.6, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.7, "seconds": 3.0})
    store.write_environment(run, storing.environment(run))
    bundle.write(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path)
    assert keras.saving.load_model(tmp_path / run.id / "model.keras").count_params() == network.count_params()
