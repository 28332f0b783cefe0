"""The pages where the disk of the home folder became read-only while the server ran."""

import pytest

from catsdogs.data import dataset
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import mounts, storing
from tests.images import photographs
from tests.pages.opening import open_page
from tests.runs.test_leftovers import MODEL, leave


@pytest.mark.parametrize("name", ["data", "train", "results"])
def test_a_page_opens_from_a_disk_that_became_read_only(name, home, nothing_starts, tmp_path):
    folder = str(dataset.check(photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})).folder)
    leave(storing.finished(Config(data=folder)).folder, MODEL)
    store.create(Config(data=folder))
    open_page(name, data=folder)
    with mounts.read_only(home):
        open_page(name, data=folder)


def test_a_page_says_why_a_damaged_list_can_t_be_replaced(home):
    """It said that the application has encountered an error, and nothing more."""
    open_page("results")
    (home / "folders.json").write_text("not a list")
    with mounts.read_only(home):
        said = open_page("results").error[0].value
    assert said.endswith("folders.lock can't be opened (read-only file system). Make its disk writable again.")


def test_classify_says_that_a_disk_which_became_read_only_takes_no_pictures(home):
    with mounts.read_only(home):
        app = open_page("classify")
    assert "The disk is read-only" in app.error[0].value
