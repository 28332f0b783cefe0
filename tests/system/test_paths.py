"""Paths as people type them."""

from pathlib import Path

import pytest

from catsdogs.errors import InputError
from catsdogs.system import paths
from tests.paths import NO_UTF8, impossible


def test_what_can_be_a_path_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / NO_UTF8)
    assert paths.resolve("~/photos") == paths.resolve("photos") == tmp_path / "photos"
    assert paths.resolve("link") == tmp_path / NO_UTF8
    assert paths.resolve(Path("photos", "..")) == tmp_path


def test_what_can_not_be_one_is_refused_in_a_sentence(tmp_path):
    for given, words in impossible(tmp_path).items():
        with pytest.raises(InputError, match=words) as refused:
            paths.resolve(given)
        assert "\0" not in str(refused.value) and str(refused.value).endswith(".")
        assert not paths.is_folder(Path(given)) or given == "~nouser/x"


@pytest.mark.parametrize("path", ["/etc/a.jpg", "../a.jpg", "cats/../../a.jpg", "cats/..", "..", "a\0.jpg"])
def test_a_stored_path_that_leads_out_of_its_folder_is_told_from_those_that_do_not(path):
    assert paths.leads_out(path)
    assert not any(map(paths.leads_out, ("cats/a.jpg", "cats/a..b.jpg", "...", "cats/.a.jpg", "a.jpg", NO_UTF8)))
