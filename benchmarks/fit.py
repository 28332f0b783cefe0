"""Whether training costs more than its steps: `fit` with everything that a run does, against the bare step on one batch in memory.

    python benchmarks/fit.py [--data DIR] [--rounds N] [--preset NAME]

The study's CNN at 150 px in batches of 100, in the precision that is fastest here. A round is a whole run of two epochs (decoded
photographs, recorder, validation), one with the study's augmentation, and as many bare steps without it. Without DIR, 2,000 are drawn.
Prints photographs a second while the epochs were trained, medians of rounds in turn.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rounds

from catsdogs.drawn import demo
from catsdogs.runs import history, store
from catsdogs.settings import config, presets
from catsdogs.system import devices
from catsdogs.training.progress import Progress

devices.prepare()
from catsdogs.networks import batch_normalization, registry  # noqa: E402
from catsdogs.training import optimizers, precision, trainer  # noqa: E402

EPOCHS = 2
BARE = "the bare step"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preset", default="study-adam")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        folder = asked.data or demo.create(Path(home, "drawn"), 2000, 0)
        plain = presets.config(asked.preset, data=str(folder), epochs=EPOCHS)
        study = presets.find("study-augmented").settings
        changed = config.change(plain, **{name: study[name] for name in config.AUGMENTATION if name in study})
        found = rounds.run({BARE: bare(plain), "fit": fit(plain), "fit with augmentation": fit(changed)}, asked.rounds, is_warm=True)
    rounds.show(found, "images/s", base=BARE)


def bare(asked: config.Config, steps: int = 20) -> Callable[[], float]:
    """Measures steps on a batch of noise that is in memory."""
    device = devices.in_use()
    policy, _ = precision.choose(asked.precision, device)
    model = batch_normalization.fuse(registry.build(asked, policy))
    optimizer = optimizers.build(asked, 1, is_exact=device.kind == "CPU")
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"], jit_compile=devices.compiles(device))
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (asked.batch_size, asked.target_size, asked.target_size, 3), dtype=np.uint8)
    labels = random.integers(0, 2, (asked.batch_size, 1)).astype(np.float32)
    model.train_on_batch(images, labels)
    print(f"{asked.model}, {asked.target_size} px, batches of {asked.batch_size}, {policy}, {device}")

    def once() -> float:
        seconds = rounds.seconds(lambda: [model.train_on_batch(images, labels) for _ in range(steps)])
        return steps * asked.batch_size / seconds

    return once


def fit(asked: config.Config) -> Callable[[], float]:
    """Measures a run as a worker does it, from the first to the last batch of its epochs."""

    def once() -> float:
        run = store.create(asked)
        trainer.train(run, Progress(run, is_stopping=lambda: False, log=lambda message: None, show=lambda facts: None))
        return float(np.mean([epoch["pictures_per_second"] for epoch in history.load(run)]))

    return once


if __name__ == "__main__":
    main()
