"""Classify images as cat or dog with the network beside this file.

    python classify.py [--json] IMAGE...

Images are read by the code that the network was trained with, catsdogs/data/images.py. The exit status is 2 where one can't be read.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from catsdogs.data import images, second_look
from catsdogs.errors import InputError
from catsdogs.networks import neither
from catsdogs.system import words

HERE = Path(__file__).resolve().parent
BATCH_SIZE = 32  # images


def main() -> int:
    parser = argparse.ArgumentParser(description="Classify images as cat or dog.")
    parser.add_argument("paths", nargs="+", metavar="IMAGE", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # names of files need not be valid UTF-8
    answers = classify(arguments.paths)
    if arguments.json:
        print(json.dumps(answers, indent=1))
    else:
        for answer in answers:
            print(words.answer(**answer))
    return 2 if any("error" in answer for answer in answers) else 0


def classify(paths: list[Path]) -> list[dict]:
    """An answer for each image, in order: {picture, label, probability} or {picture, error}.

    Beside label and probability, `neither` says whether it looks like neither, where the run can tell.
    """
    settings = json.loads((HERE / "classify.json").read_text(encoding="utf-8"))
    model = keras.saving.load_model(HERE / "model.keras", compile=False)
    judge = load_judge(model)
    answers = [{"picture": str(path)} for path in paths]
    for start in range(0, len(paths), BATCH_SIZE):
        loaded = {}
        for index in range(start, min(start + BATCH_SIZE, len(paths))):
            try:
                loaded[index] = images.load(paths[index], settings["target_size"], settings["interpolation"], settings["proportions"])
            except (InputError, OSError) as error:
                answers[index]["error"] = error.strerror if isinstance(error, OSError) else str(error)
        if not loaded:
            continue
        pixels = np.stack(list(loaded.values()))
        for index, output in zip(loaded, map(float, model.predict_on_batch(pixels)[:, 0]), strict=True):
            answers[index] |= answer(output, settings["labels"])
        for index, is_neither in zip(loaded, judge(pixels) if judge else [], strict=False):
            if "error" not in answers[index]:
                answers[index]["neither"] = is_neither
    return answers


def load_judge(model: keras.Model) -> Callable[[np.ndarray], list[bool]] | None:
    """What tells which pictures look like neither, for uint8 pixels; None where this run can't tell."""
    path = HERE / "neither.json"
    if not path.exists():
        return None
    network = model  # as it was trained: within what accepts pixels of either range, and what applies the temperature
    while inner := next((layer for layer in network.layers if isinstance(layer, keras.Model) and layer.name == model.name), None):
        network = inner
    learned = json.loads(path.read_text(encoding="utf-8"))
    judge = neither.attach(network, learned)

    def ask(pixels: np.ndarray) -> np.ndarray:
        return judge.predict_on_batch(pixels)[1][:, 0]

    return lambda pixels: (second_look.settle(ask(pixels), pixels, learned, ask) > 0).tolist()


def answer(output: float, labels: list[str]) -> dict:
    """From the network's output, the probability of the second label."""
    if math.isnan(output):
        return {"error": "The network's answer is not a number: its weights are damaged, or too large for its precision."}
    if output >= 0.5:
        return {"label": labels[1], "probability": output}
    return {"label": labels[0], "probability": 1 - output}


if __name__ == "__main__":
    sys.exit(main())
