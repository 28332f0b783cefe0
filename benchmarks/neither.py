"""How often the bundled network says that a picture looks like neither: of other things, and of cats and dogs.

    python benchmarks/neither.py --data DIR --photographs DIR --others DIR

`--data` is what the network was trained on, of which its validation and held-out photographs are asked about; `--photographs` are cats and
dogs of another source, `--others` pictures of other things. Prints the share that is called neither, and which share of the others would
be found if the limit turned 5% of the other source's photographs away.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from catsdogs.analysis import neither
from catsdogs.data import dataset, formats, second_look, split
from catsdogs.inference import classifier
from catsdogs.runs import store
from catsdogs.system import devices

BATCH = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("data", "photographs", "others"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        devices.prepare()
        tell(asked)


def tell(asked: argparse.Namespace) -> None:
    run = store.load(store.SHIPPED)
    loaded = classifier.load(run)

    def score(paths: list[Path]) -> np.ndarray:
        return np.concatenate([excesses(loaded, paths[start : start + BATCH]) for start in range(0, len(paths), BATCH)])

    own = dataset.check(asked.data)
    members = split.make(own, run.config)
    scores = {
        "pictures of other things": score(pictures(asked.others)),
        "validation photographs": score([asked.data / own.photos[index].path for index in members.validation]),
        "held-out photographs": score([asked.data / own.photos[index].path for index in members.test]),
        "cats and dogs of another source": score(pictures(asked.photographs)),
    }
    for name, found in scores.items():
        print(f"{len(found):6,} {name}: {np.mean(found > 0):.1%} look like neither")
    strict = np.quantile(scores["cats and dogs of another source"], 1 - neither.TURNED_AWAY)
    print(f"with the limit at 5% of the other source: {np.mean(scores['pictures of other things'] > strict):.1%} of the other things")


def excesses(loaded: classifier.Classifier, paths: list[Path]) -> np.ndarray:
    """How far each picture is beyond the limit, (n,), as Classify has it: above 0 it is called neither."""

    def ask(pixels: np.ndarray) -> np.ndarray:
        return loaded.judge.predict_on_batch(pixels)[1][:, 0]

    pixels = np.stack([classifier.read(loaded, path) for path in paths])
    return second_look.settle(ask(pixels), pixels, loaded.learned, ask)


def pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if formats.has_suffix(path.name))


if __name__ == "__main__":
    main()
