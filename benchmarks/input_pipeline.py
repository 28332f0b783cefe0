"""How fast photographs reach the network: decoded once, against Keras' `ImageDataGenerator` and `image_dataset_from_directory`.

    python benchmarks/input_pipeline.py [--data DIR] [--rounds N] [--seconds S]

At 150 px in batches of 100, as they are and with the augmentation of the study. DIR holds a folder a class; without it, 2,000 are drawn.
Prints photographs a second, medians of rounds in turn, and what the decoding cost that is paid once.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import rounds

from catsdogs.data import batches, dataset, pixels
from catsdogs.drawn import demo
from catsdogs.settings import presets
from catsdogs.system import devices

devices.prepare()
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras.src.legacy.preprocessing.image import ImageDataGenerator  # noqa: E402

from catsdogs.networks import augmentation  # noqa: E402

SIDE, BATCH = 150, 100
ALIKE = {"target_size": (SIDE, SIDE), "batch_size": BATCH, "class_mode": "binary"}
CONFIG = presets.config("study-augmented")
_DROPPED = 3  # batches that were made ready while others were measured
_FEWEST = 3  # batches of a measurement


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        listing = dataset.check(asked.data or demo.create(Path(home, "drawn"), 2000, 0))
        decoding = rounds.seconds(lambda: pixels.load(listing, SIDE, "bilinear"))
        found = measure(listing, asked.rounds, asked.seconds)
    plain = {name: values for name, values in found.items() if "augmented" not in name}
    changed = {name: values for name, values in found.items() if "augmented" in name}
    rounds.show(plain, "images/s", base="ImageDataGenerator")
    rounds.show(changed, "images/s", base="ImageDataGenerator, augmented")
    print(f"decoding {len(listing.photos):,} once: {decoding:.1f} s, {len(listing.photos) / decoding:,.0f} images/s")


def measure(listing: dataset.Listing, count: int, seconds: float) -> dict[str, list[float]]:
    """Photographs a second of each pipeline, in every round. Their threads end with it, before the photographs go."""
    pipelines = {**as_they_are(listing), **augmented(listing)}
    return rounds.run({name: rate(source, seconds) for name, source in pipelines.items()}, count)


def as_they_are(listing: dataset.Listing) -> dict[str, Iterator]:
    """Endless batches of photographs; Keras' come as float32, ours as uint8, which the network's first layer rescales."""
    return {
        "ImageDataGenerator": ImageDataGenerator(rescale=1 / 255).flow_from_directory(listing.folder, **ALIKE),
        "image_dataset_from_directory": endless(from_directory(listing.folder)),
        "decoded once": ours(listing),
        "decoded once, rescaled to float32": ours(listing, rescale=1 / 255),
    }


def augmented(listing: dataset.Listing) -> dict[str, Iterator]:
    """The same with the study's augmentation; that of Keras' layers as near to it as they come."""
    names = ("rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range", "horizontal_flip", "fill_mode")
    generator = ImageDataGenerator(rescale=1 / 255, **{name: getattr(CONFIG, name) for name in names})
    layers = keras_layers()
    layer = augmentation.layer(CONFIG)
    change = tf.function(lambda images: layer(images, training=True))
    return {
        "ImageDataGenerator, augmented": generator.flow_from_directory(listing.folder, **ALIKE),
        "image_dataset_from_directory, augmented": endless(
            from_directory(listing.folder).map(lambda images, labels: (layers(images, training=True), labels), tf.data.AUTOTUNE)
        ),
        "decoded once, augmented": ((change(images).numpy(), labels) for images, labels in ours(listing)),
    }


def from_directory(folder: str) -> tf.data.Dataset:
    return keras.utils.image_dataset_from_directory(folder, label_mode="binary", image_size=(SIDE, SIDE), batch_size=BATCH, verbose=False)


def keras_layers() -> keras.Sequential:
    """Keras' own layers with the study's ranges."""
    fill = {"fill_mode": CONFIG.fill_mode}
    shear = CONFIG.shear_range / 45  # a share of the height; 45 degrees are all of it
    return keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomRotation(CONFIG.rotation_range / 360, **fill),
            keras.layers.RandomTranslation(CONFIG.height_shift_range, CONFIG.width_shift_range, **fill),
            keras.layers.RandomShear(shear, 0.0, **fill),
            keras.layers.RandomZoom(CONFIG.zoom_range, CONFIG.zoom_range, **fill),
        ]
    )


def endless(made: tf.data.Dataset) -> Iterator:
    """Batch after batch, as `fit` gets them over many epochs."""
    return iter(made.prefetch(tf.data.AUTOTUNE).repeat())


def ours(listing: dataset.Listing, rescale: float | None = None) -> Iterator:
    """The project's batches, epoch after epoch."""
    members = tuple(range(len(listing.photos)))
    made = batches.Batches(pixels.load(listing, SIDE, "bilinear"), listing, members, BATCH, shuffle=True, rescale=rescale)
    for epoch in count():
        made.start_epoch(epoch)
        yield from (made[index] for index in range(len(made)))


def rate(source: Iterator, seconds: float) -> Callable[[], float]:
    """Measures photographs a second, for that many seconds."""

    def once() -> float:
        for _ in range(_DROPPED):
            next(source)
        start, taken, images = time.perf_counter(), 0, 0
        while taken < _FEWEST or time.perf_counter() - start < seconds:
            images += len(next(source)[1])
            taken += 1
        return images / (time.perf_counter() - start)

    return once


if __name__ == "__main__":
    main()
