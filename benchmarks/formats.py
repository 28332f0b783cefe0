"""What LiteRT and ONNX, in 32 and in 8 bits, are worth beside the network in Keras, on photographs that nothing was chosen by.

    python benchmarks/formats.py --data OTHER [--run RUN] [--count N]

The ranges of 8 bits come from drawings or from the run's own photographs, never from these. Agreement and accuracy are those of the same
photographs; times are medians for one photograph, on one thread. "page" is what Classify says, with the network as it was stored; of what
is neither, after one look, since the second one is up to the script beside the files.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from catsdogs.export import portable
from catsdogs.runs import store, temperature


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--run", default=store.SHIPPED)
    parser.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    portable.prepare()
    from catsdogs.data import dataset
    from catsdogs.export import samples, worth
    from catsdogs.inference import classifier, measuring

    run, listing = store.load(arguments.run), dataset.check(arguments.data)
    names = tuple(store.environment(run)["class_names"])
    places = measuring.match(run, names, listing)
    rows = np.random.default_rng(0).permutation(len(listing.photos))[: arguments.count]
    labels = np.array([places[listing.photos[row].label] for row in rows])
    loaded = classifier.load(run)
    if loaded.learned:
        loaded = replace(loaded, learned={name: value for name, value in loaded.learned.items() if name != "second_look"})
    asked = [(listing.photos[row].path, listing.path(row)) for row in rows]
    said = classifier.classify(loaded, asked, temperature=temperature.load(run).value)
    page = np.array([[measuring.second_probability(names, answer), 1 if answer.neither else -1] for answer in said])
    pixels = np.stack([classifier.read(loaded, path) for _, path in asked])
    print(f"{len(rows):,} photographs; the page is right on {np.mean((page[:, 0] >= 0.5) == labels):.2%}")
    ranges = samples.find(run).ranges
    for format in ("litert", "onnx"):
        with tempfile.TemporaryDirectory() as folder:
            for path, bits in portable.convert(portable.network(run), format, ranges, Path(folder)):
                found = worth.measure(path, bits, portable.kind(format).open_file(path), pixels, page, labels)
                print(
                    f"{found.name:24}{found.bytes / 1e6:6.2f} MB {found.ms:6.1f} ms  same answer {found.agreement:7.2%}  "
                    f"same neither {found.neither:7.2%}  "
                    f"largest difference {found.difference:.5f}  right {found.accuracy:.2%}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
