"""What a person asks for on a page, on a disk without room: what could not be kept is said in words, not by a file that nobody knows."""

import errno
import os
import re

import numpy as np
import pytest

from catsdogs.data import corrections, dataset, known_folders
from catsdogs.inference import features
from catsdogs.queue import jobs, sweeps
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.sources import library
from catsdogs.system import shortage
from catsdogs.system.shortage import DiskFull
from pages.parts.shared import incoming, names
from tests.images import photographs
from tests.limits import files_up_to
from tests.pages.opening import open_page


def order_the_queue(folder):
    first, second = jobs.create([Config(data=str(folder)), Config(data=str(folder), seed=1)])
    return lambda: jobs.move(second, -1)


def label(folder):
    run = store.create(Config(data=str(folder)))
    return lambda: store.change_label(run, name="The best")


def look(folder):
    listing = dataset.check(folder)
    return lambda: features.load(listing, "a network", lambda paths: np.zeros((len(paths), 2), np.float32))


SAID = {
    "the name of the data set": lambda folder: lambda: library.rename(folder, "My pets"),
    "the list of data sets": lambda folder: lambda: known_folders.remember(folder),
    "the corrections of": lambda folder: lambda: corrections.change(folder, images={"cats/0.png": corrections.FINE}),
    "what the network sees in the photographs": look,
    "the order of the queue": order_the_queue,
    "the list of sweeps": lambda folder: lambda: sweeps.create("rates", [Config(data=str(folder))]),
    "the run's label": label,
}


@pytest.mark.parametrize("what", SAID)
def test_what_could_not_be_kept_is_named_in_words(tmp_path, home, what):
    act = SAID[what](photographs(tmp_path / "pets", {"cats": 5, "dogs": 5}))
    with files_up_to(0), pytest.raises(DiskFull) as refused:
        act()
    said = str(refused.value)
    assert f"free in {home}" in said and f", {what}" in said and "could not be written." in said
    assert not re.search(r"\.(json|npy|lock|txt)\b|[0-9a-f]{16}", said), said
    told = names.told(refused.value)
    assert str(home) not in told and f"B free, {what}" in told and "could not be written." in told
    act()


def test_no_page_says_where_on_the_server_its_disk_is_full(tmp_path, home):
    run = store.create(Config(data=str(photographs(tmp_path / "pets", {"cats": 5, "dogs": 5}))))
    with pytest.raises(DiskFull) as full, shortage.explained(run.folder, "the checkpoint", 10**8):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    store.write_status(run, "failed", error=str(full.value))
    error = open_page("results", run=run.id).error[0].value
    assert error.startswith("The disk is full: ") and "free, the checkpoint needs 100 MB. Delete data sets or runs" in error
    assert str(home) not in error and incoming.full(full.value).body.decode().startswith(error.replace("\\", ""))
