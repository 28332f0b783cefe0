"""A run as a ZIP file: unpacked somewhere else, it classifies as the page does, with nothing of the project on the path."""

import csv
import inspect
import io
import json
import runpy
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest
from PIL import Image

from catsdogs.analysis import neither
from catsdogs.errors import InputError
from catsdogs.export import bundle, portable
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import history, store, temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from catsdogs.system import words
from tests import profiles
from tests.images import noise, picture
from tests.storing import finished


@pytest.fixture
def run():
    """A finished run whose untrained network is far from sure, and not of every picture the same."""
    run = finished(Config(model="dense", dense_units=16, target_size=40, interpolation="bicubic", crop_to_aspect_ratio=True))
    registry.build(run.config).save(run.model_path)
    temperature.save(run, Temperature(0.6, 100, 0.05, 0.01))
    looks = {"from": -0.5, "limit": 0.1}
    learned = {"weights": np.linspace(-1, 1, 16).tolist(), "limit": -0.3, "turned_away": 0.05, "found": 0.9, "second_look": looks}
    neither.save(run, learned)
    return run


@pytest.mark.parametrize("module", [bundle, portable])
def test_its_script_writes_an_answer_as_the_command_line_does(module):
    assert runpy.run_path(str(module._CLASSIFY))["words"] is words
    assert inspect.getsource(words) in bundle.sources().values()


def test_an_answer_that_is_not_a_number_is_none_elsewhere_either(run, tmp_path):
    network = registry.build(run.config)
    network.set_weights([np.full_like(weights, np.nan) for weights in network.get_weights()])
    network.save(run.model_path)
    bundle.write(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path)
    (answer,) = runpy.run_path(str(tmp_path / run.id / "classify.py"))["classify"]([picture(tmp_path / "cat.jpg")])
    assert set(answer) == {"picture", "error"} and "is not a number" in answer["error"]


def pictures(folder):
    """Twelve of all sorts, and two that are none."""
    turned = Image.Exif()
    turned[0x0112] = 6
    made = [picture(folder / f"{number}.jpg", (60 + 90 * number, 70), low=20 * number) for number in range(6)]
    noise(7, (300, 200)).save(folder / "turned.jpg", exif=turned)
    layer = noise(8, (50, 50))
    layer.putalpha(Image.linear_gradient("L").resize((50, 50)))
    layer.save(folder / "transparent.png")
    Image.fromarray(np.random.default_rng(9).integers(0, 60000, (64, 48), dtype=np.uint16)).save(folder / "sixteen.png")
    Image.new("L", (30, 90), 90).save(folder / "grey.gif")
    noise(9, (80, 60)).save(folder / "phone.heic", icc_profile=profiles.display_p3())
    noise(10, (80, 60)).save(folder / "small.avif")
    (folder / "letter.jpg").write_text("Dear cat,")
    names = ("turned.jpg", "transparent.png", "letter.jpg", "sixteen.png", "grey.gif", "missing.jpg", "phone.heic", "small.avif")
    return [*made, *(folder / name for name in names)]


def test_elsewhere_it_gives_the_same_answers(run, tmp_path):
    bundle.write(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path / "elsewhere")
    paths = pictures(tmp_path / "pictures")
    words = [sys.executable, tmp_path / "elsewhere" / run.id / "classify.py", "--json", *paths]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env={})
    assert ended.returncode == 2, ended.stderr
    answers = json.loads(ended.stdout)

    expected = classifier.classify(classifier.load(run), [(str(path), path) for path in paths], temperature=0.6)
    assert [answer["picture"] for answer in answers] == [answer.picture for answer in expected]
    assert [answer.get("label") for answer in answers] == [answer.label for answer in expected]
    assert [answer.get("error") for answer in answers] == [answer.error for answer in expected]
    assert [answer.get("neither") for answer in answers] == [answer.neither for answer in expected]
    assert {answer.neither for answer in expected} == {True, False, None}
    assert [answer["picture"] for answer in answers if "error" in answer] == [str(paths[8]), str(paths[11])]
    both = [(answer["probability"], other.probability) for answer, other in zip(answers, expected, strict=True) if other.label]
    assert len({round(probability, 3) for probability, _ in both}) > 5
    np.testing.assert_allclose(*zip(*both, strict=True), rtol=0, atol=1e-5)


