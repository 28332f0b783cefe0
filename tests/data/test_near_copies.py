"""Photographs that were saved again, resized, brightened or cropped a little are found to be one, and nothing else is."""

import cProfile
import itertools
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from catsdogs.data import dataset, near_copies, split
from catsdogs.drawn import demo
from catsdogs.settings import presets
from catsdogs.settings.config import Config

CHANGES = {
    "saved again": lambda image: image,
    "resized": lambda image: image.resize((round(image.width * 0.6), round(image.height * 0.6))),
    "cropped": lambda image: image.crop((3, 3, image.width - 3, image.height - 3)),
    "brightened": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
}


def add(folder, name: str, kind: str, change) -> str:
    """A changed copy of an image beside it; returns its path."""
    with Image.open(folder / name) as image:
        path = folder / name.replace(".jpg", f"-{kind.replace(' ', '-')}.jpg")
        change(image.convert("RGB")).save(path, quality=60)
    return path.relative_to(folder).as_posix()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "pets"
    demo.create(folder, 120, 0, lambda done, total: None)
    return folder


@pytest.fixture
def planted(drawn, tmp_path):
    """Sixty drawn images and four changed copies of other ones, with their pairs."""
    for path in sorted(drawn.rglob("*.jpg"))[::2]:
        target = tmp_path / path.relative_to(drawn)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    originals = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jpg"))[5:50:10]
    return tmp_path, {(name, add(tmp_path, name, kind, change)) for name, (kind, change) in zip(originals, CHANGES.items(), strict=False)}


def pairs(listing):
    return {tuple(sorted((listing.photos[index].path for index in group), key=len)) for group in listing.near_copies}


def test_of_images_that_differ_none_is_a_near_copy(drawn):
    assert dataset.check(drawn).near_copies == ()


def test_each_kind_of_copy_is_found(planted):
    folder, expected = planted
    assert pairs(dataset.check(folder)) == expected


def test_noise_and_plain_images_are_no_copies_of_each_other():
    thumbnails = np.random.default_rng(0).integers(0, 256, (300, 32, 32), dtype=np.uint8)
    thumbnails[:10] = np.arange(10)[:, None, None]  # of one colour each
    assert near_copies.find(thumbnails) == ((), ())
    assert near_copies.find(thumbnails[:1]) == near_copies.find(thumbnails[:0]) == ((), ())


def test_copies_of_copies_are_in_one_group():
    one, other = np.random.default_rng(1).integers(0, 256, (2, 32, 32), dtype=np.uint8)
    assert near_copies.find(np.stack([one, other, one, other, one])) == (((0, 2, 4), (1, 3)), ())


def test_groups_are_those_of_all_pairs(drawn):
    scenes = [np.asarray(Image.open(path).convert("L").resize((32, 32))) for path in sorted(drawn.rglob("*.jpg"))[:12]]
    chance = np.random.default_rng(2)
    thumbnails = np.clip(np.stack([scenes[number % 12] + chance.normal(0, number % 37, (32, 32)) for number in range(360)]), 0, 255)
    found = near_copies.find(thumbnails.astype(np.uint8)).groups
    assert found == by_all_pairs(thumbnails.astype(np.uint8))
    assert len(found) > 5 and 20 < sum(map(len, found)) < 340, "some are copies of copies, and others of nothing"


def test_plain_images_change_no_groups_and_are_not_compared_with_each_other():
    thumbnails = np.random.default_rng(4).integers(0, 256, (5, 32, 32), dtype=np.uint8)[np.arange(40) % 5]
    thumbnails[::2] = np.arange(20)[:, None, None] % 7
    with np.errstate(invalid="ignore"):  # they correlate with nothing
        assert near_copies.find(thumbnails).groups == by_all_pairs(thumbnails)
    assert len(near_copies.find(thumbnails).groups) == 5
    plain = np.broadcast_to((np.arange(400) % 256).astype(np.uint8)[:, None, None], (400, 32, 32))
    assert calls(near_copies.find, plain) == calls(near_copies.find, plain[:100]), "several thousand would take minutes"


