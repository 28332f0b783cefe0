"""The study's CNN here against the same network in PyTorch, where that is installed: photographs a second of a training step.

    python benchmarks/pytorch.py [--rounds N] [--steps N] [--compiled]

At 150 px in batches of 100, on one batch in memory, on the same cores; each library in a process of its own, so that their threads
don't meet, and one at a time. `--compiled` adds torch.compile, which wants a C++ compiler and a minute. Medians of rounds in turn.
"""

import argparse
import importlib.util
import multiprocessing
import os
import tempfile
from collections.abc import Callable
from functools import partial

import numpy as np
import rounds

from catsdogs.settings import presets
from catsdogs.system import devices

CONFIG = presets.config("study-adam")
FILTERS = (32, 64, 128, 256)
TORCH = ("float32", "float32, channels last", "bfloat16, channels last")
COMPILED = "bfloat16, channels last, compiled"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4, help="of each measurement")
    parser.add_argument("--compiled", action="store_true")
    asked = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed (pip install torch), so there is nothing to compare with.")
        return
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        here, there = Trainer(here_steps), Trainer(torch_steps)
        chosen = here.ask("chosen")
        kinds = {f"Cats & Dogs Studio, {kind}": (here, kind) for kind in dict.fromkeys([chosen, "float32"])}
        kinds |= {f"PyTorch, {kind}": (there, kind) for kind in (*TORCH, *([COMPILED] if asked.compiled else []))}
        print(
            f"weights: {here.ask('weights'):,} here, {there.ask('weights'):,} in PyTorch {there.ask('version')}; on {devices.processor()}"
        )
        measures = {name: partial(trainer.ask, "rate", kind, asked.steps) for name, (trainer, kind) in kinds.items()}
        found = rounds.run(measures, asked.rounds)
        for trainer in (here, there):
            trainer.end()
    fastest = max((name for name in found if name.startswith("PyTorch")), key=lambda name: np.median(found[name]))
    rounds.show(found, "images/s", base=fastest)


class Trainer:
    """A process that trains in one of the libraries, when asked to."""

    def __init__(self, serve: Callable):
        processes = multiprocessing.get_context("spawn")
        self._connection, theirs = processes.Pipe()
        self._process = processes.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, *question):
        """The answer of the process. Raises EOFError where it failed; it has said why."""
        self._connection.send(question)
        return self._connection.recv()

    def end(self) -> None:
        """Wait for its end."""
        self._connection.close()
        self._process.join()


def batch() -> tuple[np.ndarray, np.ndarray]:
    """Pixels of noise, and labels."""
    random = np.random.default_rng(0)
    side, count = CONFIG.target_size, CONFIG.batch_size
    return random.integers(0, 256, (count, side, side, 3), dtype=np.uint8), random.integers(0, 2, (count, 1)).astype(np.float32)


def answer(connection, facts: dict, make: Callable[[str], Callable[[], object]]) -> None:
    """Answer questions until nobody asks any more: a fact, or the rate of a kind of step, which is made when it is first asked for."""
    steps = {}
    while True:
        try:
            what, *details = connection.recv()
        except EOFError:
            return
        if what != "rate":
            connection.send(facts[what])
            continue
        kind, count = details
        if kind not in steps:
            steps[kind] = make(kind)
        seconds = rounds.seconds(lambda: [steps[kind]() for _ in range(count)])  # noqa: B023  called at once
        connection.send(count * CONFIG.batch_size / seconds)


def here_steps(connection) -> None:
    """The process that trains with this project."""
    devices.prepare()
    from catsdogs.networks import registry
    from catsdogs.training import optimizers, precision

    device = devices.in_use()
    images, labels = batch()

    def make(policy: str) -> Callable[[], object]:
        model = registry.build(CONFIG, policy)
        model.compile(optimizers.build(CONFIG, 1), "binary_crossentropy", metrics=["accuracy"], jit_compile=devices.compiles(device))
        return lambda: model.train_on_batch(images, labels)

    chosen, _ = precision.choose("auto", device)
    answer(connection, {"chosen": chosen, "weights": registry.build(CONFIG).count_params()}, make)


def torch_steps(connection) -> None:
    """The process that trains with PyTorch."""
    import torch

    torch.set_num_threads(devices.processor().cores)
    pixels, labels = (torch.from_numpy(array) for array in batch())
    pixels = pixels.permute(0, 3, 1, 2)  # a view: channels last in memory, which each kind changes as it wants

    def make(kind: str) -> Callable[[], object]:
        layout = torch.channels_last if "channels last" in kind else torch.contiguous_format
        model = network().to(memory_format=layout)
        optimizer = torch.optim.Adam(model.parameters())
        images = pixels.contiguous(memory_format=layout)
        forward = torch.compile(model) if "compiled" in kind else model

        def step() -> float:
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=kind.startswith("bfloat16")):
                logits = forward(images.float() / 255)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), labels)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    answer(connection, {"version": torch.__version__, "weights": sum(weights.numel() for weights in network().parameters())}, make)


def network():
    """The study's CNN in PyTorch, without its sigmoid, which is in the loss."""
    from torch import nn

    layers, channels, side = [], 3, CONFIG.target_size
    for filters in FILTERS:
        layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels, side = filters, side // 2
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(channels * side**2, CONFIG.dense_units), nn.ReLU(), nn.Linear(CONFIG.dense_units, 1)
    )


if __name__ == "__main__":
    main()