def test_all_files_of_the_run_are_in_one_folder(run):
    run.log_path.write_text("epoch 1/2\n")
    with zipfile.ZipFile(io.BytesIO(bundle.make(run))) as archive:
        held = {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}
    assert {name.partition("/")[0] for name in held} == {run.id}
    held = {name.partition("/")[2]: text for name, text in held.items()}
    made = {"README.txt", "requirements.txt", "classify.py", "classify.json", "train.py"}
    copied = {"catsdogs/__init__.py", "catsdogs/errors.py", "catsdogs/data/__init__.py"}
    copied |= {"catsdogs/system/__init__.py", "catsdogs/system/words.py"}
    read = ("aspect_ratio", "cicp", "colours", "formats", "heif", "images", "jpeg", "memory", "orientation", "png", "second_look", "tiff")
    copied |= {f"catsdogs/data/{name}.py" for name in read}
    copied |= {"catsdogs/networks/__init__.py", "catsdogs/networks/neither.py"}
    stored = {"config.json", "environment.json", "evaluation.json", "predictions.csv", "log.txt", "model.keras", "temperature.json"}
    stored |= {"neither.json", "history.jsonl", "status.json", "sha256.json"}
    assert set(held) == made | copied | stored | {"history.csv"}
    rows = list(csv.DictReader(io.StringIO(held["history.csv"])))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == history.load(run)
    assert json.loads(held["config.json"])["model"] == "dense"
    assert "the largest square in the middle of the image, upright, resized to 40 x 40 px\n" in held["README.txt"]
    assert len(held["predictions.csv"].splitlines()) == 101
    compile(held["train.py"], "train.py", "exec")


def test_an_epoch_without_a_loss_is_an_empty_cell(run):
    history.append(run, {**history.load(run)[-1], "epoch": 3, "val_loss": None})
    with zipfile.ZipFile(io.BytesIO(bundle.make(run))) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read(f"{run.id}/history.csv").decode())))
    assert rows[2]["epoch"] == "3" and rows[2]["val_loss"] == ""


def test_a_run_without_a_model_says_so_and_leaves_no_file(tmp_path):
    run = store.create(Config())
    with pytest.raises(InputError, match=f"{run.id} .*no model yet"):
        bundle.make(run)
    with pytest.raises(InputError, match="no model yet"):
        bundle.write(run, tmp_path / "run.zip")
    assert list(tmp_path.iterdir()) == []


def test_the_run_that_comes_along_can_be_taken_along():
    with zipfile.ZipFile(io.BytesIO(bundle.make(store.load(store.SHIPPED)))) as archive:
        assert json.loads(archive.read("shipped/classify.json"))["labels"] == ["cat", "dog"]
        about = archive.read("shipped/README.txt").decode()
    for part in (
        "(number of images, 192, 192, 3): the whole image, upright, stretched to 192 x 192 px\n",
        "red, green and blue",
        "0 to 255, as uint8 or as floats; or 0 to 1",
        "NaN",
        "that of dog",
    ):
        assert part in about


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "from scratch\n"),
        ({"model": "mobilenetv2"}, "from pretrained weights\n"),
        ({"model": "mobilenetv2", "weights": "none"}, "from scratch\n"),
        ({"model": "resnet", "start_from": "shipped"}, "from start.keras\n"),
        ({"model": "resnet", "start_from": "20260101-gone"}, "put the model.keras of run 20260101-gone,\n"),
    ],
)
def test_the_readme_says_what_its_script_begins_with(settings, words):
    assert words in bundle._readme(finished(Config(**settings)))


def test_the_lines_in_the_readme_answer_for_a_picture(run, tmp_path):
    """Copied as they are, with the name of a file of one's own, into the folder of the ZIP file."""
    bundle.write(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path)
    about, path = (tmp_path / run.id / "README.txt").read_text(), pictures(tmp_path)[6]
    lines = textwrap.dedent(about.partition("in this folder:\n")[2].partition("\nAnywhere else")[0])
    written = [sys.executable, "-c", lines.replace("IMAGE", str(path))]
    ended = subprocess.run(written, cwd=tmp_path / run.id, capture_output=True, text=True, env={})
    (answer,) = classifier.classify(classifier.load(run), [(path.name, path)])
    assert ended.stdout.splitlines()[-1:] == [answer.label], ended.stderr


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_model_that_lost_one_of_its_parts_is_told_in_a_sentence(run, name, tmp_path):
    content = run.model_path.read_bytes()
    run.model_path.write_bytes(content.replace(name.encode(), name.upper().encode()))  # as flipped bits do
    with pytest.raises(InputError, match=f"The model of run {run.id} can't be read"):
        bundle.write(run, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_epochs_that_measured_different_things_are_packed(run, tmp_path):
    first, *rest = history.load(run)
    history.replace(run, [{name: value for name, value in first.items() if name != "pictures_per_second"}, *rest])
    bundle.write(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read(f"{run.id}/history.csv").decode())))
    assert [row["pictures_per_second"] == "" for row in rows] == [True, *([False] * len(rest))]
