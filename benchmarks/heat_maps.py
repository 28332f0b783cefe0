"""Whether heat maps show what an answer comes from: drawn animals beside empty scenery, and photographs without their hottest places.

    python benchmarks/heat_maps.py [--run RUN]... [--photographs DIR] [--count N] [--seed N]

By each RUN (the bundled one), for N drawings (100) with an animal on one side, square ones and such as are twice as wide as high: on how
many more than half of what points to the answer, the sum of the map above 0, is on the animal's side. With photographs, for 2 N of them:
the probability of the answer before and after a tenth of the picture was painted over in its mean colour, the hottest tenth or a random
one; as squares of a tenth of the side, and as the largest values of the smooth map against those of a smooth random map. And how long a
map takes, warm.
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
import rounds
from PIL import Image

from catsdogs.data import dataset, images
from catsdogs.drawn import demo
from catsdogs.figures import heat_map
from catsdogs.inference import classifier, heat_maps
from catsdogs.inference.heat_maps import Explainer
from catsdogs.runs import store
from catsdogs.system import devices
from tests import one_sided

_GRID = 10  # squares across and down, a tenth of which is painted over
_SHAPES = {"square": (160, 160), "twice as wide as high": (320, 160)}
_ROUNDS = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", action="append", default=[])
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    devices.prepare()
    for id in asked.run or [store.SHIPPED]:
        explainer = heat_maps.prepare(classifier.load(store.load(id)))
        print(f"{id}: {explainer.method}, {explainer.classifier.target_size} px", flush=True)
        for shape, size in _SHAPES.items():
            tell_sides(explainer, shape, size, asked.count, asked.seed)
        if asked.photographs:
            paths = chosen(asked.photographs, 2 * asked.count, asked.seed)
            tell_deletions(explainer, paths, asked.seed)
            tell_seconds(explainer, paths[0])


def chosen(folder: Path, count: int, seed: int) -> list[Path]:
    """As many photographs of each class."""
    listing = dataset.check(folder)
    by_class = [[listing.path(row) for row, photo in enumerate(listing.photos) if photo.label == name] for name in listing.class_names]
    return [path for members in by_class for path in random.Random(seed).sample(members, count // 2)]


def tell_sides(explainer: Explainer, shape: str, size: tuple[int, int], count: int, seed: int) -> None:
    shares, is_right = [], []
    for number in range(count):
        label = demo.LABELS[number % 2]
        share, answer = share_on_side(explainer, *one_sided.draw(label, seed + number, *size))
        shares.append(share)
        is_right.append(answer == label)
    on_side, right = np.array(shares) > 0.5, np.array(is_right)
    print(
        f"  {shape}: on the animal's side in {on_side.sum()} of {count}, with {np.mean(shares):.1%} of the map on average; "
        f"the answer is right in {right.sum()}, and of those the map is on that side in {on_side[right].sum()}",
        flush=True,
    )


def share_on_side(explainer: Explainer, picture: Image.Image, is_left: bool) -> tuple[float, str]:
    """How much of what points to the answer is on the animal's side; and the answer."""
    side, labels = explainer.classifier.target_size, explainer.classifier.labels
    pixels = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))
    values, is_dog = signed(explainer, pixels)
    speaking = np.maximum(heat_map.enlarge(values, side, side), 0)
    left, right = speaking[:, : side // 2].sum(), speaking[:, -(side // 2) :].sum()
    return float((left if is_left else right) / max(left + right, 1e-9)), labels[is_dog]


def signed(explainer: Explainer, pixels: np.ndarray) -> tuple[np.ndarray, int]:
    """The map for the answer, and the place of the answer's label."""
    (values,), (logit,) = heat_maps.of_pixels(explainer, pixels[None])
    return (values, 1) if logit >= 0 else (-values, 0)


def tell_deletions(explainer: Explainer, paths: list[Path], seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = np.array([deletions(explainer, path, rng) for path in paths])
    before = found[:, 0].mean()
    for kind, hottest, at_random in (("squares", found[:, 1], found[:, 2]), ("smooth", found[:, 3], found[:, 4])):
        print(
            f"  {len(paths)} photographs, {kind}: the probability, {before:.1%} on average, falls to {hottest.mean():.1%} without the "
            f"hottest tenth and to {at_random.mean():.1%} without a random one; lower without the hottest in {(hottest < at_random).sum()}",
            flush=True,
        )


def deletions(explainer: Explainer, path: Path, rng: np.random.Generator) -> np.ndarray:
    """Probabilities of the answer: as it is; without the hottest and ten random squares; without the hottest and a random smooth tenth."""
    network = explainer.classifier
    side = network.target_size
    pixels = images.load(path, side, network.interpolation)
    values, is_dog = signed(explainer, pixels)
    large, coarse = heat_map.enlarge(values, side, side), np.array(Image.fromarray(values).resize((_GRID, _GRID), Image.Resampling.BOX))
    if min(values.shape) < _GRID:
        coarse = heat_map.enlarge(values, _GRID, _GRID)
    scores = (coarse, rng.random((_GRID, _GRID)), large, heat_map.enlarge(rng.standard_normal((5, 5)), side, side))
    batch = np.stack([pixels, *(without_tenth(pixels, score) for score in scores)])
    outputs = network.model.predict_on_batch(batch)[:, 0]
    return outputs if is_dog else 1 - outputs


def without_tenth(pixels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The pixels with the mean colour where the scores, of pixels or of squares, are among the highest tenth."""
    is_hot = np.zeros(scores.size, bool)
    is_hot[np.argsort(-scores.ravel(), kind="stable")[: scores.size // 10]] = True
    side = len(pixels)
    places = np.arange(side) * len(scores) // side  # of each row and column of pixels among the scores
    is_hot = is_hot.reshape(scores.shape)[np.ix_(places, places)]
    return np.where(is_hot[..., None], pixels.mean(axis=(0, 1)).round(), pixels).astype(np.uint8)


def tell_seconds(explainer: Explainer, path: Path) -> None:
    content = path.read_bytes()
    measures = {
        "  an answer": lambda: rounds.seconds(lambda: classifier.classify(explainer.classifier, [("photograph", content)])),
        "  a heat map": lambda: rounds.seconds(lambda: heat_maps.make(explainer, content)),
    }
    started = time.process_time()
    rounds.show(rounds.run(measures, _ROUNDS), "seconds", digits=3)
    print(f"  processor time of all of these: {time.process_time() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
