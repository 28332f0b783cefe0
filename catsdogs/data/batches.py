"""A split and its pixels -> batches for `keras.Model.fit`, under the names of Keras' `ImageDataGenerator.flow_from_directory`.

The pixels are decoded by `pixels` and stay uint8; rescaling and augmentation are in the model. `rescale` gives what the study's
generators gave.
"""

import math

import keras
import numpy as np

from catsdogs.data import dataset, pixels, pruning, split
from catsdogs.data.dataset import Listing, Report
from catsdogs.errors import InputError
from catsdogs.settings import Config

_THREADS = 2  # with one, Keras uses tf.data, whose tuning thread can delay an epoch by as long as the one before took


class Batches(keras.utils.PyDataset):
    """One subset of a split, batch by batch: (batch, size, size, 3) pixels and (batch, 1) float32 labels, 0 or 1.

    Carries the attributes of Keras' `DirectoryIterator`: `filenames`, `classes`, `class_indices`, `samples`, `batch_size`.
    The order of epoch n depends on the seed and n alone, so that a resumed run continues unchanged; with `data_pruning`, the share
    that an epoch leaves out, also on `losses`. With it, or with `image_weights`, which are (n,) float32, each batch has sample weights
    as its third element: (batch,) float32.
    """

    def __init__(self, stored: np.ndarray, listing: Listing, members: tuple[int, ...], batch_size: int,
                 shuffle: bool = False, seed: int = 0, rescale: float | None = None, data_pruning: float = 0.0):  # fmt: skip
        super().__init__(workers=_THREADS, max_queue_size=_THREADS)  # Keras' default of ten takes up to 2 GB
        self.class_indices = {name: index for index, name in enumerate(listing.class_names)}
        self.filenames = [listing.photos[index].path for index in members]
        self.classes = np.array([self.class_indices[listing.photos[index].label] for index in members], dtype=np.int32)
        self.samples = len(members)
        self.batch_size = batch_size
        self.rescale = rescale
        self._stored = stored
        self._members = np.array(members)
        self._shuffle = shuffle
        self._seed = seed
        self._data_pruning = data_pruning
        self.losses = np.full(self.samples, np.nan, np.float32)
        self.image_weights: np.ndarray | None = None
        self.start_epoch(0)

    def __len__(self) -> int:
        return math.ceil(len(self._order) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        rows = self._rows(index)
        batch = pixels.take(self._stored, self._members[rows])
        if self.rescale is not None:
            batch = batch.astype(np.float32) * np.float32(self.rescale)
        labels = self.classes[rows, None].astype(np.float32)
        weights = [each[rows] for each in (self._pruning_weights, self.image_weights) if each is not None]
        return (batch, labels, np.prod(weights, axis=0)) if weights else (batch, labels)

    def images(self, start: int, stop: int) -> np.ndarray:
        """Pixels of the images from `start` to before `stop`, in the order of `filenames` and `classes`."""
        return pixels.take(self._stored, self._members[start:stop])

    def sample(self, count: int) -> np.ndarray:
        """Pixels of that many images, or of all there are, evenly spread."""
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


def make(listing: Listing, config: Config, report: Report | None = None, size: int | None = None) -> dict[str, Batches]:
    """Batches of "training", "validation" and "test"; only those of training are shuffled, if the configuration says so.

    `size` in px is for a stage below the target size: the same images in the same order.

    Raises InputError as `split.make` and `pixels.load` do.
    """
    members = split.make(listing, config)
    stored = pixels.load(listing, size or config.target_size, config.interpolation, report)
    of_training = {"shuffle": config.shuffle, "seed": config.seed, "data_pruning": config.data_pruning}
    return {
        subset: Batches(stored, listing, getattr(members, subset), config.batch_size, **(of_training if subset == "training" else {}))
        for subset in split.SUBSETS
    }


def flow_from_directory(directory, target_size=(150, 150), batch_size=100, class_mode="binary", shuffle=True, seed=0,
                        subset=None, rescale=1 / 255, interpolation="bilinear", **shares) -> Batches:  # fmt: skip
    """The study's call: `train_gen = flow_from_directory(folder, subset="training")`, `val_gen` with `subset="validation"`.

    `subset`: "training", "validation", "test", or None for every image. `target_size` is (height, width), a square.
    Further settings: `validation_split`, `test_split`. Raises InputError for values that `Config` does not allow.
    """
    if subset not in (None, *split.SUBSETS):
        raise InputError(f"subset = {subset!r}: allowed is {', '.join(split.SUBSETS)}, or None for every image.")
    if target_size[0] != target_size[1]:
        raise InputError(f"target_size = {target_size}: height and width have to be the same.")
    config = Config(data=str(directory), target_size=target_size[0], batch_size=batch_size, class_mode=class_mode,
                    shuffle=shuffle, seed=seed, rescale=rescale, interpolation=interpolation, **shares)  # fmt: skip
    listing = dataset.check(directory)
    stored = pixels.load(listing, config.target_size, config.interpolation)
    members = getattr(split.make(listing, config), subset) if subset else tuple(range(len(listing.photos)))
    return Batches(stored, listing, members, batch_size, shuffle, seed, rescale)
