"""The stand-alone script: run outside of the project, and compared with the run that it was written from."""

import ast
import dataclasses
import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from catsdogs.analysis import evaluation
from catsdogs.data import dataset, images, split
from catsdogs.export import script
from catsdogs.export.templates import photographs as template
from catsdogs.networks import patch_whitening, registry
from catsdogs.runs import store
from catsdogs.settings import config as configs
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.training import balancing, optimizers, worker
from tests.images import noise, photographs, picture

PROJECT = Path(__file__).parents[2]
AUGMENTED = {"rotation_range": 10, "width_shift_range": 0.1, "shear_range": 5, "zoom_range": 0.1, "horizontal_flip": True}
COLOURS = {"contrast_range": (0.7, 1.3), "saturation_range": (0.5, 1.5), "random_erasing": 0.3}
FROZEN = {**presets.find("transfer").settings, "epochs": 5, "schedule": "cosine", "early_stopping": 3}
EASY = {"model": "conv2d", "dense_units": 8, "target_size": 32, "batch_size": 10, "learning_rate": 0.0003, "epochs": 5, "seed": 3}
RUN_AND_TELL = """
import json, runpy, sys
sys.modules["catsdogs"] = None  # as if it were not installed
sys.argv = ["train.py", sys.argv[1]]
made = runpy.run_path("train.py", run_name="__main__")
model = made["model"]
print(json.dumps({
    "layers": [[type(layer).__name__, list(layer.output.shape[1:])] for layer in model.layers],
    "weights": model.count_params(),
    "precision": model.layers[1].dtype_policy.name,
    "split": {part: [photograph.path for photograph in members] for part, members in made["subsets"].items()},
}))
"""


def train(run):
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    run = worker.work(run, log=print)
    for number, handler in before.items():
        signal.signal(number, handler)
    assert run.state == "finished", run.status
    return run


