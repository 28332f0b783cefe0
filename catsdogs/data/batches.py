"""A split and its pixels -> batches for `keras.Model.fit`, under the names of Keras' `ImageDataGenerator.flow_from_directory`.

The pixels are decoded by `pixels` and stay uint8; rescaling and augmentation are in the model. `rescale` gives what the study's
generators gave.
"""

import math
from dataclasses import replace

import keras
import numpy as np

from catsdogs.data import dataset, pixels, pruning, split
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.settings import Config
from catsdogs.system.reports import Report, silent

# With one thread, TensorFlow's tf.data takes over, whose tuning thread can delay an epoch by as long as the one before took. With two,
# JAX's first step gets batches that were left in the queue when Keras built the model, and the next ones twice (Keras 3.15).
_THREADS = {"tensorflow": 2, "jax": 1}


class Batches(keras.utils.PyDataset):
    """One subset of a split, batch by batch: (batch, size, size, 3) pixels and (batch, 1) float32 labels, 0 or 1.

    It has the attributes of Keras' `DirectoryIterator` that examples use, and iterates like one: for ever, epoch after epoch. Negative
    indices count from the end, as in a list; others outside raise IndexError.
    The order of epoch n depends only on the seed and n, so that a resumed run continues unchanged; with `data_pruning`, the share that an
    epoch leaves out, also on `losses`. With it, or with `image_weights`, (n,) float32, each batch has sample weights as its third element,
    (batch,) float32.
    """

    def __init__(self, stored: np.ndarray, listing: Listing, members: tuple[int, ...], batch_size: int,
                 shuffle: bool = False, seed: int = 0, rescale: float | None = None, data_pruning: float = 0.0):  # fmt: skip
        threads = _THREADS[keras.backend.backend()]
        super().__init__(workers=threads, max_queue_size=threads)  # Keras' default of ten takes up to 2 GB
        self.class_indices = {name: index for index, name in enumerate(listing.class_names)}
        self.filenames = [listing.photos[index].path for index in members]
        self.filepaths = [str(listing.path(index)) for index in members]
        self.classes = self.labels = np.array([self.class_indices[listing.photos[index].label] for index in members], dtype=np.int32)
        self.num_classes = len(self.class_indices)
        self.samples = self.n = len(members)
        self.batch_size = batch_size
        self.image_shape = stored.shape[1:]
        self.rescale = rescale
        self._stored = stored
        self._members = np.array(members)
        self._shuffle = shuffle
        self._seed = seed
        self._data_pruning = data_pruning
        self.losses = np.full(self.samples, np.nan, np.float32)
        self.image_weights: np.ndarray | None = None
        self.start_epoch(0)
        self.reset()

    def __len__(self) -> int:
        return math.ceil(len(self._order) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"There is no batch {index}: an epoch has {len(self)}, 0 to {len(self) - 1}.")
        rows = self._rows(index % len(self))
        batch = pixels.take(self._stored, self._members[rows])
        if self.rescale is not None:
            batch = batch.astype(np.float32) * np.float32(self.rescale)
        labels = self.classes[rows, None].astype(np.float32)
        weights = [each[rows] for each in (self._pruning_weights, self.image_weights) if each is not None]
        return (batch, labels, np.prod(weights, axis=0)) if weights else (batch, labels)

    def __iter__(self) -> "Batches":
        return self

    def __next__(self) -> tuple[np.ndarray, ...]:
        if self.batch_index == len(self):
            self.on_epoch_end()
            self.reset()
        self.batch_index += 1
        return self[self.batch_index - 1]

    def reset(self) -> None:
        """Have `next` begin with the first batch."""
        self.batch_index = 0

    def images(self, start: int, stop: int) -> np.ndarray:
        """Pixels of the images from `start` to before `stop`, in the order of `filenames` and `classes`."""
        return pixels.take(self._stored, self._members[start:stop])

    def sample(self, count: int) -> np.ndarray:
        """Pixels of that many images, or of all if there are fewer, evenly spread."""
        return pixels.take(self._stored, self._members[np.linspace(0, self.samples - 1, min(count, self.samples), dtype=int)])

    def record_losses(self, index: int, losses: np.ndarray) -> None:
        """Keep the losses of a batch of this epoch, shape (batch,) or longer, for later epochs."""
        rows = self._rows(index)
        self.losses[rows] = losses[: len(rows)]

    def start_epoch(self, epoch: int) -> None:
        """Set the order for this epoch, counted from 0."""
        self._epoch = epoch
        random = np.random.default_rng([self._seed, epoch])
        if self._data_pruning:
            rows, self._pruning_weights = pruning.choose(self.losses, self._data_pruning, random)
            self._order = rows if self._shuffle else np.sort(rows)
        else:
            rows, self._pruning_weights = np.arange(self.samples), None
            self._order = random.permutation(rows) if self._shuffle else rows

    def on_epoch_end(self) -> None:
        """Keras calls this after every epoch."""
        self.start_epoch(self._epoch + 1)

    def _rows(self, index: int) -> np.ndarray:
        return self._order[index * self.batch_size : (index + 1) * self.batch_size]


