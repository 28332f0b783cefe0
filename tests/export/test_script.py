"""The stand-alone script: run outside of the project, and compared with the run that it was written from."""

import ast
import dataclasses
import json
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from catsdogs.analysis import evaluation
from catsdogs.data import batches, dataset, split
from catsdogs.export import bundle, script
from catsdogs.networks import patch_whitening, registry
from catsdogs.runs import store
from catsdogs.settings import config as configs
from catsdogs.settings import presets, stages
from catsdogs.settings.config import Config
from catsdogs.training import balancing, optimizers
from tests import profiles, storing
from tests.images import noise, photographs, picture
from tests.running import finish

PROJECT = Path(__file__).parents[2]
AUGMENTED = {"rotation_range": 10, "width_shift_range": 0.1, "shear_range": 5, "zoom_range": 0.1, "horizontal_flip": True}
COLOURS = {"contrast_range": (0.7, 1.3), "saturation_range": (0.5, 1.5), "random_erasing": 0.3}
FROZEN = {**presets.find("transfer").settings, "epochs": 5, "schedule": "cosine", "early_stopping": 3}
GROWING = {"crop_to_aspect_ratio": True, "target_size": 64, "first_size": 48, "batch_size": 8, "epochs": 2, "ema_momentum": 0.9}
EASY = {"model": "conv2d", "dense_units": 8, "target_size": 32, "batch_size": 10, "learning_rate": 0.0003, "epochs": 5, "seed": 3}
RUN_AND_TELL = """
import json, runpy, sys
import numpy as np
sys.modules["catsdogs"] = None  # as if it were not installed
sys.argv = ["train.py", sys.argv[1]]
made = runpy.run_path("train.py", run_name="__main__")
model = made["model"]
np.savez("pixels.npz", **{subset: batches.images(0, batches.samples) for subset, batches in made["data"].items()})
print(json.dumps({
    "layers": [[type(layer).__name__, list(layer.output.shape[1:])] for layer in model.layers],
    "weights": model.count_params(),
    "precision": model.layers[1].dtype_policy.name,
    "split": {subset: batches.filenames for subset, batches in made["data"].items()},
}))
"""


def odd(folder):
    """What a folder may hold beside usual photographs: some that are read in a way of their own, and some that can't be used."""
    Image.fromarray(np.random.default_rng(1).integers(0, 60000, (64, 48), dtype=np.uint16)).save(folder / "cats" / "sixteen.png")
    layer = noise(2, (50, 50))
    layer.putalpha(Image.linear_gradient("L").resize((50, 50)))
    layer.save(folder / "dogs" / "transparent.png")
    noise(3, (40, 70)).convert("CMYK").save(folder / "dogs" / "cmyk.jpg")
    noise(5, (80, 60)).save(folder / "dogs" / "phone.heic", icc_profile=profiles.display_p3())
    noise(6, (80, 60)).save(folder / "cats" / "adobe.avif", icc_profile=profiles.adobe_rgb())
    turned = Image.Exif()
    turned[0x0112] = 6
    noise(4, (900, 700)).save(folder / "dogs" / "turned.jpg", exif=turned)
    picture(folder / "cats" / "deeper" / "down.webp")
    shutil.copy(folder / "cats" / "cats.1.jpg", folder / "cats" / "copy.jpg")
    shutil.copy(folder / "cats" / "cats.2.jpg", folder / "dogs" / "both.jpg")
    (folder / "cats" / "broken.jpg").write_bytes(b"no picture")
    whole = (folder / "dogs" / "dogs.3.jpg").read_bytes()
    (folder / "dogs" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "cats" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "cats" / "dir.jpg").mkdir()
    (folder / "dogs" / ".hidden.jpg").write_bytes(whole)
    return folder


def start(folder, words, **options):
    """Run Python with these words in that folder; the process when it has ended well."""
    ended = subprocess.run([sys.executable, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=500, **options)
    assert ended.returncode == 0, ended.stderr
    return ended


def start_here(folder, text, *words):
    """Run this script as a program in that folder, but in this process, which has Keras loaded; what it prints."""
    (folder / "train.py").write_text(text, encoding="utf-8")
    registered = dict(keras.saving.get_custom_objects())
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["train.py", *map(str, words)])
        patch.setitem(sys.modules, "catsdogs", None)  # as if it were not installed
        try:
            runpy.run_path("train.py", run_name="__main__")
        finally:
            keras.saving.get_custom_objects().clear()
            keras.saving.get_custom_objects().update(registered)
    return said.getvalue()


