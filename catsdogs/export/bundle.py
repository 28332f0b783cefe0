"""A run as a ZIP file: what is known of it, its model, and two scripts that need nothing of this project.

`classify.py` answers as `inference.classifier` does, since it reads images by copies of the same modules; `script` writes `train.py`.
"""

import csv
import hashlib
import inspect
import io
import json
import sys
import tempfile
import zipfile
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import keras

from catsdogs import errors
from catsdogs.data import aspect_ratio, cicp, colours, formats, heif, images, jpeg, memory, naming, orientation, png, second_look, tiff
from catsdogs.errors import InputError
from catsdogs.export import input_range, run_import, script, tempering
from catsdogs.inference import classifier
from catsdogs.networks import neither
from catsdogs.runs import Run, history, origin, store, temperature
from catsdogs.settings.choices import NO_WEIGHTS
from catsdogs.system import files, words

_CLASSIFY = Path(__file__).parent / "templates" / "classify.py"
_NEEDED = ("keras", "numpy", "pillow", "pillow-heif", "tensorflow")
_SQUARED = {  # what becomes of an image, by its run's `proportions`
    "stretch": "the whole image, upright, stretched to {0} x {0} px",
    "crop": "the largest square in the middle of the image, upright, resized to {0} x {0} px",
    "pad": "the whole image, upright, resized to fit into {0} x {0} px and put in the middle of black",
}
_COPIED = (aspect_ratio, cicp, colours, formats, heif, images, jpeg, memory, orientation, png, second_look, tiff, words)


def make(run: Run) -> bytes:
    """The ZIP file. Raises InputError where the run has no model yet, or it can't be read."""
    content = io.BytesIO()
    _pack(run, content)
    return content.getvalue()


def write(run: Run, path: Path) -> None:
    """Write the ZIP file, replacing an existing one. Raises InputError as `make` does, OSError."""
    files.replace(path, partial(_pack, run))


def _pack(run: Run, file: BinaryIO | Path) -> None:
    if not run.model_path.exists():
        raise InputError(f"Run {run.id} ({run.state}) has no model yet; it can be downloaded when its first epoch has ended.")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        digests = {}
        for path in (*store.lasting_files(run), *_bookkeeping(run)):
            content = _model(run) if path == run.model_path else path.read_bytes()
            digests[path.name] = hashlib.sha256(content).hexdigest()
            archive.writestr(f"{run.id}/{path.name}", content)
        archive.writestr(f"{run.id}/{run_import.MANIFEST}", json.dumps(digests, indent=1))
        if start := _start(run):
            archive.write(start, f"{run.id}/{script.START}")
        for name, text in _written(run).items():
            archive.writestr(f"{run.id}/{name}", text.encode(errors="backslashreplace"))  # names of files need not be valid UTF-8


def _bookkeeping(run: Run) -> list[Path]:
    """What else another server needs to have the run."""
    return [run.folder / name for name in ("history.jsonl", "status.json", "label.json") if (run.folder / name).exists()]


def _start(run: Run) -> Path | None:
    """The model that the run started from, if there was one and it is still here."""
    before = next(origin.lineage(run.config), None)
    return before.model_path if before and before.model_path.exists() else None


def network(run: Run) -> keras.Model:
    """The network as it leaves: for pixels in either usual range, with the run's temperature in it. Raises InputError as `make` does."""
    tempered = tempering.temper(classifier.network(run), temperature.load(run).value)
    return input_range.accept_any(tempered, run.config.target_size)


def reading(run: Run) -> dict:
    """What a script needs to know to read images as the run does, and to name its answers."""
    return {
        "target_size": run.config.target_size,
        "interpolation": run.config.interpolation,
        "proportions": run.config.proportions,
        "labels": list(naming.labels_of(store.environment(run)["class_names"])),
    }


def squared(run: Run) -> str:
    """What becomes of an image before the network sees it."""
    return f"{_SQUARED[run.config.proportions].format(run.config.target_size)}\n                   ({run.config.interpolation} resampling)"