def make(listing: Listing, config: Config, report: Report = silent, size: int | None = None) -> dict[str, Batches]:
    """Batches of "training", "validation" and "test"; only those of training are shuffled, if the configuration says so.

    `size` in px is that of a stage below the target size: the same images in the same order.
    Raises InputError as `split.make` and `pixels.load` do.
    """
    members = split.make(listing, config)
    stored = pixels.load(listing, size or config.target_size, config.interpolation, report, config.proportions)
    of_training = {"shuffle": config.shuffle, "seed": config.seed, "data_pruning": config.data_pruning}
    return {
        subset: Batches(stored, listing, getattr(members, subset), config.batch_size, **(of_training if subset == "training" else {}))
        for subset in split.SUBSETS
    }


def flow_from_directory(directory, target_size=(150, 150), color_mode="rgb", classes=None, class_mode="binary", batch_size=100,
                        shuffle=True, seed=0, save_to_dir=None, save_prefix="", save_format="png", follow_links=False,
                        subset=None, interpolation="bilinear", keep_aspect_ratio=False, *, rescale=1 / 255,
                        validation_split=Config.validation_split, test_split=Config.test_split,
                        crop_to_aspect_ratio=False, pad_to_aspect_ratio=False, **others) -> Batches:  # fmt: skip
    """The study's call: `train_gen = flow_from_directory(folder, subset="training")`, `val_gen` with `subset="validation"`.

    The arguments have the names and the meaning of Keras' function, with the study's values as defaults; those after the star come from
    its `ImageDataGenerator`, and the last two from `image_dataset_from_directory`. `keep_aspect_ratio` and `crop_to_aspect_ratio` mean the
    same. `subset` may also be "test"; None is every image. `classes` gives the order of the two classes. With `seed` None, the order is
    drawn from NumPy's random state, as in Keras; the split is that of seed 0, so that subsets never overlap.
    Raises InputError for arguments that are not supported, and for values that `Config` does not allow.
    """
    if subset not in (None, *split.SUBSETS):
        raise InputError(f"subset = {subset!r}: must be {', '.join(split.SUBSETS)}, or None for every image.")
    _refuse({"color_mode": color_mode, "save_to_dir": save_to_dir, "follow_links": follow_links})
    if others:
        raise InputError(f"flow_from_directory takes no {', '.join(others)}: augmentation is part of the network here; set it in Config.")
    config = Config(data=str(directory), target_size=target_size, batch_size=batch_size, class_mode=class_mode, shuffle=shuffle,
                    seed=0 if seed is None else seed, rescale=1 if rescale is None else rescale, interpolation=interpolation,
                    validation_split=validation_split, test_split=test_split,
                    crop_to_aspect_ratio=keep_aspect_ratio or crop_to_aspect_ratio, pad_to_aspect_ratio=pad_to_aspect_ratio)  # fmt: skip
    listing = dataset.check(directory)
    stored = pixels.load(listing, config.target_size, config.interpolation, proportions=config.proportions)
    members = getattr(split.make(listing, config), subset) if subset else tuple(range(len(listing.photos)))
    if classes:
        listing = _reordered(listing, classes)
        members = tuple(sorted(members, key=lambda index: (listing.class_names.index(listing.photos[index].label), index)))
    order = np.random.randint(2**31) if seed is None else config.seed
    return Batches(stored, listing, members, config.batch_size, config.shuffle, order, config.rescale)


def _refuse(given: dict) -> None:
    """Raise InputError for the first argument of Keras' function that asks for something unsupported."""
    reasons = {
        "color_mode": ("rgb", "every network here takes RGB"),
        "save_to_dir": (None, "images are augmented in the network; Train shows a preview"),
        "follow_links": (False, "links to folders within a class are not followed"),
    }
    for name, value in given.items():
        allowed, why = reasons[name]
        if value != allowed:
            raise InputError(f"{name} = {value!r}: must be {allowed!r}, as {why}.")


def _reordered(listing: Listing, classes) -> Listing:
    """The same images with the classes in this order. Raises InputError if these are not its classes."""
    if isinstance(classes, str) or sorted(classes) != list(listing.class_names):
        raise InputError(f"classes = {classes!r}: must be the two class folders, {' and '.join(listing.class_names)}, in either order.")
    return replace(listing, class_names=tuple(classes))
