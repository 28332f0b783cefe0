"""How much disk space one person's data sets may take: held for everybody, whichever way photographs come."""

import threading

import pytest

from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.sources import allowance, download, intake, library
from catsdogs.system import access, files, shortage
from catsdogs.system.access import Limits, Person
from tests.sources.test_archive import jpeg, write

MOST = 400_000  # bytes
PHOTO = jpeg() + bytes(99_000)  # what follows the end of a JPEG is not read


@pytest.fixture
def come_in():
    """Have somebody of that name ask from now on, whose data sets may take 400 kB; the owner again in the end."""
    yield lambda name, **limits: access.identify_by(lambda: Person(name, limits=Limits(**{"data": MOST, **limits})))
    access.identify_by(lambda: access.OWNER)


def photographs(count: int):
    return [(f"cats/{number}.jpg", PHOTO) for number in range(count)]


def zipped(path, count: int):
    return write(path, *photographs(count))


WAYS = {
    "files": lambda tmp_path, count: intake.add_files(photographs(count), "mine"),
    "a ZIP file": lambda tmp_path, count: intake.add_archive(zipped(tmp_path / "mine.zip", count)),
    "a camera": lambda tmp_path, count: [intake.extend(folder, "cats", PHOTO) for folder in [intake.create("mine")] * count],
}


@pytest.mark.parametrize("way", WAYS)
def test_one_person_brings_as_much_as_is_allowed_and_no_more(way, come_in, home, tmp_path):
    come_in("Ada")
    WAYS[way](tmp_path, 3)
    assert 300_000 < allowance.used("Ada") < MOST
    before = sorted(home.rglob("*.jpg"))
    with pytest.raises(
        InputError, match=r"^Your data sets take 3\d\d kB, and would take .* one person may have 400 kB here\. Delete a data set"
    ):
        WAYS[way](tmp_path, 3)
    assert sorted(home.rglob("*.jpg")) == before
    come_in("Grace")
    WAYS[way](tmp_path, 3)


def test_a_large_archive_is_given_up_as_soon_as_it_is_too_much(come_in, tmp_path):
    come_in("Ada")
    seen = []
    with pytest.raises(InputError, match="one person may have 400 kB here. Add fewer photographs.$"):  # there is none to delete
        intake.add_archive(zipped(tmp_path / "a.zip", 50), report=lambda done, total: seen.append(done))
    assert len(seen) < 5


def test_a_deleted_data_set_makes_room_and_a_new_name_does_not(come_in, tmp_path):
    come_in("Ada")
    folder = intake.add_files(photographs(3), "mine").folder
    library.rename(folder, "another")
    with pytest.raises(InputError):
        intake.add_files(photographs(3), "mine")
    library.delete(folder)
    assert allowance.used("Ada") == 0 and intake.add_files(photographs(3), "mine")


def test_several_tabs_at_the_same_moment_do_not_get_past_it(come_in):
    come_in("Ada")
    together, refused = threading.Barrier(4), []

    def bring() -> None:
        together.wait()
        try:
            intake.add_files(photographs(3), "mine")
        except InputError as error:
            refused.append(error)

    tabs = [threading.Thread(target=bring) for _ in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(refused) == 3 and allowance.used("Ada") < MOST


def test_what_earlier_versions_made_and_what_is_there_for_everybody_counts_for_nobody(come_in, home, tmp_path):
    old = intake.add_files(photographs(3), "old").folder
    (path,) = (home / "names").glob("*.json")
    files.replace_json(path, {"name": "old", "folder": str(old)})
    for name in ("", "Ada"):
        come_in(name)
        assert allowance.used(name) == 0
    intake.add_archive(zipped(tmp_path / "a.zip", 9), "downloaded", to=home / "data" / "downloaded-starter")
    intake.extend(old, "cats", PHOTO)
    assert allowance.used("Ada") == 0 and library.name_of(old) == "old"


def test_nothing_comes_where_too_little_of_the_disk_would_stay_free(come_in, home, tmp_path, offer):
    folder = intake.create("mine")
    come_in("Ada", data=None, free=shortage.free(home) + 10**9)
    (tmp_path / "drawn").mkdir()
    for bring in (
        lambda: intake.add_files(photographs(1), "mine"),
        lambda: intake.add_archive(zipped(tmp_path / "a.zip", 1)),
        lambda: intake.add_archive(tmp_path / "a.zip", to=home / "data" / "downloaded-starter"),
        lambda: intake.extend(folder, "cats", PHOTO),
        lambda: download.fetch(offer),
        lambda: demo.create(tmp_path / "drawn", 20),
    ):
        with pytest.raises(InputError, match=r"^Not enough disk space: .* free, .*must stay free\. Delete data sets or runs"):
            bring()
    assert list(home.rglob("*.jpg")) == [] and list((tmp_path / "drawn").iterdir()) == []
