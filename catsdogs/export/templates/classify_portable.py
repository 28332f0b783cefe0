"""Classify images as cat or dog with the network beside this file, without Keras.

    python classify.py [--json] [--8-bits] IMAGE...

Images are read by the code that the network was trained with, catsdogs/data/images.py. The exit status is 2 where one can't be read.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from catsdogs.data import images, second_look
from catsdogs.errors import InputError
from catsdogs.system import words

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description="Classify images as cat or dog.")
    parser.add_argument("paths", nargs="+", metavar="IMAGE", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--8-bits", action="store_true", dest="is_small", help="with the smaller network")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # names of files need not be valid UTF-8
    settings = json.loads((HERE / "classify.json").read_text(encoding="utf-8"))
    files = settings["files"]
    if arguments.is_small and files["8"] == files["32"]:
        print("The network in 8 bits was left out, as README.txt says: using 32 bits.", file=sys.stderr)
    network = load(settings["format"], HERE / files["8" if arguments.is_small else "32"])
    answers = [{"picture": str(path), **classify(network, settings, path)} for path in arguments.paths]
    if arguments.json:
        print(json.dumps(answers, indent=1))
    else:
        for answer in answers:
            print(words.answer(**answer))
    return 2 if any("error" in answer for answer in answers) else 0


def classify(network, settings: dict, path: Path) -> dict:
    """The answer to an image: {label, probability} or {error}; with `neither`, where the network can tell what looks like neither."""
    try:
        pixels = images.load(path, settings["target_size"], settings["interpolation"], settings["proportions"])
    except (InputError, OSError) as error:
        return {"error": error.strerror if isinstance(error, OSError) else str(error)}
    output, *excess = network(pixels[None].astype(np.float32))[0].tolist()  # the first is the probability of the second label
    place, probability = (1, output) if output >= 0.5 else (0, 1 - output)
    answer = {"label": settings["labels"][place], "probability": probability}
    if not excess:
        return answer

    def ask(views: np.ndarray) -> np.ndarray:
        return network(views.astype(np.float32))[:, 1]

    return answer | {"neither": bool(second_look.settle(np.array(excess), pixels[None], settings, ask)[0] > 0)}


def load(format: str, path: Path):
    """What turns pixels, (n, side, side, 3), into answers, (n, 1), or (n, 2) where it can tell what is neither."""
    if format == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path)
        return lambda pixels: session.run(None, {"pixels": pixels})[0]
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    given, answered = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def answer(pixels):
        interpreter.set_tensor(given, pixels)
        interpreter.invoke()
        return interpreter.get_tensor(answered)

    return answer


if __name__ == "__main__":
    sys.exit(main())
