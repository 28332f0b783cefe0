"""Transfer learning as people meet it on the page and the command line, with and without weights."""

from pathlib import Path

import pytest

from catsdogs import __main__ as command_line
from catsdogs.data import dataset
from catsdogs.export import bundle
from catsdogs.networks import pretrained, registry
from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import history, store
from catsdogs.settings import config, presets
from tests.images import photographs
from tests.pages.opening import button, open_page


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 40, "dogs": 40}, size=(12, 9))
    return Path(dataset.check(made).folder)


@pytest.fixture(autouse=True)
def unreachable(tmp_path, monkeypatch):
    """No weights in the cache, and nobody listens where they would come from."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(pretrained, "BASE", "http://127.0.0.1:9/")


@pytest.fixture
def queue():
    """Hold the dispatcher's lock: what is queued stays queued."""
    with dispatcher.turn(print):
        yield
        for run in store.list_all():
            jobs.stop(run)


def choose(app, **settings):
    """Fill these settings into the form, and start."""
    app.session_state["form_preset"] = None
    for name, value in config.to_json(presets.config("transfer", **settings)).items():
        if name not in ("preset", "data", "class_mode"):
            app.session_state[f"form_{name}"] = value
    app.run()
    button(app, "Start training").click().run()
    assert not app.exception, app.exception
    return app


def test_the_form_has_a_field_for_the_weights_and_the_preset_fills_it_in(folder, queue):
    app = open_page("train")
    assert [field.value for field in app.text_input if field.key == "form_weights"] == ["imagenet"]
    app.button_group(key="form_preset").set_value("transfer").run()
    assert not app.exception, app.exception
    assert app.session_state["form_model"] == "mobilenetv2" and app.session_state["form_frozen_epochs"] == 2


def test_where_imagenet_can_not_be_reached_the_page_says_so_in_a_sentence_and_queues_nothing(folder, queue):
    app = choose(open_page("train"))
    (error,) = app.error
    assert error.value.startswith("The ImageNet weights of mobilenetv2 are not in ") and error.value.count(". ") == 0
    assert "put its path in weights, or set weights = none and frozen_epochs = 0 to train from scratch" in error.value
    assert store.list_all() == []


def test_a_weights_file_that_is_there_is_queued_by_its_absolute_path(folder, queue, tmp_path, monkeypatch):
    (tmp_path / "mine.h5").write_bytes(b"read when the run starts")
    monkeypatch.chdir(tmp_path)
    choose(open_page("train"), weights="mine.h5")
    assert [run.config.weights for run in jobs.queue()] == [str(tmp_path / "mine.h5")]


def test_everything_else_is_queued_without_a_server(folder, queue):
    choose(open_page("train"), model="conv2d", frozen_epochs=0)
    choose(open_page("train"), weights="none", frozen_epochs=0)
    assert [run.config.model for run in jobs.queue()] == ["conv2d", "mobilenetv2"]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("weights=imagenet", "the connection to the server failed ("),
        ("weights=/nowhere/mine.h5", "weights = '/nowhere/mine.h5': there is no such file"),
        ("weights=mine.pt", "weights = 'mine.pt': allowed is imagenet, none, or the path of a file"),
        ("model=resnet", "frozen_epochs = 2: resnet is trained from scratch"),
    ],
)
def test_the_command_line_refuses_in_one_line_before_a_run_is_made(setting, told, folder, capsys):
    assert command_line.main(["train", "--data", str(folder), "--preset", "transfer", "--set", setting]) == 2
    said = capsys.readouterr().err
    assert told in said and said.startswith("catsdogs: ") and said.count("\n") == 1
    assert store.list_all() == []


def test_a_run_of_a_pretrained_network_can_be_taken_along(folder):
    run = store.create(presets.config("transfer", data=str(folder), target_size=32))
    registry.build(run.config).save(run.model_path)
    history.append(run, {"epoch": 1, "loss": 0.6, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.7, "seconds": 3.0})
    store.write_environment(run, {"class_names": ["cats", "dogs"], "photographs": {"training": 56}})
    content = bundle.make(run)
    assert len(content) > 8_000_000
