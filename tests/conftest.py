"""What all tests share: a home folder of their own, in which nothing is left running."""

import gc
import logging
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from catsdogs.queue import dispatcher, jobs, processes
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.system import priority
from tests import storing
from tests.waiting import is_free, wait_until

# The same examples at every run, in one home folder for all examples of a test; benchmarks/fuzz.py tries more.
settings.register_profile(
    "tests",
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tests")


def pytest_configure():
    """Modules are compiled once, not in each of the hundreds of processes that are started here, whatever the environment says."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    gc.disable()  # until all modules are loaded
    # Where a module of the pages is imported, `st.cache_data` looks for a server, and warns once for each function that there is none
    caching = logging.getLogger("streamlit.runtime.caching.cache_data_api")
    caching.addFilter(lambda record: "No runtime found" not in record.msg)


def pytest_collection_finish():
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    """Leave the folder that a test has gone to: it is deleted before other fixtures end."""
    os.chdir(item.config.rootpath)


@pytest.fixture(scope="session", autouse=True)
def no_power_failure():
    """Nothing waits until what it wrote is safe on the disk, as thousands of files are written here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(scope="module", autouse=True)
def what_is_loaded_is_no_garbage():
    """Streamlit and Keras collect after every page and network, which takes half a second where TensorFlow's objects are looked through."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """AppTest leaves the script of the pages as the main module, and a process that a later test spawns would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def same_random_numbers():
    """No test passes or fails by chance: weights, dropout and whatever else is drawn without a seed are the same at every call."""
    random.seed(0)
    np.random.seed(0)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


@pytest.fixture(autouse=True)
def no_giving_way(monkeypatch):
    """What trains gets as much of the processor as all else, which may be much: a worker that gave way had 3% of it in these tests."""
    monkeypatch.setattr(priority, "LOW", 0)


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """Where all home folders are: pytest looks through a whole folder to number another one in it, and there are thousands."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def home(homes, monkeypatch):
    """A fresh home folder for every test, away from its tmp_path, which stays empty. Nothing is left running in it."""
    folder = Path(tempfile.mkdtemp(dir=homes))
    monkeypatch.setenv("CATSDOGS_HOME", str(folder))
    yield folder
    for run in store.list_all():
        if run.state in store.WAITING:
            jobs.stop(run)
    wait_until(is_free)


@pytest.fixture
def nothing_starts(home, monkeypatch):
    """Hold the dispatcher's lock, as a foreground training does: what is queued here stays queued.

    A dispatcher that is woken meanwhile would import the library for half a second, then end: a program that ends is started instead.
    """
    monkeypatch.setattr(processes, "sys", SimpleNamespace(executable=shutil.which("true")))
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


@pytest.fixture
def small_backbones(monkeypatch):
    """Instead of those of Keras Applications, whose hundreds of layers would take most of the time."""
    import keras

    from catsdogs.networks.backbones import BUILDERS
    from tests import backbones

    for name in BUILDERS.values():
        monkeypatch.setattr(keras.applications, name, backbones.small)


@pytest.fixture
def shallow_efficientnet(monkeypatch):
    """One block of each kind: a third of the layers, of which each takes a while to convert, and all that it is made of."""
    from keras.src.applications import efficientnet_v2

    blocks = efficientnet_v2.DEFAULT_BLOCKS_ARGS["efficientnetv2-b0"]
    monkeypatch.setitem(efficientnet_v2.DEFAULT_BLOCKS_ARGS, "efficientnetv2-b0", [{**block, "num_repeat": 1} for block in blocks])


@pytest.fixture
def small_resnet(monkeypatch):
    """Three convolutions, which take a second to trace."""
    from catsdogs.networks import resnet
    from tests import killing

    for name, value in killing.SMALL.items():
        monkeypatch.setattr(resnet, name, value)


@pytest.fixture
def tiny_resnet(monkeypatch):
    """A single convolution, for tests of what is around the network: half the time."""
    from catsdogs.networks import resnet
    from tests import killing

    for name, value in killing.TINY.items():
        monkeypatch.setattr(resnet, name, value)


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory):
    """Weights of MobileNetV2."""
    import keras

    from tests import backbones

    return backbones.save_weights(keras.applications.MobileNetV2, tmp_path_factory.mktemp("weights") / "mine.weights.h5")
