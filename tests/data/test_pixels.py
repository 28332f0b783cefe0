import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from catsdogs.data import dataset, images, pixels
from catsdogs.errors import InputError
from catsdogs.system import locks
from tests import breaking
from tests.images import photographs, picture

PROCESSES = multiprocessing.get_context("spawn")


@pytest.fixture
def start_reader():
    """Starts a `Reader`; none is alive after the test."""
    readers = []

    def start(*arguments):
        readers.append(Reader(*arguments))
        return readers[-1]

    yield start
    for reader in readers:
        reader.kill()


@pytest.mark.parametrize(("target_size", "interpolation", "proportions"), [(32, "bilinear", "stretch"), (40, "nearest", "crop")])
def test_row_i_is_photograph_i(tmp_path, target_size, interpolation, proportions):
    listing = dataset.check(photographs(tmp_path, {"cats": 30, "dogs": 30}, size=(61, 43)))
    loaded = pixels.load(listing, target_size, interpolation, proportions=proportions)
    assert loaded.shape == (60, target_size, target_size, 3) and loaded.dtype == np.uint8
    for index in range(60):
        assert np.array_equal(loaded[index], images.load(listing.path(index), target_size, interpolation, proportions))


def test_proportions_are_kept_apart_and_stretched_pixels_under_the_name_that_they_have_always_had(tmp_path, home):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 1, "dogs": 1}, size=(61, 43)))
    ways = {kind: pixels.load(listing, 32, "bilinear", proportions=kind).tobytes() for kind in ("stretch", "crop", "pad")}
    assert len(set(ways.values())) == 3
    for kind, content in ways.items():
        again = pixels.load(listing, 32, "bilinear", lambda *_: pytest.fail("decoded again"), kind)
        assert again.tobytes() == content
    assert (home / "pixels" / f"{listing.fingerprint}-32-bilinear-{images.VERSION}.npy").exists()


def test_sizes_and_interpolations_are_kept_apart(tmp_path):
    listing = dataset.check(photographs(tmp_path, {"cats": 1, "dogs": 1}, size=(61, 43)))
    first = np.array(pixels.load(listing, 32, "bilinear"))
    assert not np.array_equal(pixels.load(listing, 32, "nearest"), first)
    assert pixels.load(listing, 64, "bilinear").shape[1] == 64
    assert np.array_equal(pixels.load(listing, 32, "bilinear"), first)


def test_the_second_time_nothing_is_decoded(tmp_path):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 3, "dogs": 3}))
    first = np.array(pixels.load(listing, 32, "bilinear"))
    shutil.rmtree(tmp_path / "photos")
    again = pixels.load(listing, 32, "bilinear", lambda done, total: pytest.fail("decoded again"))
    assert np.array_equal(again, first)


def _with_header(header: bytes):
    return lambda path: path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(6 * 32 * 32 * 3))


DAMAGED = {
    **breaking.ALL,
    "cut by a byte": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "too long": lambda path: path.write_bytes(path.read_bytes() + b"0"),
    "of other pixels": lambda path: np.save(path, np.zeros((7, 32, 32, 3), np.uint8)),
    "of another size": lambda path: np.save(path, np.zeros((6, 16, 64, 3), np.uint8)),
    "of other numbers": lambda path: np.save(path, np.zeros((6, 32, 32, 3), np.float32)),
    "of objects": lambda path: np.save(path, np.array([{}]), allow_pickle=True),
    "with half a header": _with_header(b"{'descr': '|u1', 'fortran_order': "),
    "with a header of words": _with_header(b'("""'),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_pixels_are_decoded_anew(kind, tmp_path, home):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 3, "dogs": 3}))
    before = np.array(pixels.load(listing, 32, "bilinear"))
    (stored,) = (home / "pixels").glob("*.npy")
    DAMAGED[kind](stored)
    np.testing.assert_array_equal(pixels.load(listing, 32, "bilinear"), before)
    np.testing.assert_array_equal(pixels.load(listing, 32, "bilinear", lambda *_: pytest.fail("decoded again")), before)


@pytest.mark.parametrize("kind", breaking.PLACES)
def test_odd_things_among_the_pixels_are_left_or_swept(kind, tmp_path, home):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 3, "dogs": 3}))
    (home / "pixels").mkdir()
    name = f"{listing.fingerprint}-32-bilinear-{images.VERSION}"
    for odd in ("odd.npy", f".new-{name}.npy", ".new-old.npy", f"{name}.lock"):
        if odd != f"{name}.lock" or kind in ("a folder", "a pipe"):
            breaking.PLACES[kind](home / "pixels" / odd)
    assert len(pixels.load(listing, 32, "bilinear")) == 6


def test_a_moved_folder_is_not_decoded_again(tmp_path):
    listing = dataset.check(photographs(tmp_path / "a", {"cats": 3, "dogs": 3}))
    first = np.array(pixels.load(listing, 32, "bilinear"))
    moved = dataset.check(shutil.copytree(tmp_path / "a", tmp_path / "b"))
    assert np.array_equal(pixels.load(moved, 32, "bilinear", lambda done, total: pytest.fail("decoded again")), first)


def test_a_changed_photograph_is_decoded_again(tmp_path):
    listing = dataset.check(photographs(tmp_path, {"cats": 2, "dogs": 2}))
    first = np.array(pixels.load(listing, 32, "bilinear"))
    picture(tmp_path / "cats" / "cats.0.jpg", (90, 90), low=200)
    second = pixels.load(dataset.check(tmp_path), 32, "bilinear")
    assert not np.array_equal(second[0], first[0])
    assert np.array_equal(second[1:], first[1:])


def test_rows_that_were_taken_do_not_stay_in_memory(tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 60, "dogs": 60}))
    stored = pixels.load(listing, 256, "bilinear")
    [path] = (home / "pixels").glob("*.npy")
    read_plainly = stored[np.arange(120)]
    assert resident(path) > 20_000
    taken = pixels.take(stored, np.arange(120))
    assert resident(path) < 1_000
    assert np.array_equal(taken, read_plainly)
    assert np.array_equal(pixels.take(read_plainly, np.array([3, 1])), read_plainly[[3, 1]])


def resident(path) -> int:
    """How much of the file is resident in this process through its maps, in kB."""
    maps = Path("/proc/self/smaps")
    if not maps.exists():
        pytest.skip("the system does not tell")
    _, _, tail = maps.read_text().partition(str(path))
    return int(tail.partition("Rss:")[2].split()[0])


def test_the_pixels_can_not_be_written_to(tmp_path):
    listing = dataset.check(photographs(tmp_path, {"cats": 1, "dogs": 1}))
    loaded = pixels.load(listing, 32, "bilinear")
    with pytest.raises(ValueError, match="read-only"):
        loaded[0] = 0


def test_progress_grows_to_the_total(tmp_path):
    listing = dataset.check(photographs(tmp_path, {"cats": 60, "dogs": 50}, size=(8, 8)))
    reports = []
    pixels.load(listing, 32, "bilinear", lambda done, total: reports.append((done, total)))
    assert reports == sorted(reports) and len(reports) > 1
    assert reports[-1] == (110, 110)


def test_a_stop_in_the_middle_leaves_nothing_behind(tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 60, "dogs": 50}, size=(8, 8)))

    def stop(done, total):
        assert done < total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pixels.load(listing, 32, "bilinear", stop)
    assert list((home / "pixels").glob("*.npy")) == []
    assert np.array_equal(pixels.load(listing, 32, "bilinear")[109], images.load(listing.path(109), 32))


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_text("woof")], ids=["gone", "overwritten"])
def test_a_photograph_that_can_not_be_read_any_more_is_named(tmp_path, home, harm):
    listing = dataset.check(photographs(tmp_path, {"cats": 3, "dogs": 3}))
    harm(listing.path(4))
    with pytest.raises(InputError, match=r"dogs\.1\.jpg"):
        pixels.load(listing, 32, "bilinear")
    assert list((home / "pixels").glob("*.npy")) == []


def test_a_full_disk_is_an_error_and_does_not_kill_the_process(tmp_path):
    photographs(tmp_path, {"cats": 20, "dogs": 20})
    code = "import sys; from catsdogs.data import dataset, pixels; pixels.load(dataset.check(sys.argv[1]), 256, 'bilinear')"
    ended = on_a_small_disk(sys.executable, "-c", code, str(tmp_path))
    assert ended.returncode == 1
    assert "OSError: [Errno 28] No space left on device" in ended.stderr


def test_of_two_processes_one_decodes_and_one_waits(start_reader, tmp_path, home):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 4, "dogs": 4}))
    expected = [int(images.load(listing.path(index), 32).sum()) for index in range(8)]
    first = start_reader(listing)
    assert first.reports.get(timeout=60) == (8, 8)  # decoded, but not finished
    shutil.rmtree(tmp_path / "photos")  # so nothing can be decoded a second time
    second = start_reader(listing)
    done, total = second.reports.get(timeout=60)
    assert 0 < done <= total == 8  # as far as the other one has written
    second.go_on.set()
    first.go_on.set()
    assert [reader.sums.get(timeout=60) for reader in (first, second)] == [expected, expected]
    assert len(list((home / "pixels").glob("*.npy"))) == 1


def test_who_waits_takes_over_from_who_is_killed(start_reader, tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 4, "dogs": 4}))
    first = start_reader(listing)
    first.reports.get(timeout=60)
    second = start_reader(listing)
    second.reports.get(timeout=60)
    first.kill()
    second.go_on.set()
    assert second.sums.get(timeout=60) == [int(images.load(listing.path(index), 32).sum()) for index in range(8)]
    assert len(list((home / "pixels").glob("*.npy"))) == 1


def test_leftovers_of_a_killed_process_are_swept(start_reader, tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 4, "dogs": 4}))
    killed, alive = start_reader(listing, 40), start_reader(listing, 48)
    for reader in (killed, alive):
        reader.reports.get(timeout=60)
    killed.kill()
    assert len(list((home / "pixels").glob(".new-*"))) == 2
    pixels.load(listing, 32, "bilinear")
    assert [path.name for path in (home / "pixels").glob(".new-*")] == [f".new-{listing.fingerprint}-48-bilinear-{images.VERSION}.npy"]
    alive.go_on.set()
    assert len(alive.sums.get(timeout=60)) == 8


def test_what_an_earlier_way_of_decoding_left_is_not_used(tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 2, "dogs": 2}))
    (home / "pixels").mkdir()
    for ending in ("", f"-{images.VERSION - 1}"):
        np.save(home / "pixels" / f"{listing.fingerprint}-32-bilinear{ending}.npy", np.zeros((4, 32, 32, 3), np.uint8))
    assert np.array_equal(pixels.load(listing, 32, "bilinear")[0], images.load(listing.path(0), 32))


def test_they_are_swept_where_everything_is_decoded_already(tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 2, "dogs": 2}))
    pixels.load(listing, 32, "bilinear")
    (home / "pixels" / ".new-of-another-data-set-48-bilinear.npy").write_bytes(b"half of it")
    pixels.load(listing, 32, "bilinear")
    assert list((home / "pixels").glob(".new-*")) == []


def test_waiting_for_another_process_can_be_stopped(tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 1, "dogs": 1}))
    (home / "pixels").mkdir()

    def stop(done, total):
        assert (done, total) == (0, 2)
        raise KeyboardInterrupt

    with locks.hold(home / "pixels" / f"{listing.fingerprint}-32-bilinear-{images.VERSION}.lock"), pytest.raises(KeyboardInterrupt):
        pixels.load(listing, 32, "bilinear", stop)


def test_they_are_kept_where_the_environment_says(tmp_path, home, monkeypatch):
    listing = dataset.check(photographs(tmp_path / "photos", {"cats": 2, "dogs": 2}))
    monkeypatch.setenv("CATSDOGS_PIXELS", str(tmp_path / "own" / "pixels"))
    pixels.load(listing, 40, "bilinear")
    assert not (home / "pixels").exists() and len(list((tmp_path / "own" / "pixels").glob("*-40-*.npy"))) == 1
    assert pixels.missing(listing, 40, "bilinear") == 0


def test_over_the_limit_the_least_recently_used_is_deleted(tmp_path, home, monkeypatch):
    listing = dataset.check(photographs(tmp_path, {"cats": 2, "dogs": 2}))
    monkeypatch.setenv("CATSDOGS_PIXELS_GB", str(4 * 3 * (40**2 + 48**2) / 1e9 + 1e-6))  # two of these three, and their headers
    pixels.load(listing, 40, "bilinear")
    pixels.load(listing, 44, "bilinear")
    for path in (home / "pixels").glob("*.npy"):
        os.utime(path, (0, 0 if "-40-" in path.name else 1))
    pixels.load(listing, 40, "bilinear")  # now the other one is the oldest
    pixels.load(listing, 48, "bilinear")
    assert sizes(home) == {40, 48}


def test_what_a_live_process_uses_stays_whatever_the_limit(start_reader, tmp_path, home, monkeypatch):
    listing = dataset.check(photographs(tmp_path, {"cats": 2, "dogs": 2}))
    reader = start_reader(listing, 40)
    reader.go_on.set()
    reader.sums.get(timeout=60)
    monkeypatch.setenv("CATSDOGS_PIXELS_GB", "0")
    here = pixels.load(listing, 32, "bilinear")
    rows = here[1:]  # a part of the map is a use, too
    del here
    pixels.load(listing, 44, "bilinear")
    assert sizes(home) == {32, 40, 44}
    reader.kill()
    del rows
    pixels.load(listing, 48, "bilinear")
    assert sizes(home) == {48}


@pytest.mark.parametrize("given", ["much", "-1", "nan"])
def test_a_limit_that_is_no_number_is_named(tmp_path, monkeypatch, given):
    listing = dataset.check(photographs(tmp_path, {"cats": 1, "dogs": 1}))
    monkeypatch.setenv("CATSDOGS_PIXELS_GB", given)
    with pytest.raises(InputError, match=f"CATSDOGS_PIXELS_GB = '{given}': must be"):
        pixels.load(listing, 32, "bilinear")


def sizes(home) -> set[int]:
    """Target sizes that are stored."""
    return {int(path.stem.split("-")[1]) for path in (home / "pixels").glob("*.npy")}


class Reader:
    """A process that loads the pixels, waits for `go_on` at its first report, tells their sums and keeps them until it is killed."""

    def __init__(self, listing, target_size=32):
        self.go_on, self.reports, self.sums = PROCESSES.Event(), PROCESSES.Queue(), PROCESSES.Queue()
        arguments = (listing, target_size, self.go_on, self.reports, self.sums)
        self._process = PROCESSES.Process(target=load_and_sum, args=arguments)
        self._process.start()

    def kill(self):
        self._process.kill()
        self._process.join()


def load_and_sum(listing, target_size, go_on, reports, sums):
    def report(done, total):
        reports.put((done, total))
        go_on.wait(60)

    loaded = pixels.load(listing, target_size, "bilinear", report)
    sums.put([int(row.sum()) for row in loaded])
    time.sleep(60)


def on_a_small_disk(*command):
    """Run the command with a home folder of 3 MB, on a disk that only the command sees."""
    script = 'mount -t tmpfs -o size=3m tmpfs "$CATSDOGS_HOME" || exit 77; exec "$@"'
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", "true"], capture_output=True).returncode:
        pytest.skip("a disk can't be mounted here")
    project = Path(pixels.__file__).parents[2]
    return subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", *command], cwd=project, capture_output=True, text=True)