def test_outside_of_the_project_it_trains_the_same_network_on_the_same_pixels(tmp_path):
    folder = odd(photographs(tmp_path / "photos", {"cats": 80, "dogs": 80}))
    run = finish(store.create(presets.config("quick", data=str(folder), precision="mixed_bfloat16", early_stopping=5, **AUGMENTED, **EASY)))
    (tmp_path / "train.py").write_text(script.of(run), encoding="utf-8")
    *said, facts = start(tmp_path, ["-I", "-c", RUN_AND_TELL, folder]).stdout.splitlines()
    facts = json.loads(facts)

    built = registry.build(run.config)
    assert facts["layers"] == [[type(layer).__name__, list(layer.output.shape[1:])] for layer in built.layers]
    assert facts["weights"] == store.environment(run)["weights"]
    assert facts["precision"] == "mixed_bfloat16"

    listing = dataset.check(folder)
    of_run = batches.make(listing, run.config)
    assert facts["split"]["test"] == [row.partition(",")[0] for row in (run.folder / "predictions.csv").read_text().splitlines()[1:]]
    pixels = np.load(tmp_path / "pixels.npz")
    for subset in split.SUBSETS:
        assert facts["split"][subset] == of_run[subset].filenames
        np.testing.assert_array_equal(pixels[subset], of_run[subset].images(0, of_run[subset].samples))
    assert [line for line in said if line.startswith("left out")] == [f"left out: {each.path}: {each.reason}" for each in listing.set_aside]
    assert {each.path for each in listing.set_aside} >= {"cats/broken.jpg", "cats/cats.2.jpg", "dogs/both.jpg", "dogs/cut.jpg"}

    accuracies = {line.split()[0]: float(line.split()[2]) for line in said if line.startswith(split.SUBSETS)}
    for subset in split.SUBSETS:
        assert min(accuracies[subset], getattr(evaluation.load(run), subset).accuracy) > 0.9
    stored, labels = keras.saving.load_model(tmp_path / "trained.keras"), of_run["test"].classes
    for given in (pixels["test"], pixels["test"] / 255):
        assert np.mean((stored.predict_on_batch(given)[:, 0] >= 0.5) == labels) == pytest.approx(accuracies["test"], abs=1e-3)


def test_sizes_that_grow_and_photographs_that_are_left_out_are_those_of_the_run(tmp_path, tiny_resnet):
    folder = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
    recipe = {**presets.find("best").settings, **presets.find("fast").settings, **GROWING}
    text = script.write(configs.change(Config(), **recipe), count=48)
    keep = '\nnp.savez("pixels.npz", **{subset: batches.images(0, batches.samples) for subset, batches in data.items()})\n'
    said = start_here(tmp_path, text.replace("model.compile(", "model.compile(jit_compile=False, ") + keep, folder)  # sooner
    of_run = batches.make(dataset.check(folder), configs.change(Config(), **recipe))
    steps = len(of_run["training"])
    assert steps == 5 < len(batches.make(dataset.check(folder), configs.change(Config(), **recipe | {"data_pruning": 0.0}))["training"])
    assert said.count(f"{steps}/{steps} - ") == 2 and "batches_at(48)" in text
    assert "losses" not in said and "val_cross_entropy" in said
    assert f"over the {2 * steps} steps of 2 epochs" in text
    pixels = np.load(tmp_path / "pixels.npz")
    for subset in split.SUBSETS:
        np.testing.assert_array_equal(pixels[subset], of_run[subset].images(0, of_run[subset].samples))
    assert keras.saving.load_model(tmp_path / "trained.keras").input_shape == (None, 64, 64, 3)


def test_a_folder_that_the_run_refuses_is_refused_by_the_same_sentence(tmp_path):
    photographs(tmp_path / "photos", {"cats": 2})
    with pytest.raises(SystemExit) as refused:
        start_here(tmp_path, written(model="dense"), "photos")
    assert isinstance(refused.value.code, str), "Python prints it, without a traceback, and exits with 1"
    assert "holds only one class (cats); two are needed" in refused.value.code and "\n" not in refused.value.code


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


