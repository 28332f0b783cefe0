"""The choice of a network on the page Classify. Its answers are tested in a browser, which can upload."""

import pytest

from catsdogs.data import formats
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests import storing
from tests.pages.opening import open_page


def test_a_bundled_network_is_there_from_the_start():
    network = open_page("classify").selectbox[0]
    assert network.value == store.SHIPPED and "bundled" in network.options[0]


@pytest.mark.parametrize("place", [0, 1])
def test_a_link_chooses_one_of_several_alike(place, tmp_path):
    runs = [storing.finished(Config(data=str(tmp_path))) for _ in range(2)]
    for run in runs:
        run.model_path.write_bytes(b"read when it classifies")
    app = open_page("classify", model=runs[place].id)
    assert app.selectbox[0].value == runs[place].id and not app.warning


def test_a_link_to_a_missing_network_says_so():
    app = open_page("classify", model="nobody")
    assert "no run 'nobody' with a model" in app.warning[0].value and app.selectbox[0].value == store.SHIPPED


def test_the_mirror_image_is_offered_with_what_it_costs_and_brings():
    (toggle,) = open_page("classify").toggle
    assert not toggle.value and "twice" in toggle.help and "97.9% instead of 97.4%" in toggle.help


def test_every_kind_of_file_that_is_read_can_be_uploaded():
    (uploader,) = open_page("classify").get("file_uploader")
    assert set(uploader.proto.type) >= set(formats.SUFFIXES)
