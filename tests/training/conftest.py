"""What all trainings share."""

import shutil

import pytest

from catsdogs.runs import store
from tests.images import photographs
from tests.running import create, stop_after


@pytest.fixture
def folder(tmp_path):
    """Sixty images, of which 44 are trained on."""
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


@pytest.fixture(scope="session")
def one_epoch(tmp_path_factory):
    """The folder of a run that was stopped after the first of its two epochs; trained once, as it is the same for every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CATSDOGS_HOME", str(tmp_path_factory.mktemp("home")))
        return stop_after(create(photographs(tmp_path_factory.mktemp("trained") / "photos", {"cats": 30, "dogs": 30})), 1).folder


@pytest.fixture
def stopped(folder, one_epoch):
    """A run that was stopped after the first of its two epochs on the photographs of `folder`, in this test's home folder."""
    run = create(folder)
    shutil.copytree(one_epoch, run.folder, ignore=shutil.ignore_patterns("config.json"), dirs_exist_ok=True)
    return store.load(run.id)