def sources() -> dict[str, str]:
    """The modules that read images and write answers, as files beside a script: their text by their names."""
    return {
        "catsdogs/__init__.py": '"""The part of Cats & Dogs Studio that reads images and writes answers, unchanged."""\n',
        "catsdogs/errors.py": inspect.getsource(errors),
        "catsdogs/data/__init__.py": "",
        "catsdogs/system/__init__.py": "",
    } | {_place(module): inspect.getsource(module) for module in _COPIED}


def _place(module: ModuleType) -> str:
    return f"{module.__name__.replace('.', '/')}.py"


def _model(run: Run) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, run.model_path.name)
        network(run).save(path)
        return path.read_bytes()


def _written(run: Run) -> dict[str, str]:
    """The files that are made for the ZIP file, by name."""
    return {
        "README.txt": _readme(run),
        "requirements.txt": "".join(f"{name}=={version(name)}\n" for name in _NEEDED),
        "history.csv": _history(run),
        "classify.py": _CLASSIFY.read_text(encoding="utf-8"),
        "classify.json": json.dumps(reading(run), indent=1, ensure_ascii=False),
        "train.py": script.of(run),
        "catsdogs/networks/__init__.py": "",
        _place(neither): inspect.getsource(neither),  # tells what is neither
    } | sources()


def _history(run: Run) -> str:
    """A row per epoch; empty cells where the loss was not a number."""
    epochs = history.load(run)
    with io.StringIO(newline="") as text:
        writer = csv.DictWriter(text, list(dict.fromkeys(name for epoch in epochs for name in epoch)) or ["epoch"])
        writer.writeheader()
        writer.writerows(epochs)
        return text.getvalue()


def _beginning(run: Run) -> str:
    """What the script begins with."""
    if not run.config.start_from:
        return "pretrained weights" if run.config.is_pretrained and run.config.weights != NO_WEIGHTS else "scratch"
    if _start(run):
        return script.START
    wanted = f"put the model.keras of run {run.config.start_from},", "or of another run of the same network, there"
    return f"\n{' ' * 41}".join((f"{script.START}, which is missing here:", *wanted))


def _readme(run: Run) -> str:
    read = reading(run)
    side, (first, second) = read["target_size"], read["labels"]
    return f"""Run {run.id} of Cats & Dogs Studio

In an environment with Python {sys.version_info.major}.{sys.version_info.minor}:

    pip install -r requirements.txt
    python classify.py IMAGE...          cat or dog? --json for JSON
    python train.py DIR                  trains such a network from {_beginning(run)}

model.keras        the network, as it was after the epoch with the lowest validation loss
classify.json      what classify.py needs to know: the image size, how images are resized, and the labels
config.json        the settings
environment.json   what it was trained with and on
history.csv        a row per epoch
evaluation.json    how good it is; predictions.csv has the answer to each held-out image; both are missing before the evaluation
neither.json       how it recognises pictures that look like neither; missing where there were too few photographs
measured-*.json    how good it is on other data sets, image by image
temperature.json   what makes its probabilities mean what they say: of all answers given with 80%, about 80% are right; older runs have
                   none. It is built into model.keras, but not applied in predictions.csv and measured-*.json

sha256.json        the checksums that another server checks on import: python -m catsdogs import-run FILE.zip

In your own code, in this folder:

    from pathlib import Path
    import keras
    import numpy as np
    from catsdogs.data import images

    model = keras.models.load_model("model.keras")
    pixels = np.stack([images.load(Path("IMAGE"), {side}, "{read["interpolation"]}", "{read["proportions"]}")])
    probabilities = model.predict(pixels)
    print({second!r} if probabilities[0, 0] >= 0.5 else {first!r})

Anywhere else, Keras alone loads the network; prepare the pixels yourself:

pixels             shape (number of images, {side}, {side}, 3): {squared(run)},
                   red, green and blue in this order, on white where it is transparent
range of pixels    0 to 255, as uint8 or as floats; or 0 to 1 as floats, recognised image by image.
                   A value below 0, or far above 255, makes the answer NaN: neither scale to -1 to 1 nor subtract a mean.
probabilities      shape (number of images, 1), float32: that of {second}; 0.5 or more means {second}, less means {first}
"""
