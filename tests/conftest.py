"""What all tests share: a home folder of their own, and factories of real picture files."""

import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.browsing import open_browser, serve

_DARK, _BRIGHT = {"low": 0, "high": 196}, {"low": 60, "high": 256}


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """AppTest leaves the script of the pages as the main module, and a process that a later test spawns would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A fresh home folder for every test, beside its tmp_path, which stays empty. Nothing is left running in it."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CATSDOGS_HOME", str(folder))
    yield folder
    for run in store.list_all():
        if run.state in store.WAITING:
            jobs.stop(run)
    wait_until(is_free)


@pytest.fixture
def nothing_starts(home):
    """Hold the dispatcher's lock, as a foreground training does: what is queued here stays queued."""
    with dispatcher.turn(print):
        yield
        for run in store.list_all():
            jobs.stop(run)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A run in the place of the one that comes with the application."""
    run = storing.finished(Config(), right=90)
    run.folder.rename(tmp_path / store.SHIPPED)
    monkeypatch.setattr(store, "_SHIPPED", tmp_path / store.SHIPPED)
    return tmp_path / store.SHIPPED


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory):
    """Weights of MobileNetV2 as people bring them: drawn at random, with the statistics of noise, so that features differ by picture."""
    import keras

    keras.utils.set_random_seed(0)
    backbone = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg")
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    backbone(np.random.default_rng(0).uniform(-1, 1, (32, 32, 32, 3)), training=True)
    path = tmp_path_factory.mktemp("weights") / "mine.weights.h5"
    backbone.save_weights(path)
    return path


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, one for all tests of a file."""
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser):
    """A tab of its own, on a wide screen. It waits long: the machine may be busy."""
    expect.set_options(timeout=30_000)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def server():
    """The address of a fresh server."""
    with serve() as address:
        yield address


def wait_until(is_so, within: float = 90) -> float:
    """Seconds until `is_so()`; `within` is for a machine that is busy."""
    start = time.monotonic()
    while not is_so():
        assert time.monotonic() - start < within, "it never came to that"
        time.sleep(0.02)
    return time.monotonic() - start


def is_free() -> bool:
    """Whether no dispatcher is at work."""
    return not dispatcher.is_at_work()


def noise(seed: int, size: tuple[int, int] = (48, 36), low: int = 0, high: int = 256) -> Image.Image:
    """An RGB picture of coloured noise; `size` is (width, height)."""
    return Image.fromarray(np.random.default_rng(seed).integers(low, high, (size[1], size[0], 3), dtype=np.uint8))


def picture(path: Path, size: tuple[int, int] = (48, 36), low: int = 0, high: int = 256, **options) -> Path:
    """Write noise to `path`, in the format of its suffix; the last three parts of the path decide which noise, so no two are alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise(zlib.crc32("/".join(path.parts[-3:]).encode()), size, low, high).save(path, **options)
    return path


def photographs(folder: Path, counts: dict[str, int], size: tuple[int, int] = (48, 36)) -> Path:
    """Class folders with that many JPEG files, `cats/cats.0.jpg` and so on; the first class is the darkest."""
    for number, (name, count) in enumerate(counts.items()):
        for index in range(count):
            picture(folder / name / f"{name}.{index}.jpg", size, **(_DARK if number == 0 else _BRIGHT))
    return folder
