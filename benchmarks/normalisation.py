"""What batch normalisation in one pass is worth: a training step of our own network with it, against Keras' own layer.

    python benchmarks/normalisation.py [--rounds N]

Steps on a batch of 64 in memory, in the precision that is fastest here, with plain SGD. Prints photographs a second, medians of rounds
in turn.
"""

import argparse
from collections.abc import Callable

import numpy as np
import rounds

from catsdogs.settings import Config
from catsdogs.system import devices

devices.prepare()
from catsdogs.networks import batch_normalization, registry  # noqa: E402
from catsdogs.training import precision  # noqa: E402

BATCH = 64
STEPS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    device = devices.in_use()
    policy, _ = precision.choose("auto", device)
    for side in (64, 128):
        print(f"resnet, {side} px, batches of {BATCH}, {policy}, {device}")
        found = rounds.run(
            {"Keras' own": step(side, policy, lambda model: model), "in one pass": step(side, policy, batch_normalization.fuse)},
            asked.rounds,
        )
        rounds.show(found, "images/s", base="Keras' own")


def step(side: int, policy: str, change: Callable) -> Callable[[], float]:
    """Measures steps on a batch of noise at that many pixels."""
    model = change(registry.build(Config(model="resnet", target_size=side), policy))
    model.compile("sgd", "binary_crossentropy", jit_compile=False)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (BATCH, side, side, 3), dtype=np.uint8)
    labels = random.integers(0, 2, (BATCH, 1)).astype(np.float32)
    model.train_on_batch(images, labels)
    return lambda: STEPS * BATCH / rounds.seconds(lambda: [model.train_on_batch(images, labels) for _ in range(STEPS)])


if __name__ == "__main__":
    main()
