"""Each file is decoded once, until it changes."""

import hashlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

from catsdogs.data import corrections, dataset, decoding
from tests import breaking
from tests.images import noise, photographs, picture

PROCESSES = multiprocessing.get_context("spawn")


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "pets", {"cats": 6, "dogs": 6})
    (made / "dogs" / "letter.jpg").write_text("Dear dog,")
    return made


def counted():
    seen = []
    return seen, lambda done, total: seen.append((done, total))


def test_a_correction_decodes_nothing_again(folder):
    dataset.check(folder)
    corrections.change(folder, images={"cats/cats.1.jpg": "left out", "cats/cats.2.jpg": "dogs"})
    seen, report = counted()
    listing = dataset.check(folder, report)
    assert listing.counts == {"cats": 4, "dogs": 7} and seen == []
    assert [entry.reason for entry in listing.set_aside][0] == "Left out by you."
    assert "This is not an image" in listing.set_aside[1].reason


def test_only_new_and_changed_files_are_decoded(folder):
    before = dataset.check(folder)
    picture(folder / "cats" / "new.jpg")
    noise(5, (100, 50)).save(folder / "cats" / "cats.0.jpg")
    os.utime(folder / "cats" / "cats.0.jpg", ns=(1, 1))
    seen, report = counted()
    listing = dataset.check(folder, report)
    assert seen == [(12, 14), (14, 14)] and listing.counts == {"cats": 7, "dogs": 6}
    changed = {photo.path: photo for photo in listing.photos}["cats/cats.0.jpg"]
    assert (changed.width, changed.height) == (100, 50) and changed.digest not in {photo.digest for photo in before.photos}


def test_what_was_found_before_it_was_interrupted_is_not_looked_for_again(tmp_path):
    folder = photographs(tmp_path / "pets", {"cats": 80, "dogs": 60})

    def interrupt(done: int, total: int) -> None:
        if done == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dataset.check(folder, interrupt)
    seen, report = counted()
    assert dataset.check(folder, report).counts == {"cats": 80, "dogs": 60} and seen[0] == (100, 140) and seen[-1] == (140, 140)


def test_what_was_found_before_the_process_was_killed_is_not_looked_for_again(tmp_path):
    folder = photographs(tmp_path / "pets", {"cats": 80, "dogs": 60})
    here, there = PROCESSES.Pipe()
    checking = PROCESSES.Process(target=check_and_wait, args=(folder, 100, there), daemon=True)
    checking.start()
    assert here.poll(60)
    checking.kill()
    checking.join()
    seen, report = counted()
    assert dataset.check(folder, report).counts == {"cats": 80, "dogs": 60} and seen[0] == (100, 140) and seen[-1] == (140, 140)


def check_and_wait(folder, at, there):
    """Check the folder, keeping what is found as often as can be; after `at` files, tell and wait to be killed."""
    decoding._KEEP_EVERY = decoding._KEEP_AFTER = 0

    def report(done: int, total: int) -> None:
        if done == at:
            there.send(done)
            threading.Event().wait()

    dataset.check(folder, report)


def test_who_comes_while_others_decode_goes_on_where_they_stop(tmp_path):
    """A click has the page begin anew, while what it interrupts is still about to stop."""
    folder = photographs(tmp_path / "pets", {"cats": 80, "dogs": 60})
    is_waited_for, has_begun, seen = threading.Event(), threading.Event(), []

    def interrupt(done: int, total: int) -> None:
        if done == 100:
            has_begun.set()
            assert is_waited_for.wait(60)
            raise KeyboardInterrupt

    def report(done: int, total: int) -> None:
        seen.append((done, total))
        is_waited_for.set()

    def check_until_interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            dataset.check(folder, interrupt)

    other = threading.Thread(target=check_until_interrupted)
    other.start()
    assert has_begun.wait(60)
    assert dataset.check(folder, report).counts == {"cats": 80, "dogs": 60}
    other.join()
    assert set(seen) == {(done, 140) for done in range(100, 141, 10)}


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x93NUMPY", None])
def test_what_was_stored_is_found_again_where_it_is_damaged(content, folder, home):
    before = dataset.check(folder)
    (stored,) = (home / "listings").glob("*.npz")
    stored.write_bytes(stored.read_bytes()[:-40] if content is None else content)
    for path in (home / "listings").glob("*.json"):
        path.unlink()
    seen, report = counted()
    assert dataset.check(folder, report) == before and seen[-1] == (13, 13)


def test_a_folder_in_its_place_makes_way(folder, home):
    before = dataset.check(folder)
    (stored,) = (home / "listings").glob("*.npz")
    breaking.PLACES["a folder"](stored)
    for path in (home / "listings").glob("*.json"):
        path.unlink()
    assert dataset.check(folder) == before and stored.is_file()


@pytest.mark.parametrize("kind", ["a folder", "a pipe"])
def test_what_lies_in_the_place_of_the_lock_keeps_nobody_from_decoding(kind, folder, home):
    before = dataset.check(folder)
    (lock,) = (home / "listings").glob("*.lock")
    shutil.rmtree(home / "listings")
    lock.parent.mkdir()
    lock.touch()
    breaking.PLACES[kind](lock)
    assert dataset.check(folder) == before


def test_what_is_found_is_the_same_however_it_is_found(folder):
    names = [f"cats/cats.{number}.jpg" for number in range(6)] + ["dogs/letter.jpg", "dogs/missing.jpg"]
    os.symlink("nowhere", folder / "dogs" / "missing.jpg")
    once = [decoding.decode_once(folder, names) for _ in range(2)]
    for found in (*once, decoding.decode(folder, names)):
        for one, other in zip(found, once[0], strict=True):
            assert type(one) is type(other)
            if isinstance(one, decoding.Decoded):
                assert (one.width, one.height, one.digest) == (other.width, other.height, other.digest)
                np.testing.assert_array_equal(one.thumbnail, other.thumbnail)
            else:
                assert one.reason == other.reason


def test_large_files_are_found_among_small_ones_as_they_are(folder):
    large = noise(7, (500, 400))
    large.save(folder / "cats" / "cats.2.png")
    assert (folder / "cats" / "cats.2.png").stat().st_size > 500_000
    listing = dataset.check(folder)
    found = {photo.path: photo for photo in listing.photos}
    assert (found["cats/cats.2.png"].width, found["cats/cats.2.jpg"].width) == (500, 48)
    for path, photo in found.items():
        assert photo.digest == hashlib.sha256((folder / path).read_bytes()).hexdigest()


def test_a_file_that_goes_while_its_folder_is_read_is_set_aside(folder, monkeypatch):
    scandir = os.scandir

    def remove_meanwhile(path):
        if os.fspath(path).endswith("dogs"):
            (folder / "cats" / "cats.0.jpg").unlink(missing_ok=True)
        return scandir(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", remove_meanwhile)
        listing = dataset.check(folder)
    assert listing.counts == {"cats": 5, "dogs": 6}
    assert {entry.path: entry.reason for entry in listing.set_aside}["cats/cats.0.jpg"].startswith("The file can't be read: no such file")
    assert [entry.path for entry in dataset.check(folder).set_aside] == ["dogs/letter.jpg"]
    picture(folder / "cats" / "cats.0.jpg")
    assert dataset.check(folder).counts == {"cats": 6, "dogs": 6}


def test_a_file_that_goes_before_it_is_decoded_can_not_be_read(folder):
    names = ["cats/cats.0.jpg", "cats/cats.1.jpg"]
    (folder / names[0]).unlink()
    gone, there = decoding.decode_once(folder, names)
    assert gone.reason == "The file can't be read: no such file or directory." and there.format == "JPEG"


def test_a_file_that_could_not_be_read_for_a_while_is_looked_at_again(tmp_path):
    """As where a disk is unplugged while its photographs are checked."""
    folder = photographs(tmp_path / "pets", {"cats": 5, "dogs": 200})
    unplugged, file = tmp_path / "unplugged", folder / "dogs" / "dogs.99.jpg"  # the last one

    def unplug(done: int, total: int) -> None:
        if done == 10:
            file.rename(unplugged)

    listing = dataset.check(folder, unplug)
    assert [entry.reason for entry in listing.set_aside] == ["The file can't be read: no such file or directory."]
    assert dataset.find(listing.fingerprint).photos == listing.photos
    unplugged.rename(file)
    seen, report = counted()
    assert dataset.check(folder, report).counts == {"cats": 5, "dogs": 200} and seen == [(204, 205), (205, 205)]


def test_a_photograph_that_lacked_a_package_is_looked_at_again(folder):
    noise(3).save(folder / "cats" / "phone.heic")
    code = "import sys; sys.modules['pillow_heif'] = None; from catsdogs.data import dataset; print(dataset.check(sys.argv[1]).set_aside)"
    printed = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True).stdout
    assert "cats/phone.heic" in printed and "pip install pillow-heif" in printed
    assert dataset.check(folder).counts == {"cats": 7, "dogs": 6}


def test_a_link_to_nothing_is_looked_at_once(folder):
    (folder / "cats" / "gone.jpg").symlink_to("nowhere")
    dataset.check(folder)
    seen, report = counted()
    assert [entry.path for entry in dataset.check(folder, report).set_aside] == ["cats/gone.jpg", "dogs/letter.jpg"] and seen == []
