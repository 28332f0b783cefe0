import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import photographs, picture

from catsdogs import dataset, images, pixels
from catsdogs.errors import InputError

PROCESSES = multiprocessing.get_context("spawn")


@pytest.mark.parametrize(("target_size", "interpolation"), [(32, "bilinear"), (40, "nearest")])
def test_row_i_is_photograph_i(tmp_path, target_size, interpolation):
    listing = dataset.check(photographs(tmp_path, {"cats": 30, "dogs": 30}, size=(61, 43)))
    loaded = pixels.load(listing, target_size, interpolation)
    assert loaded.shape == (60, target_size, target_size, 3) and loaded.dtype == np.uint8
    for index in range(60):
        assert np.array_equal(loaded[index], images.load(listing.path(index), target_size, interpolation))


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


def test_the_same_photographs_in_another_place_are_not_decoded_again(tmp_path):
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
    assert list((home / "pixels").iterdir()) == []
    assert np.array_equal(pixels.load(listing, 32, "bilinear")[109], images.load(listing.path(109), 32))


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_text("woof")], ids=["gone", "overwritten"])
def test_a_photograph_that_can_not_be_read_any_more_is_named(tmp_path, home, harm):
    listing = dataset.check(photographs(tmp_path, {"cats": 3, "dogs": 3}))
    harm(listing.path(4))
    with pytest.raises(InputError, match=r"dogs\.1\.jpg"):
        pixels.load(listing, 32, "bilinear")
    assert list((home / "pixels").iterdir()) == []


def test_a_full_disk_is_an_error_and_does_not_kill_the_process(tmp_path):
    photographs(tmp_path, {"cats": 20, "dogs": 20})
    code = "import sys; from catsdogs import dataset, pixels; pixels.load(dataset.check(sys.argv[1]), 256, 'bilinear')"
    ended = on_a_small_disk(sys.executable, "-c", code, str(tmp_path))
    assert ended.returncode == 1
    assert "OSError: [Errno 28] No space left on device" in ended.stderr


def test_two_processes_that_decode_the_same_at_once_are_both_right(tmp_path, home):
    listing = dataset.check(photographs(tmp_path, {"cats": 4, "dogs": 4}))
    both_are_decoding, sums = PROCESSES.Barrier(2), PROCESSES.Queue()
    processes = [PROCESSES.Process(target=load_and_sum, args=(listing, both_are_decoding, sums)) for _ in range(2)]
    for process in processes:
        process.start()
    found = [sums.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    expected = [int(images.load(listing.path(index), 32).sum()) for index in range(8)]
    assert found == [expected, expected]
    assert len(list((home / "pixels").iterdir())) == 1


def load_and_sum(listing, both_are_decoding, sums):
    loaded = pixels.load(listing, 32, "bilinear", lambda done, total: both_are_decoding.wait(60))
    sums.put([int(row.sum()) for row in loaded])


def on_a_small_disk(*command):
    """Run the command with a home folder of 3 MB, on a disk that only the command sees."""
    script = 'mount -t tmpfs -o size=3m tmpfs "$CATSDOGS_HOME" || exit 77; exec "$@"'
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", "true"], capture_output=True).returncode:
        pytest.skip("a disk can't be mounted here")
    project = Path(pixels.__file__).parent.parent
    return subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", *command], cwd=project, capture_output=True, text=True)