def test_outside_of_the_project_it_trains_the_same_network(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 80, "dogs": 80})
    (folder / "cats" / "broken.jpg").write_bytes(b"no picture")
    run = train(store.create(Config(data=str(folder), precision="mixed_bfloat16", early_stopping=5, **AUGMENTED, **EASY)))

    (tmp_path / "train.py").write_text(script.of(run), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-I", "-c", RUN_AND_TELL, str(folder)], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    *said, facts = ended.stdout.splitlines()
    facts = json.loads(facts)

    built = registry.build(run.config)
    assert facts["layers"] == [[type(layer).__name__, list(layer.output.shape[1:])] for layer in built.layers]
    assert facts["weights"] == store.environment(run)["weights"]
    assert facts["precision"] == "mixed_bfloat16"

    listing = dataset.check(folder)
    parts = split.make(listing, run.config)
    for subset in split.SUBSETS:
        assert facts["split"][subset] == [listing.photos[index].path for index in getattr(parts, subset)]

    accuracies = {line.split()[0]: float(line.split()[2]) for line in said if line.startswith(split.SUBSETS)}
    for subset in split.SUBSETS:
        assert min(accuracies[subset], getattr(evaluation.load(run), subset).accuracy) > 0.9
    stored = keras.saving.load_model(tmp_path / "trained.keras")
    pixels = np.stack([images.load(listing.path(index), 32) for index in parts.test])
    labels = [listing.photos[index].label == "dogs" for index in parts.test]
    assert np.mean((stored.predict_on_batch(pixels)[:, 0] >= 0.5) == labels) == pytest.approx(accuracies["test"], abs=1e-3)
    assert any(line.startswith("left out: cats/broken.jpg") for line in said)


def written(**settings):
    return script.write(configs.change(Config(), **settings))


def execute(text, *wanted, **names):
    """Run the imports of a script, and those of its statements that define or use one of the wanted names."""
    kept = []
    for node in ast.parse(text).body:
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {getattr(node, "name", "")}
        is_definition = isinstance(node, (ast.FunctionDef, ast.ClassDef))
        if isinstance(node, (ast.Import, ast.ImportFrom)) or (node.name in wanted if is_definition else used & set(wanted)):
            kept.append(node)
    exec(compile(ast.Module(kept, []), "train.py", "exec"), names)
    return names


def test_only_what_the_configuration_uses_is_in_it():
    plain = written()
    for word in ("Random", "EarlyStopping", "dtype_policy", "augmented", "Not as in the run", "momentum", "whiten"):
        assert word not in plain
    full = written(early_stopping=3, optimizer="sgd", momentum=0.9, **AUGMENTED)
    for word in ("RandomRotation(10 / 360", "RandomTranslation(0, 0.1", "patience=3", "momentum=0.9"):
        assert word in full
    assert "RandomBrightness" not in full and "class Muon" not in full
    colours = written(**COLOURS)
    for word in ("RandomContrast((0.3, 0.3)", "RandomSaturation((0.333, 0.6)", "RandomErasing((0.3, 0.3)"):
        assert word in colours


def test_a_recipe_is_in_it_except_for_growing_sizes():
    recipe = presets.find("fast").settings
    text = written(**recipe, ema_momentum=0.99)
    for words in ("schedule = keras.optimizers.schedules.PolynomialDecay(", "=Muon(learning_rate=schedule, weight_decay=", "use_ema=True"):
        assert words in text
    assert f"label_smoothing={recipe['label_smoothing']:g}" in text and "callbacks=[averaging, best]" in text
    assert f"Not as in the run: first_size = {recipe['first_size']} is left out." in text


def test_unequal_classes_weigh_in_it_what_they_weigh_in_the_run():
    labels = np.array([0] * 4 + [1] * 300, "float32")[:, None]
    text = written(class_weight="balanced", frozen_epochs=2, epochs=4, model="mobilenetv2")
    made = execute(text.partition("\nmodel.compile(")[0], "counts", "class_weight", data={"training": (None, labels)})
    weights = balancing.class_weights(Config(class_weight="balanced"), labels[:, 0].astype(int))
    assert tuple(made["class_weight"].values()) == pytest.approx(weights)
    assert text.count("    class_weight=class_weight,\n") == 2, "in both phases"
    assert "class_weight" not in written()


@pytest.mark.parametrize("count", [100, 600])
def test_the_whitening_filters_are_those_of_the_run(count):
    pixels = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    network = registry.build(Config(model="resnet", target_size=32))
    text = written(model="resnet", target_size=32, patch_whitening=True)
    execute(text, "filters", "set_first_filters", "images", model=network, data={"training": (pixels, None)})
    sample = pixels[np.linspace(0, count - 1, min(count, 512), dtype=int)]
    np.testing.assert_array_equal(network.get_weights()[0], patch_whitening.filters(sample, 3, 32))


def test_muon_in_it_is_the_one_of_the_run():
    settings = {"optimizer": "muon", "learning_rate": 0.01, "weight_decay": 0.05}
    compiled = []
    registered = dict(keras.saving.get_custom_objects())
    try:
        model = SimpleNamespace(compile=lambda **given: compiled.append(given["optimizer"]), fit=lambda *_, **__: None)
        model.load_weights = model.save = model.evaluate = lambda *_, **__: None
        text = written(**settings)
        execute(text[: text.index("model.fit(")], "Muon", model=model)
    finally:
        keras.saving.get_custom_objects().update(registered)
    ours = optimizers.build(Config(**settings), 10)
    assert {**compiled[0].get_config(), "name": ""} == {**ours.get_config(), "name": ""}


def test_a_pretrained_network_is_trained_in_two_phases():
    text = written(**FROZEN, weights="/w/mine.h5")
    model = 'keras.applications.MobileNetV2(\n    include_top=False,\n    weights="/w/mine.h5",\n    input_shape=(160, 160, 3),\n'
    in_order = [
        *(
            model,
            ".trainable = False",
            "CosineDecay(0.001,",
            "epochs=2,",
            ".trainable = True",
            "isinstance(layer, layers.BatchNormalization)",
        ),
        *("CosineDecay(1e-05,", "initial_epoch=2", "epochs=5", "load_weights"),
    ]
    places = [text.index(words) for words in in_order]
    assert places == sorted(places)
    assert "patience is counted anew when the backbone is unfrozen" in text
    assert "trainable" not in written(model="mobilenetv2", weights="none") and "weights=None" in written(
        model="mobilenetv2", weights="none"
    )


@pytest.mark.parametrize(("name", "dtype"), [("mobilenetv2", "float32"), ("efficientnetv2b0", "mixed_bfloat16")])
def test_the_pretrained_network_in_it_is_that_of_the_run(name, dtype):
    config = Config(model=name, target_size=32, weights="none")
    before = keras.config.dtype_policy()
    text = script.write(config, dtype).partition("model.summary()")[0]
    assigned = re.findall(r"^(\w+) = ", text.partition("\ndata = ")[2], re.M)
    try:
        keras.config.set_dtype_policy(dtype)
        made = execute(text, *assigned)["model"]
    finally:
        keras.config.set_dtype_policy(before)
    built = registry.build(config, dtype)
    made.set_weights(built.get_weights())
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(made(pixels), built(pixels))
    assert [layer.compute_dtype for layer in made.layers[1:]] == [layer.compute_dtype for layer in built.layers[1:]]


def test_it_says_that_its_brightness_is_another_one():
    text = written(brightness_range=(0.7, 1.3))
    assert "RandomBrightness((-0.15, 0.15)" in text and "the run multiplied it by 0.7 to 1.3" in text


def test_an_unknown_setting_is_listed_in_its_first_lines():
    kind = dataclasses.make_dataclass("Wider", [("sharpness", float, 0.0)], bases=(Config,), frozen=True)
    introduction = script.write(kind(sharpness=0.25)).split('"""')[1]
    assert "Not as in the run: sharpness = 0.25 is left out." in introduction
    assert "Not as in the run" not in script.write(kind())


def test_scripts_pass_the_style_check(tmp_path):
    settings = [{}, *(presets.find(name).settings for name in ("study-augmented", "fast", "best")), FROZEN, {"early_stopping": 2}]
    settings.append({"class_weight": "balanced"})
    for number, each in enumerate(settings):
        (tmp_path / f"train_{number}.py").write_text(script.write(configs.change(Config(), **each), "mixed_float16"), encoding="utf-8")
    for words in (("check",), ("format", "--check")):
        command = [sys.executable, "-m", "ruff", *words, "--config", PROJECT / "pyproject.toml", tmp_path]
        ended = subprocess.run(command, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout


def in_class_folders(folder):
    return photographs(folder, {"Dog": 21, "Cat": 30})


def in_subsets(folder):
    for part, count in (("train", 30), ("validation", 7)):
        photographs(folder / "around" / part, {"cats": count, "dogs": count + 3})
    return folder


def flat(folder):
    for number in range(25):
        picture(folder / f"cat.{number}.jpg")
        picture(folder / f"dog.{number}.jpg")
    picture(folder / "landscape.jpg")
    return folder


@pytest.mark.parametrize("lay_out", [in_class_folders, in_subsets, flat])
@pytest.mark.parametrize("seed", [0, 5])
def test_every_layout_is_divided_as_in_the_project(lay_out, seed, tmp_path):
    folder = lay_out(tmp_path / "photos")
    settings = {"validation_split": 0.2, "test_split": 0.1}
    found = template.find(folder, 16, Image.Resampling.BILINEAR)
    names = sorted({photograph.label for photograph in found})
    parts = template.divide(found, names, seed, **settings)

    listing = dataset.check(folder)
    expected = split.make(listing, Config(seed=seed, batch_size=1, **settings))
    assert names == list(listing.class_names)
    for subset in split.SUBSETS:
        assert [photograph.path for photograph in parts[subset]] == [listing.photos[index].path for index in getattr(expected, subset)]


def test_copies_are_left_out(tmp_path):
    folder = in_subsets(tmp_path / "photos")
    inside = folder / "around"
    shutil.copy(inside / "train" / "cats" / "cats.1.jpg", inside / "validation" / "cats" / "copy.jpg")
    shutil.copy(inside / "train" / "cats" / "cats.2.jpg", inside / "train" / "dogs" / "copy.jpg")
    paths = {photograph.path for photograph in template.find(folder, 16, Image.Resampling.BILINEAR)}
    assert "around/validation/cats/copy.jpg" in paths and "around/train/cats/cats.1.jpg" not in paths
    assert "around/train/cats/cats.2.jpg" not in paths and "around/train/dogs/copy.jpg" not in paths
    assert len(paths) == 30 + 33 + 7 + 10 - 1


@pytest.mark.parametrize("size", [(48, 36), (900, 700)])
def test_images_become_the_same_pixels(size, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    path = tmp_path / "one.jpg"
    noise(1, size).save(path, exif=turned)
    for name in ("bilinear", "nearest"):
        np.testing.assert_array_equal(template.decode(path, 32, Image.Resampling[name.upper()]), images.load(path, 32, name))
