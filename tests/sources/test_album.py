"""Pictures that are to be classified: what is taken, what is left out, and when they are deleted."""

import os
import shutil
import threading
import zipfile

import pytest
from PIL import Image

from catsdogs.errors import InputError
from catsdogs.sources import album
from catsdogs.sources.album import Album
from catsdogs.system import access
from catsdogs.system.access import Limits, Person
from tests.images import encoded, noise, photographs, picture


@pytest.fixture
def opened(home):
    return Album()


def zipped(folder, path):
    """A ZIP file of what is in a folder."""
    shutil.make_archive(path.with_suffix(""), "zip", folder)
    return path


def files_in(opened):
    """The pictures, and whatever else is there by mistake."""
    return [path for path in opened.folder.iterdir() if path.name != ".entries.jsonl"]


def reasons(opened):
    return {entry.name: entry.reason for entry in opened.left_out}


def test_pictures_are_kept_as_they_came_and_taken_from_their_place(opened, tmp_path):
    content = [picture(tmp_path / name).read_bytes() for name in ("a.jpg", "b.png")]
    for name in ("a.jpg", "b.png"):
        opened.add(name, tmp_path / name)
    assert [(kept.name, kept.path.read_bytes()) for kept in opened.pictures] == list(zip(("a.jpg", "b.png"), content, strict=True))
    assert not list(tmp_path.iterdir()) and opened.room == album.MAX_PICTURES - 2 and opened.left_out == ()


def test_the_same_picture_is_taken_once_and_the_other_named(opened):
    content = encoded(noise(1), "PNG")
    for name in ("a.png", "copy of a.png"):
        opened.add_bytes(name, content)
    assert len(opened.pictures) == 1 and reasons(opened) == {"copy of a.png": "The same picture as a.png."}


def test_what_is_no_picture_is_named_with_the_reason(opened):
    opened.add_bytes("letter.txt", b"Dear cat")
    opened.add_bytes("archive.zip", b"Dear dog")
    assert opened.pictures == () and files_in(opened) == []
    assert reasons(opened)["letter.txt"].startswith("Not an image")
    assert reasons(opened)["archive.zip"].startswith("archive.zip is not a ZIP file")


def test_what_has_to_stay_free_stays_free_of_what_a_zip_file_unpacks_to(tmp_path):
    access.identify_by(lambda: Person("Ada", limits=Limits(free=10**18)))
    try:
        opened = Album()
    finally:
        access.identify_by(lambda: access.OWNER)
    opened.add("pets.zip", zipped(photographs(tmp_path / "pets", {"cats": 20, "dogs": 20}), tmp_path / "sent.zip"))
    assert len(opened.pictures) <= 1 and "must stay free" in reasons(opened)["pets.zip"]


def test_a_zip_file_gives_its_pictures_whatever_it_is_called(opened, tmp_path):
    folder = photographs(tmp_path / "pets", {"cats": 20, "dogs": 20})
    (folder / "cats" / "read me.txt").write_text("Dear cat")
    opened.add("pets", zipped(folder, tmp_path / "sent.zip"))
    names = {kept.name for kept in opened.pictures}
    assert len(names) == 40 and "dogs/dogs.19.jpg" in names and reasons(opened) == {"cats/read me.txt": "Not an image."}
    assert len(files_in(opened)) == 40, "nothing else is left of it"


def test_the_first_pictures_of_a_zip_file_are_there_before_the_last_are_unpacked(opened, tmp_path, monkeypatch):
    counts, unpack = [], album.archive.unpack

    def watched(path, folder, report):
        return unpack(path, folder, lambda done, total: (report(done, total), counts.append((done, len(opened.pictures)))))

    monkeypatch.setattr(album.archive, "unpack", watched)
    opened.add("pets.zip", zipped(photographs(tmp_path / "pets", {"cats": 50}), tmp_path / "pets.zip"))
    assert dict(counts)[16] == 16 and dict(counts)[40] == 32 and len(opened.pictures) == 50


