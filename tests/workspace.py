"""A home folder with some of everything that the application keeps in one: runs in several states, a data set, lists, caches.

Its trained runs are those of `fixtures/stored`, on photographs of noise.
"""

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from catsdogs.analysis import doubts, looks, measurements, neither, summaries
from catsdogs.data import corrections, dataset, pixels
from catsdogs.inference import features
from catsdogs.queue import jobs, searches
from catsdogs.runs import Run, store, temperature, times, trash
from catsdogs.runs.temperature import Temperature
from catsdogs.settings import space
from catsdogs.settings.config import Config
from catsdogs.sources import catalogue, intake
from catsdogs.system import access, notices
from catsdogs.system import home as homes
from tests import storing
from tests.images import encoded, noise

_STORED = Path(__file__).parent / "fixtures" / "stored"
_SPEEDS = {"a device": {"float32": 100.0, "mixed_bfloat16": 90.0}}


@dataclass(frozen=True)
class Workspace:
    """Where it is, its data set, and the ids of its runs: one that can classify, one that was also measured, and all others."""

    home: Path
    data: Path
    trained: str
    measured: str
    others: tuple[str, ...]

    @property
    def files(self) -> list[Path]:
        """All that is in it, relative to it."""
        return sorted(path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())


def make() -> Workspace:
    """Fill the home folder, which is empty. No dispatcher may start: it would begin with the queued runs."""
    data = _photographs()
    trained, stopped, queued = _stored(data)
    _teach(store.load(trained))
    listing = dataset.check(data)
    measured = _measured(data, listing.fingerprint)
    others = [stopped, queued, *_in_other_states(data)]
    _caches(listing)
    _lists(queued)
    _passing()
    return Workspace(homes.folder(), data, trained, measured.id, tuple(others))


def _photographs() -> Path:
    """The data set of the stored runs, some of it corrected, and a file that is no image."""
    paths = sorted(path for path in (_STORED / "images").rglob("*.jpg"))
    sources = [(path.relative_to(_STORED / "images").as_posix(), path) for path in paths]
    data = intake.add_files(sources, "Pets").folder
    (data / "cats" / "unusable.jpg").write_bytes(b"no image")
    corrections.change(data, images={"cats/cats.0.jpg": corrections.FINE})
    return data


def _stored(data: Path) -> list[str]:
    """Copies of the stored runs: a finished one, a stopped one and a queued one."""
    names = sorted(path.name for path in (_STORED / "runs").iterdir())
    for name in names:
        folder = shutil.copytree(_STORED / "runs" / name, homes.subfolder("runs") / name)
        for path in folder.glob("*.json"):
            path.write_text(path.read_text(encoding="utf-8").replace('"DATA"', json.dumps(str(data))), encoding="utf-8")
    (homes.subfolder("runs") / names[0] / "log.txt").write_text("what a worker printed\n", encoding="utf-8")
    return names


def _teach(run: Run) -> None:
    """What tells pictures of neither class: one weight for each unit of the layer before the last one."""
    weights = [0.01] * run.config.dense_units
    neither.save(run, {"weights": weights, "limit": 1000.0, "turned_away": 0.05, "found": 0.9})


def _measured(data: Path, fingerprint: str) -> Run:
    """A finished run with what can be kept with one, but for a model that answers."""
    run = storing.measured(storing.finished(Config(data=str(data))), 900, fingerprint=fingerprint)
    bundled = store.load(store.SHIPPED)
    (measurement,) = measurements.load(run)
    measurements.save(bundled, replace(measurement, epoch=summaries.make(bundled)["best_epoch"], accuracy=0.95, low=0.94, high=0.96))
    temperature.save(run, Temperature(1.2, 100, 0.05, 0.02))
    store.change_label(run, name="The measured one", note="of two")
    (run.folder / "lock").touch()
    (run.folder / "stop").touch()
    return store.load(run.id)


def _in_other_states(data: Path) -> list[str]:
    failed = storing.trained(storing.epoch(1), config=Config(data=str(data), seed=1))
    store.write_status(failed, "failed", error="The disk is full.")
    interrupted = storing.trained(storing.epoch(1), config=Config(data=str(data), seed=2))
    store.write_status(interrupted, "running", epoch=1)
    trash.put(storing.finished(Config(data=str(data), seed=3)))
    return [failed.id, interrupted.id]


def _caches(listing: dataset.Listing) -> None:
    """What takes a while to find out and is kept: pixels, features, looks."""
    pixels.load(listing, 32, "bilinear")
    bundled = store.load(store.SHIPPED)
    features.load(listing, (bundled.id, store.model_version(bundled)), lambda paths: np.ones((len(paths), 4), np.float32))
    looks.save(listing, bundled, range(len(listing.photos)), doubts.Doubts((0,), (0.1,), (1,), 0.9))


def _lists(queued: str) -> None:
    jobs.move(store.load(queued), -1)
    (homes.folder() / "sweeps.json").write_text(json.dumps({"rates": [queued], "found": [queued]}), encoding="utf-8")
    _search(store.load(queued))
    (homes.folder() / "precision.json").write_text(json.dumps(_SPEEDS), encoding="utf-8")
    (homes.folder() / "dispatcher.log").write_text("what it printed\n", encoding="utf-8")
    (homes.folder() / "dispatcher.lock").touch()
    notices.leave("Something was set aside.")


def _search(run: Run) -> None:
    """One that was cancelled."""
    search = searches.Search(
        folder=homes.subfolder("searches") / "0123456789ab",
        name="found",
        person=access.OWNER,
        base=run.config,
        space={"learning_rate": space.Range(0.0001, 0.1, True)},
        seconds=1200,
        created=run.created,
        spent=10.0,
        runs={run.id: searches.STOPPED},
        shares={},
        note="",
        said="It was cancelled.",
        ended=times.now(),
    )
    search.folder.mkdir()
    searches.save(search)
    search.journal.write_text("{}\n", encoding="utf-8")


def _passing() -> None:
    """What is sent, downloaded and exported, until it is fetched or grows old."""
    for name in ("albums/0123/a.jpg", "albums/0123/a.small.jpg", f"uploads/{'0' * 48}.zip", "exports/run-onnx.zip"):
        path = homes.folder() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(noise(0), "JPEG"))
    (homes.folder() / "uploads" / ("0" * 48)).write_text("pets.zip", encoding="utf-8")
    (homes.subfolder("downloads") / f".{catalogue.OFFERS[0].name}.partial").write_bytes(os.urandom(100))