def test_a_recipe_is_in_it():
    recipe = presets.find("fast").settings
    text = written(**recipe, ema_momentum=0.99)
    for words in ("schedule = keras.optimizers.schedules.PolynomialDecay(", "=Muon(learning_rate=schedule, weight_decay=", "use_ema=True"):
        assert words in text
    assert f"label_smoothing={recipe['label_smoothing']:g}" in text and "callbacks=[LossRecorder(), averaging, best]" in text
    first, middle, _ = stages.plan(presets.config("fast"))
    for size in (first.size, middle.size, "config.target_size"):
        assert f"data = batches_at({size})" in text
    assert "is left out" not in text.split('"""')[1]
    assert "random_erasing = 0.3 is left out, as Keras' layer takes photographs of one size only." in written(
        **presets.find("best").settings
    )


def listed(count):
    """A listing of that many photographs that needn't be there, and all their positions."""
    photos = tuple(dataset.Photo(f"{name}/{number}.jpg", name, None, 9, 9, str(number)) for number in range(count // 2) for name in "ab")
    return dataset.Listing("", ("a", "b"), photos, (), ""), tuple(range(count))


def test_unequal_classes_weigh_in_it_what_they_weigh_in_the_run(tmp_path):
    settings = {"class_weight": "balanced", "target_size": 32, "batch_size": 10, "model": "dense", "epochs": 2}
    settings |= {"data_pruning": 0.3, "label_smoothing": 0.1}
    folder = photographs(tmp_path / "photos", {"cats": 10, "dogs": 60})
    text = written(**settings).replace('accept_any(model, config.target_size).save("trained.keras")\n', "").partition("\n# How good")[0]
    tell = '\nprint(data["training"].image_weights.tolist())\n'
    *_, weights = start_here(tmp_path, text + tell, folder).splitlines()
    training = batches.make(dataset.check(folder), configs.change(Config(), **settings))["training"]
    assert json.loads(weights) == pytest.approx(balancing.image_weights(Config(class_weight="balanced"), training.classes).tolist())
    assert "balancing" not in written()


@pytest.mark.parametrize("count", [100, 600])
def test_the_whitening_filters_are_those_of_the_run(count):
    pixels = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    network = registry.build(Config(model="resnet", target_size=32))
    text = written(model="resnet", target_size=32, patch_whitening=True)
    training = batches.Batches(pixels, *listed(count), batch_size=10)
    execute(text, "filters", "set_first_filters", "SAMPLE_SIZE", "_FLOOR", model=network, data={"training": training})
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


@pytest.mark.parametrize("class_names", [("cats", "dogs"), ("Dogs", "cats"), ("rex", "tom")])
def test_it_starts_from_the_weights_that_the_run_started_from(tmp_path, tiny_resnet, class_names):
    """One epoch at a rate at which next to nothing changes; with other classes, the head is a new one, and turned in the other order."""
    settings = {"model": "resnet", "target_size": 32, "batch_size": 8, "epochs": 2, "frozen_epochs": 1, "learning_rate": 1e-6}
    settings |= {"fine_tuning_rate": 1e-6, "optimizer": "sgd", "precision": "float32", "ema_momentum": 0.5}
    before = storing.finished(Config(**without_tuning(settings)))
    keras.utils.set_random_seed(1)  # other weights than those that run and script would begin with
    registry.build(before.config).save(before.model_path)
    folder = photographs(tmp_path / "others", dict.fromkeys(class_names, 30), size=(50, 40))
    run = finish(store.create(Config(data=str(folder), start_from=before.id, **settings)))
    with pytest.raises(SystemExit, match="start.keras is missing: put the model.keras of run"):
        start_here(tmp_path, script.of(run), folder)
    with zipfile.ZipFile(BytesIO(bundle.make(run))) as archive:
        (tmp_path / "start.keras").write_bytes(archive.read(f"{run.id}/start.keras"))
    said = start_here(tmp_path, script.of(run), folder)
    *body, kernel, bias = keras.saving.load_model(tmp_path / "trained.keras").get_weights()
    *of_run, kernel_of_run, bias_of_run = keras.saving.load_model(run.model_path).get_weights()
    np.testing.assert_allclose(body[0], of_run[0], atol=1e-4)
    np.testing.assert_allclose(kernel, kernel_of_run, atol=1e-4)
    assert np.any(kernel > 1e-3) == (class_names != ("rex", "tom")) and "Epoch 2/2" in said


def without_tuning(settings):
    return {name: value for name, value in settings.items() if name not in ("frozen_epochs", "fine_tuning_rate")}


@pytest.mark.usefixtures("small_backbones")
def test_a_pretrained_network_is_trained_in_two_phases():
    text = written(**FROZEN, weights="/w/mine.h5")
    model = 'keras.applications.MobileNetV2(\n    include_top=False,\n    weights="/w/mine.h5",\n    input_shape=(160, 160, 3),\n'
    in_order = [
        *(
            model,
            ".trainable = False",
            "CosineDecay(0.001,",
            "epochs=2,",
            "callbacks=[best],",
            ".trainable = True",
            "isinstance(layer, layers.BatchNormalization)",
        ),
        *("CosineDecay(1e-05,", "initial_epoch=2", "epochs=5", "callbacks=[best, patience]", "load_weights"),
    ]
    places = [text.index(words) for words in in_order]
    assert places == sorted(places)
    assert "trainable" not in written(model="mobilenetv2", weights="none") and "weights=None" in written(
        model="mobilenetv2", weights="none"
    )


@pytest.mark.usefixtures("small_backbones")
@pytest.mark.parametrize("weights", ["none", "imagenet"])
def test_a_backbone_from_another_run_needs_no_download_and_keeps_its_statistics(weights):
    text = written(model="mobilenetv2", weights=weights, start_from="shipped", frozen_epochs=1, epochs=2)
    assert "weights=None" in text and "imagenet" not in text.partition("keras.applications")[2]
    in_order = (".trainable = False", ".trainable = True", "not isinstance(layer, layers.BatchNormalization)")
    places = [text.index(words) for words in in_order]
    assert places == sorted(places)


@pytest.mark.parametrize(("name", "dtype"), [("mobilenetv2", "float32"), ("efficientnetv2b0", "mixed_bfloat16")])
def test_the_pretrained_network_in_it_is_that_of_the_run(name, dtype, shallow_efficientnet):
    config = Config(model=name, target_size=32, weights="none")
    before = keras.config.dtype_policy()
    text = script.write(config, dtype).partition("model.summary()")[0]
    assigned = re.findall(r"^(\w+) = ", text.partition("\n# The network, ")[2], re.M)
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


def test_the_corrections_of_its_data_set_are_in_it():
    text = script.write(Config(), corrections={"folders": {"old": "left out"}, "images": {}})
    assert "dataset.read(folder, Corrections(folders={'old': 'left out'}))" in text


def test_it_says_that_its_brightness_is_another_one():
    text = written(brightness_range=(0.7, 1.3))
    assert "RandomBrightness((-0.15, 0.15)" in text and "the run multiplied it by 0.7 to 1.3" in text


def test_an_unknown_setting_is_listed_in_its_first_lines():
    kind = dataclasses.make_dataclass("Wider", [("sharpness", float, 0.0)], bases=(Config,), frozen=True)
    introduction = script.write(kind(sharpness=0.25)).split('"""')[1]
    assert "Not as in the run: sharpness = 0.25 is left out." in introduction
    assert "Not as in the run" not in script.write(kind())


def test_scripts_pass_the_style_check(tmp_path, small_backbones):
    settings = [{}, *(presets.find(name).settings for name in ("study-augmented", "fast", "best")), FROZEN, {"early_stopping": 2}]
    settings.append({"class_weight": "balanced"})
    for number, each in enumerate(settings):
        (tmp_path / f"train_{number}.py").write_text(script.write(configs.change(Config(), **each), "mixed_float16"), encoding="utf-8")
    for words in (("check",), ("format", "--check")):
        command = [sys.executable, "-m", "ruff", *words, "--config", PROJECT / "pyproject.toml", tmp_path]
        ended = subprocess.run(command, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout
