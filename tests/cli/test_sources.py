"""`fetch` and `import` on the command line."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from catsdogs.__main__ import main
from catsdogs.data import known_folders
from catsdogs.sources import catalogue, download, intake, library
from tests.cli.test_commands import catsdogs, refusal
from tests.images import photographs, picture
from tests.sources.conftest import content, offer, server  # noqa: F401
from tests.sources.test_archive import good
from tests.waiting import wait_until


@pytest.fixture
def starter(offer, monkeypatch):  # noqa: F811
    monkeypatch.setattr(catalogue, "OFFERS", (replace(offer, name="starter"),))


def test_a_data_set_is_fetched_once(starter, server, home):  # noqa: F811
    assert catsdogs("fetch", "starter").stdout.startswith(f"24 images are in {home}/data/downloaded-starter\n")
    assert library.name_of(home / "data/downloaded-starter") == "Microsoft's full set"
    assert not list((home / "downloads").glob("*.zip")), "the archive is not needed any more"
    server.asked.clear()
    assert "is in " in catsdogs("fetch", "starter").stdout and server.asked == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="Linux tells who waits")
def test_what_another_process_has_just_fetched_is_not_fetched_again(starter, server, home, capsys):  # noqa: F811
    (offered,) = catalogue.OFFERS
    with ThreadPoolExecutor() as pool:
        with download.making(offered):
            waiting = pool.submit(main, ["fetch", "starter"])
            lock = home / "downloads" / ".starter.made.lock"
            wait_until(lambda: [path.resolve() for path in Path("/proc/self/fd").iterdir()].count(lock) == 2)
            intake.folder_of(offered).mkdir()
        assert waiting.result() == 0
    assert "is in " in capsys.readouterr().out and server.asked == []


def test_it_is_fetched_into_a_folder_that_is_named(starter, server, tmp_path):  # noqa: F811
    told = json.loads(catsdogs("fetch", "starter", tmp_path / "new" / "pets", "--json").stdout)
    assert told["folder"] == str(tmp_path / "new" / "pets")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["pets"]
    assert len(list((tmp_path / "new/pets").rglob("*.jpg"))) == 24
    server.asked.clear()
    assert "is not empty. Name another folder, or empty it" in refusal("fetch", "starter", tmp_path / "new" / "pets")
    assert server.asked == [], "it is said before anything is downloaded"


def test_it_is_fetched_into_the_current_folder_which_stays(starter, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "24 images are in" in catsdogs("fetch", "starter", ".").stdout
    assert len(list((tmp_path / "here").rglob("*.jpg"))) == 24 and os.getcwd() == str(tmp_path / "here")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_what_is_not_offered_or_out_of_reach_is_refused(starter, server):  # noqa: F811
    assert "There is no data set 'huge' to download; choose starter." in refusal("fetch", "huge")
    server.status = 404
    assert "then upload the file on the Data page" in refusal("fetch", "starter")


def test_an_archive_and_a_folder_are_imported(tmp_path, home):
    told = catsdogs("import", good(tmp_path / "pets.zip")).stdout
    assert told == f"6 images are in {home}/data/pets\nBy the names of folders and files: 3 cats and 3 dogs\n"
    told = json.loads(catsdogs("import", photographs(tmp_path / "mine", {"cats": 2, "dogs": 2}), "Ours", "--json").stdout)
    assert told == {"folder": f"{home}/data/ours", "images": 4, "left_out": []}


def test_what_was_imported_and_can_not_be_used_as_it_is_says_so(tmp_path, home):
    pets = photographs(tmp_path / "pets", {"Luna": 2, "Minka": 1, "Bello": 2})
    for number in range(3):
        (pets / f"IMG_{number}.MOV").write_bytes(b"\0\0\0\x14ftypqt  ")
    (pets / "labels.csv").write_text("file,label\n")
    count, *left_out, problem = catsdogs("import", pets).stdout.splitlines()
    assert count == f"5 images are in {home}/data/pets" and problem.startswith(f"{home}/data/pets holds 3 classes (Bello, Luna, Minka)")
    assert [line.strip().partition(". Where")[0] for line in left_out] == [
        "left out: labels.csv: A table, which is not read",
        "left out: IMG_0.MOV and 2 more .MOV files: Not an image.",
    ]


def test_of_what_was_imported_no_image_is_passed_over_in_silence(tmp_path, home):
    pets = photographs(tmp_path / "pets", {"cats": 2, "dogs": 2, "birds": 3})
    picture(pets / "IMG_1.jpg")
    assert catsdogs("import", pets).stdout.splitlines()[1:] == [
        "By the names of folders and files: 2 cats and 2 dogs, and 1 image of no class",
        "left out: birds/ with 3 images: Its name is neither of the two classes beside it.",
    ]


def test_what_was_brought_or_drawn_is_offered_on_the_pages(starter, tmp_path, home):
    catsdogs("demo", tmp_path / "drawn", "--count", "20")
    catsdogs("import", photographs(tmp_path / "mine", {"cats": 2, "dogs": 2}), "Ours")
    catsdogs("fetch", "starter")
    assert known_folders.load() == [home / "data/downloaded-starter", home / "data/ours", tmp_path / "drawn"]


def test_a_set_is_drawn_into_the_current_folder_which_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert catsdogs("demo", ".", "--count", "20").stdout == f"20 images are in {tmp_path}\n"
    assert os.getcwd() == str(tmp_path) and sorted(os.listdir()) == ["cats", "dogs"] and known_folders.load() == [tmp_path]


@pytest.mark.parametrize("source", ["missing", "text.zip"])
def test_what_can_not_be_imported_is_refused(source, tmp_path):
    (tmp_path / "text.zip").write_text("no archive")
    assert str(source) in refusal("import", tmp_path / source)
