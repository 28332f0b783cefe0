"""How much memory a training takes: the peak of what a worker has resident, on 20,000 photographs at 150 px. Linux only.

    python benchmarks/memory.py [--data DIR] [--count N] [--preset NAME] [--set FIELD=VALUE]...

Without DIR, a tenth of the photographs are drawn, and each is there ten times. One epoch of the study's CNN, decoding and evaluation
included. Of the peak, a part is the decoded photographs, which are mapped from disk: the system reclaims them where memory is short.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from catsdogs.drawn import demo

_COPIES = 10
_LOOK_EVERY = 0.2  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=20_000, help="photographs, where they are drawn")
    parser.add_argument("--preset", default="study-adam")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        folder = asked.data or copied(demo.create(Path(home, "drawn"), asked.count // _COPIES, 0))
        settings = [word for pair in asked.set for word in ("--set", pair)]
        words = ["train", "--data", str(folder), "--preset", asked.preset, *settings, "--epochs", "1"]
        worker = subprocess.Popen([sys.executable, "-m", "catsdogs", *words])
        peaks = watch(worker)
    for name, megabytes in peaks.items():
        print(f"{name:50}{megabytes:8,.0f} MB")


def copied(folder: Path) -> Path:
    """The folder, with every photograph in it as often as `_COPIES` says."""
    for path in list(folder.glob("*/*.jpg")):
        for copy in range(1, _COPIES):
            path.with_stem(f"{path.stem}-{copy}").hardlink_to(path)
    return folder


def watch(process: subprocess.Popen) -> dict[str, float]:
    """The highest values until the process ends, in 10**6 bytes."""
    names = {"peak, resident": "VmHWM", "peak of its own memory": "RssAnon", "peak of what is mapped from files": "RssFile"}
    peaks = dict.fromkeys(names, 0.0)
    while process.poll() is None:
        lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
        values = dict(line.split(":", 1) for line in lines)
        for name, key in names.items():
            if key in values:  # not in its last moment
                peaks[name] = max(peaks[name], int(values[key].split()[0]) * 1024 / 1e6)
        time.sleep(_LOOK_EVERY)
    if process.returncode:
        sys.exit(f"The training failed, with status {process.returncode}.")
    return peaks


if __name__ == "__main__":
    main()