def test_a_zip_file_that_leads_elsewhere_is_refused(opened, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../cat.png", encoded(noise(1), "PNG"))
    opened.add("bad.zip", tmp_path / "bad.zip")
    assert opened.pictures == () and "bad.zip is refused" in reasons(opened)["bad.zip"]


def test_no_more_are_taken_than_there_is_room_for(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(album, "MAX_PICTURES", 18)
    opened.add("pets.zip", zipped(photographs(tmp_path / "pets", {"cats": 60}), tmp_path / "pets.zip"))
    opened.add_bytes("one more.png", encoded(noise(1), "PNG"))
    assert len(opened.pictures) == 18 and opened.room == 0
    assert "28 of its files were not looked at" in reasons(opened)["pets.zip"], "it stopped after 32"
    assert reasons(opened)["one more.png"].startswith("At most 18 pictures are accepted at once")
    assert len(opened.left_out) == 14 + 1 + 1


def test_no_more_bytes_are_taken_than_there_is_room_for(opened, monkeypatch):
    content = [encoded(noise(seed), "PNG") for seed in range(2)]
    monkeypatch.setattr(album, "MAX_BYTES", len(content[0]) + 10)
    for number, each in enumerate(content):
        opened.add_bytes(f"{number}.png", each)
    assert [kept.name for kept in opened.pictures] == ["0.png"] and "are accepted at once" in reasons(opened)["1.png"]


def test_no_more_is_listed_as_left_out_than_memory_has_room_for(opened, monkeypatch):
    """Whoever may classify could send the same letters for ever."""
    monkeypatch.setattr(album, "MAX_LEFT_OUT", 3)
    for number in range(9):
        opened.add_bytes(f"{number}.txt", b"Dear cat")
    assert [entry.name for entry in opened.left_out] == ["0.txt", "1.txt", "2.txt"] == list(reasons(album.reopen(opened.id)))
    opened.add_bytes("cat.png", encoded(noise(1), "PNG"))
    assert len(opened.pictures) == 1


def test_several_come_at_once_and_none_is_lost(opened):
    contents = [encoded(noise(seed % 30), "PNG") for seed in range(40)]
    threads = [threading.Thread(target=opened.add_bytes, args=(f"{number}.png", each)) for number, each in enumerate(contents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened.pictures) == 30 and len(opened.left_out) == 10


def test_what_is_shown_is_small_upright_and_in_its_own_proportions(opened, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    opened.add("wide.jpg", picture(tmp_path / "wide.jpg", (1200, 400), exif=exif))
    shown = opened.thumbnail(opened.pictures[0])
    with Image.open(shown) as image:
        assert image.size == (120, 360)
    made = shown.stat().st_mtime_ns
    assert opened.thumbnail(opened.pictures[0]).stat().st_mtime_ns == made, "it is made once"


def test_a_picture_that_can_not_be_decoded_is_kept_for_its_answer_to_say_so(opened):
    opened.add_bytes("broken.jpg", encoded(noise(1), "JPEG")[:500])
    with pytest.raises(InputError, match="damaged or cut off"):
        opened.thumbnail(opened.pictures[0])


def test_albums_end_when_they_are_deleted_and_after_a_day(opened, home):
    opened.add_bytes("a.png", encoded(noise(1), "PNG"))
    other = Album()
    other.delete()
    assert [folder.name for folder in (home / "albums").iterdir()] == [opened.id]
    os.utime(opened.folder, (0, 0))
    kept = Album()
    assert [folder.name for folder in (home / "albums").iterdir()] == [kept.id]


def test_an_album_is_opened_again_as_it_was_by_whichever_process(opened):
    for name in ("b.png", "a.png", "a\udcff.png"):  # the last one is no valid UTF-8
        opened.add_bytes(name, encoded(noise(len(name) + ord(name[0])), "PNG"))
    opened.add_bytes("letter.txt", b"Dear cat")
    opened.marks[("cat", "dog")] = {opened.pictures[0].digest: "dog"}
    opened.keep_marks()
    again = album.reopen(opened.id)
    assert again.pictures == opened.pictures and again.left_out == opened.left_out
    assert again.marks == opened.marks and again.room == opened.room
    again.add_bytes("copy.png", opened.pictures[1].path.read_bytes())
    assert reasons(again)["copy.png"] == "The same picture as a.png."


def test_of_an_album_that_a_kill_or_somebody_damaged_whatever_is_whole_is_there(opened):
    for name in ("a.png", "b.png", "c.png"):
        opened.add_bytes(name, encoded(noise(ord(name[0])), "PNG"))
    opened.pictures[0].path.unlink()
    with (opened.folder / ".entries.jsonl").open("ab") as entries:
        entries.write(b'\n{"name": "d')
    (opened.folder / ".marks.json").write_text("[[")
    again = album.reopen(opened.id)
    assert again.pictures == opened.pictures[1:] and again.marks == {}
    again.add_bytes("e.png", encoded(noise(1), "PNG"))
    assert [each.name for each in album.reopen(opened.id).pictures] == ["b.png", "c.png", "e.png"]


@pytest.mark.parametrize("id", ["", "..", "../data", 24 * "00", 24 * "0A"])
def test_an_album_that_is_not_there_or_an_id_that_is_none_opens_nothing(opened, id):
    assert album.reopen(id) is None


def test_an_album_to_which_nothing_was_added_for_a_day_is_not_opened_again(opened):
    opened.add_bytes("a.png", encoded(noise(1), "PNG"))
    os.utime(opened.folder, (0, 0))
    assert album.reopen(opened.id) is None and not opened.folder.exists()


def test_a_name_with_half_a_character_as_windows_has_them_is_a_name_like_any_other(opened):
    opened.leave_out("cat \ud83d.png", "The server was restarted.")
    opened.add_bytes("dog.\ud83d", encoded(noise(1), "PNG"))
    again = album.reopen(opened.id)
    assert again.left_out == opened.left_out and again.pictures == opened.pictures and len(again.pictures) == 1
