"""The drawn data set: the same for everyone, fair to both classes, and all there or not at all."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from catsdogs.drawn import demo
from catsdogs.errors import InputError
from catsdogs.settings.config import LIMITS
from catsdogs.system.shortage import DiskFull
from tests.limits import files_up_to


def contents(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.jpg")}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Twenty pictures with seed 0, only read."""
    return demo.create(tmp_path_factory.mktemp("small") / "demo", count=20)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A hundred pictures with seed 0, only read; and the calls of `progress`."""
    reports = []
    folder = demo.create(tmp_path_factory.mktemp("large") / "demo", 100, report=lambda *report: reports.append(report))
    return folder, reports


def test_the_same_seed_draws_the_same_bytes(small, tmp_path):
    assert contents(demo.create(tmp_path / "again", count=20, seed=0)) == contents(small)


def test_another_seed_draws_other_pictures(small, tmp_path):
    other = contents(demo.create(tmp_path / "other", count=20, seed=1))
    assert not set(other.values()) & set(contents(small).values())


@pytest.mark.parametrize("below", ["file/demo", "file/more/demo", "d" * 250, "d" * 300])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path, below):
    (tmp_path / "file").write_text("Dear cat,")
    with pytest.raises(InputError, match="can't be written"):
        demo.create(tmp_path / below, count=20)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("wrong", [0, -100_000, 100_000])
def test_what_a_killed_process_drew_is_removed_by_the_next_whatever_this_machine_s_clock_says(wrong, tmp_path, monkeypatch):
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + wrong)
    killed, alive, other, foreign = (tmp_path / name for name in (".demo-a1b2c3d4", ".demo-a1b2c3d5", ".demos-a1b2c3d4", ".demo-a1b2c3d6"))
    for scratch in (killed, alive, other):
        (scratch / "demo" / "cats").mkdir(parents=True)
        (scratch / "demo" / "cats" / "cat.0.jpg").write_bytes(b"half of it")
    (foreign / "letters").mkdir(parents=True)
    for scratch in (killed, other, foreign):
        for path in (scratch, *scratch.rglob("*")):
            os.utime(path, (right() - 100,) * 2)
    demo.create(tmp_path / "demo", count=20)
    assert not killed.exists() and all(path.exists() for path in (alive, other, foreign))


def test_more_pictures_begin_with_the_same_ones(small, large):
    more = contents(large[0])
    assert len(more) == 100
    assert contents(small).items() <= more.items()


def test_no_two_pictures_are_alike(small):
    assert len(set(contents(small).values())) == 20


def test_an_odd_count_has_one_more_cat(tmp_path):
    folder = demo.create(tmp_path / "odd", count=21)
    names = sorted(contents(folder))
    assert names[0] == os.path.join("cats", "cat.0000.jpg") and names[-1] == os.path.join("dogs", "dog.0009.jpg")
    assert len(list((folder / "cats").iterdir())) == 11 and len(list((folder / "dogs").iterdir())) == 10


def test_pictures_have_the_sizes_of_small_photographs(small):
    sizes = set()
    for path in small.rglob("*.jpg"):
        with Image.open(path) as picture:
            assert (picture.format, picture.mode) == ("JPEG", "RGB")
            assert all(150 <= side <= 220 for side in picture.size)
            sizes.add(picture.size)
    assert len(sizes) > 5


@pytest.mark.parametrize("count", [19, 20_001, 10**20])
def test_a_count_beyond_the_limits_is_refused_with_the_limits(tmp_path, count):
    with pytest.raises(InputError, match=f"count = {count}: .* 20 to 20,000 images"):
        demo.create(tmp_path / "demo", count=count)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("seed", [-1, 2**31, 10**20])
def test_a_seed_beyond_the_limits_is_refused_with_the_limits(tmp_path, seed):
    with pytest.raises(InputError, match=f"seed = {seed}: must be a whole number, 0 to 2147483647."):
        demo.create(tmp_path / "demo", count=20, seed=seed)
    assert not any(tmp_path.iterdir())


def test_a_seed_has_the_limits_of_a_runs_seed(tmp_path):
    assert (LIMITS["seed"].low, LIMITS["seed"].high) == demo.SEED_LIMITS
    assert demo.create(tmp_path / "demo", count=20, seed=demo.SEED_LIMITS[1])


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty. Choose a new or an empty folder"):
        demo.create(tmp_path, count=20)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path):
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(InputError, match="is a file. Choose a new or an empty folder"):
        demo.create(tmp_path / "demo", count=20)
    assert (tmp_path / "demo").read_text() == "mine"


def test_an_empty_folder_is_filled_and_nothing_lies_beside_it(tmp_path):
    (tmp_path / "demo").mkdir()
    demo.create(tmp_path / "demo", count=20)
    assert len(contents(tmp_path / "demo")) == 20
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_an_empty_folder_stays_the_same_one(tmp_path):
    before = tmp_path.stat().st_ino
    demo.create(tmp_path, count=20)
    assert tmp_path.stat().st_ino == before and sorted(path.name for path in tmp_path.iterdir()) == ["cats", "dogs"]


def test_what_somebody_else_puts_there_meanwhile_is_left_alone(tmp_path):
    (tmp_path / "demo").mkdir()
    with pytest.raises(InputError, match="is not empty. Choose a new or an empty folder"):
        demo.create(tmp_path / "demo", count=20, report=lambda done, total: (tmp_path / "demo" / "note.txt").write_text("mine"))
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["demo", "demo/note.txt"]


def test_nothing_is_left_behind_when_creation_stops_half_way(tmp_path):
    def stop(done, total):
        assert 0 < done < total
        assert not (tmp_path / "demo").exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.create(tmp_path / "demo", count=100, report=stop)
    assert not any(tmp_path.iterdir())


def test_a_full_disk_is_said_and_no_picture_is_cut_short(tmp_path):
    with files_up_to(2000), pytest.raises(DiskFull, match="the data set needs 200 kB"):
        demo.create(tmp_path / "drawn", 20)
    assert not list(tmp_path.iterdir())


def test_progress_rises_in_small_steps_up_to_the_total(tmp_path, large):
    few = []
    demo.create(tmp_path / "demo", count=21, report=lambda *report: few.append(report))
    for reports, count in ((few, 21), (large[1], 100)):
        done = [0, *(report[0] for report in reports)]
        assert {report[1] for report in reports} == {count} and done[-1] == count
        assert all(0 < step <= 50 for step in np.diff(done))


def test_a_drawing_is_repeatable_and_has_the_requested_size():
    first, second = demo.draw("dog", seed=3, size=120), demo.draw("dog", seed=3, size=120)
    assert first.mode == "RGB" and min(first.size) == 120
    assert first.tobytes() == second.tobytes() != demo.draw("cat", seed=3, size=120).tobytes()


def test_only_cats_and_dogs_are_drawn():
    with pytest.raises(ValueError, match='label = \'cow\': it is "cat" or "dog"'):
        demo.draw("cow", seed=0)


def test_colour_and_brightness_do_not_tell_the_classes_apart():
    """Red, green and blue of the two classes differ by less than 12 of 255; from picture to picture they vary by about 30."""
    means = {}
    for label in demo.LABELS:
        averages = [demo.draw(label, seed, size=48).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) for seed in range(100)]
        means[label] = np.mean(averages, axis=0)
    assert np.abs(means["cat"] - means["dog"]).max() < 12


def test_what_is_drawn_is_known_by_the_file(small, tmp_path):
    path = tmp_path / "photograph.jpg"
    assert all(map(demo.is_drawn, small.rglob("*.jpg")))
    Image.new("RGB", (20, 20)).save(path)
    assert not demo.is_drawn(path)