def stained_pages(count: int) -> np.ndarray:
    """Scans of nearly white pages, each with the noise of its own: all have nearly one hash, and none is a copy of another one."""
    chance = np.random.default_rng(5)
    cosines = np.cos(np.pi * np.arange(8)[:, None] * (2 * np.arange(32) + 1) / 64)
    stain = cosines.T @ (chance.choice([-1, 1], (8, 8)) * chance.uniform(0.5, 1, (8, 8))) @ cosines
    return np.clip(248 + 2.2 * stain / stain.std() + chance.normal(0, 1, (count, 32, 32)), 0, 255).round().astype(np.uint8)


def test_of_thousands_of_nearly_plain_pages_each_is_compared_with_those_most_alike_and_its_copy_is_found():
    pages = stained_pages(1500)
    pages[[7, 1200]] = pages[[800, 30]]
    found = near_copies.find(pages)
    assert found.groups == ((7, 800), (30, 1200)), "a copy is nearer than all others"
    assert len(found.crowded) > 1500 - near_copies.AT_ONCE - 10
    assert near_copies.find(pages[: near_copies.AT_ONCE]).crowded == ()


def calls(function, *arguments) -> int:
    """How many functions that takes."""
    profile = cProfile.Profile()
    profile.runcall(function, *arguments)
    return sum(entry.callcount for entry in profile.getstats())


def by_all_pairs(thumbnails):
    """Groups of two or more by every pair: where hashes and correlations are near, the groups of both become one."""
    hashes, correlations = near_copies._hashes(thumbnails), np.corrcoef(thumbnails.reshape(len(thumbnails), -1))
    groups = [{position} for position in range(len(thumbnails))]
    for one, other in itertools.combinations(range(len(thumbnails)), 2):
        near = int(hashes[one] ^ hashes[other]).bit_count() <= near_copies.MAX_BITS
        if near and correlations[one, other] >= near_copies.MIN_CORRELATION and groups[one] is not groups[other]:
            groups[one] |= groups[other]
            for member in groups[one]:
                groups[member] = groups[one]
    return tuple(sorted({tuple(sorted(group)) for group in groups if len(group) > 1}))


def test_the_frames_of_a_video_take_little_memory():
    chance = np.random.default_rng(3)
    frames = np.clip(chance.integers(0, 256, (32, 32)) + chance.integers(-3, 4, (3000, 32, 32)), 0, 255).astype(np.uint8)
    tracemalloc.start()
    try:
        assert near_copies.find(frames) == ((tuple(range(3000)),), ())
        assert tracemalloc.get_traced_memory()[1] < 40e6
    finally:
        tracemalloc.stop()


def test_they_are_in_one_subset_where_the_configuration_says_so(planted):
    folder, _ = planted
    listing = dataset.check(folder)
    apart = 0
    for seed in range(12):
        for is_together in (True, False):
            parts = split.make(listing, Config(batch_size=8, seed=seed, near_copies_together=is_together))
            subset_of = {index: subset for subset in split.SUBSETS for index in getattr(parts, subset)}
            scattered = [group for group in listing.near_copies if len({subset_of[index] for index in group}) > 1]
            if is_together:
                assert scattered == []
            apart += len(scattered)
    assert apart > 5, "without it, some are not"


def test_new_runs_have_it_and_the_split_of_stored_ones_stays_as_it_was(planted):
    folder, _ = planted
    assert (
        not Config().near_copies_together and presets.config("quick").near_copies_together and presets.config("fast").near_copies_together
    )
    listing = dataset.check(folder)
    without = listing.__class__(**{**vars(listing), "near_copies": ()})
    assert split.make(listing, Config(batch_size=8)) == split.make(without, Config(batch_size=8))
