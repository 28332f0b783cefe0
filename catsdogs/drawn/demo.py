"""A data set of drawn cats and dogs, so that everything can be tried without downloading anything.

Here it is decided what each picture shows; the other modules of this package draw it. Both classes share all distributions (coats, places,
sizes, light), so that only the shape of the animal tells them apart.
"""

import io
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import pi
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from catsdogs.drawn.animals import PATTERNS, Animal, Coat
from catsdogs.drawn.bodies import paint_animal
from catsdogs.drawn.brush import Colour, Frame
from catsdogs.drawn.obstacles import paint_obstacle
from catsdogs.drawn.scenery import PLACES, Light, Scene, expose, paint_background
from catsdogs.errors import InputError
from catsdogs.system import access, home, shortage
from catsdogs.system.reports import Report, silent
from catsdogs.system.shortage import DiskFull

COUNT_LIMITS = (20, 20_000)  # pictures
SEED_LIMITS = (0, 2**31 - 1)  # as those of a run's seed
LABELS = ("cat", "dog")
SHORTER_SIDES = (150, 166)  # px
REPORT_EVERY = 10  # pictures
MARK = b"drawn by Cats & Dogs Studio"  # a comment in every file, by which it is recognised wherever it is copied to
ABANDONED = 60  # seconds without a new picture, after which nobody is drawing any more
_SIZE = 10_000  # bytes of a picture, about


def _colours(hexadecimal: str) -> tuple[Colour, ...]:
    return tuple(tuple(bytes.fromhex(colour)) for colour in hexadecimal.split())


COATS = (
    _colours("dc8e48 aa5c28 fae6cc"),
    _colours("a8a4a0 625e60 ece8e2"),
    _colours("464044 9c9490 ccc4be"),
    _colours("946c4c 563828 e4caaa"),
    _colours("ecd4ae c09668 fdf6e8"),
    _colours("f3efe9 4c4442 fffdf9"),
    _colours("f0eae2 d08440 fffcf6"),
    _colours("d2ae80 7c583c f6e6ce"),
    _colours("704e3a 402a22 c09a7c"),
    _colours("868e9c 505668 d4d8e0"),
    _colours("e6bc74 b68442 fdeece"),
)
EYES = _colours("d69c36 9ca850 946836 7cb2de c67e34")
NOSES = _colours("2e2428 2e2428 2e2428 a86462")
ACCENTS = _colours("cc4e4a 4a7ec2 54a074 e6ac40 9864a8 ea8a94 429ea8")
WALLS = _colours("e2d0b8 b0c8d2 ccd8ba ead0c6 96a4bc d8d8de c4a498 869e8c")
FLOORS = _colours("ac7e58 866a56 c6a682 a2a09e 747c74 d0c0a2")
# The room that an animal takes in each pose, in its own units: left, top, right, bottom.
EXTENTS = {
    "sit": (-0.62, -1.42, 0.66, 0.04),
    "stand": (-0.66, -1.36, 0.96, 0.03),
    "lie": (-0.68, -1.13, 0.84, 0.1),
    "portrait": (-0.66, -1.3, 0.66, 0.1),
}


@dataclass(frozen=True)
class Picture:
    """All that decides how one picture looks; `width` and `height` are in px."""

    width: int
    height: int
    frame: Frame
    animal: Animal
    scene: Scene
    light: Light


def create(folder: Path, count: int = 2000, seed: int = 0, report: Report = silent) -> Path:
    """Write `count` JPEG pictures to `folder`/cats and `folder`/dogs, half of each (one more cat if odd), and return the folder.

    A new folder appears complete, or not at all; an empty one stays, and is filled in the end. `report(done, count)` may raise to stop.
    Raises InputError for a count or a seed outside its limits, and a `folder` that is not empty or can't be written; DiskFull.
    """
    access.require_training()
    low, high = COUNT_LIMITS
    if not low <= count <= high:
        raise InputError(f"count = {count}: a drawn data set has {low} to {high:,} images.")
    low, high = SEED_LIMITS
    if not low <= seed <= high:
        raise InputError(f"seed = {seed}: must be a whole number, {low} to {high}.")
    access.require_room(home.folder(), count * _SIZE, "the data set")
    target = Path(folder).resolve()
    try:
        with shortage.explained(target.parent, "the data set", count * _SIZE):
            _make(target, count, seed, report)
    except DiskFull:
        raise
    except OSError as error:
        raise InputError(f"{target} can't be written ({error.strerror}). Choose another folder.") from error
    return folder


def _make(target: Path, count: int, seed: int, report: Report) -> None:
    _require_free(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        _remove_unfinished(target, Path(scratch).stat().st_mtime)
        built = Path(scratch) / target.name
        for label in LABELS:
            (built / f"{label}s").mkdir(parents=True)
        _fill(built, count, seed, report)
        _require_free(target)  # drawing took a while
        if target.exists():  # it may be the current folder of a process, which must not be removed
            for label in LABELS:
                os.replace(built / f"{label}s", target / f"{label}s")
        else:
            os.replace(built, target)


def _require_free(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} {'is not empty' if target.is_dir() else 'is a file'}. Choose a new or an empty folder.")


def _remove_unfinished(target: Path, now: float) -> None:
    """Remove folders with unfinished pictures of this data set that killed processes left, and in which nobody is drawing any more.

    `now` is the time by the clock of their disk.
    """
    name = re.compile(rf"\.{re.escape(target.name)}-[a-z0-9_]{{8}}")
    for scratch in filter(Path.is_dir, target.parent.iterdir()):
        if name.fullmatch(scratch.name):
            built = [scratch, *scratch.iterdir(), *scratch.glob("*/*")]
            is_ours = set(built[1:]) <= {scratch / target.name, *(scratch / target.name / f"{label}s" for label in LABELS)}
            if is_ours and now - max(path.stat().st_mtime for path in built) > ABANDONED:
                rmtree(scratch, ignore_errors=True)


def draw(label: str, seed: int, size: int = 160) -> Image.Image:
    """One RGB picture whose shorter side has `size` px. Raises ValueError unless `label` is "cat" or "dog"."""
    if label not in LABELS:
        raise ValueError(f'label = {label!r}: it is "cat" or "dog".')
    return render(sample(label, size, np.random.default_rng([seed, LABELS.index(label)])))


def sample(label: str, size: int, rng: np.random.Generator) -> Picture:
    """A random picture of a "cat" or "dog", whose shorter side has `size` px."""
    long = int(size * rng.uniform(1.0, 1.33))
    animal = _sample_animal(label, rng)
    upright = animal.pose in ("sit", "portrait") and rng.random() < 0.45
    width, height = (size, long) if upright else (long, size)
    frame = _sample_frame(animal, 2 * width, 2 * height, rng)
    x, y = frame.origin / (2 * width, 2 * height)
    scene = Scene(
        place=_pick(tuple(PLACES), rng),
        obstacle=str(rng.choice(["none", "grass", "fence", "box", "ball", "leaves"], p=(0.7, 0.08, 0.05, 0.04, 0.08, 0.05))),
        walls=(_pick(WALLS, rng), _pick(FLOORS, rng)),
        accent=_pick(ACCENTS, rng),
        horizon=float(min(rng.uniform(0.4, 0.72), y - 0.06)),
        feet=(float(x), float(y)),
        reach=frame.scale / (4 * width),
        seed=int(rng.integers(2**31)),
    )
    return Picture(width, height, frame, animal, scene, _sample_light(rng))


def render(picture: Picture) -> Image.Image:
    """The picture in RGB, drawn at twice its size and halved, for soft edges."""
    canvas = paint_background(picture.scene, 2 * picture.width, 2 * picture.height)
    paint_animal(canvas, picture.frame, picture.animal)
    paint_obstacle(canvas, picture.scene)
    return expose(canvas.reduce(2), picture.light)


def is_drawn(path: Path) -> bool:
    """Whether `create` wrote that image. Raises OSError if it can't be opened."""
    with Image.open(path) as image:
        return image.info.get("comment") == MARK


def _fill(folder: Path, count: int, seed: int, report: Report) -> None:
    pool = ThreadPoolExecutor()  # Pillow and NumPy release the interpreter lock for most of the work
    try:
        for done, _ in enumerate(pool.map(partial(_write, folder, seed), range(count)), start=1):
            if done % REPORT_EVERY == 0 or done == count:
                report(done, count)
    finally:
        pool.shutdown(cancel_futures=True)


def _write(folder: Path, seed: int, index: int) -> None:
    number, kind = divmod(index, len(LABELS))
    rng = np.random.default_rng([seed, number, kind])
    picture = sample(LABELS[kind], int(rng.integers(*SHORTER_SIDES)), rng)
    path = folder / f"{LABELS[kind]}s" / f"{LABELS[kind]}.{number:04d}.jpg"
    content = io.BytesIO()
    render(picture).save(content, "JPEG", quality=int(rng.integers(72, 95)), comment=MARK)
    path.write_bytes(content.getbuffer())  # Pillow would cut the file short on a full disk, without an error


def _sample_animal(label: str, rng: np.random.Generator) -> Animal:
    return Animal(
        label=label,
        pose=str(rng.choice(list(EXTENTS), p=(0.38, 0.05, 0.04, 0.53))),
        coat=Coat(_pick(PATTERNS, rng), *_pick(COATS, rng)),
        eyes=_pick(EYES, rng),
        nose=_pick(NOSES, rng),
        collar=_pick(ACCENTS, rng) if rng.random() < 0.35 else None,
        ears=str(rng.choice(["flop", "fold", "prick"], p=(0.835, 0.14, 0.025))),
        profile=bool(rng.random() < 0.02),
        turn=rng.uniform(-0.4, 0.4),
        nod=rng.normal(0, 0.08),
        girth=rng.uniform(0.88, 1.14),
        legs=rng.uniform(0.8, 1.15),
        tail=rng.uniform(0.75, 1.15),
        muzzle=rng.uniform(0.88, 1.1),
        head=rng.uniform(0.92, 1.12),
        pupil=rng.random(),
        fluff=max(0.0, rng.uniform(-0.02, 0.02)),
        asleep=bool(rng.random() < 0.03),
        tongue=bool(rng.random() < 0.35),
        seed=int(rng.integers(2**31)),
    )


def _sample_frame(animal: Animal, width: int, height: int, rng: np.random.Generator) -> Frame:
    """The place of the animal on a canvas of `width` x `height` px; now and then the edge cuts it off."""
    left, top, right, bottom = EXTENTS[animal.pose]
    flip = bool(rng.random() < 0.5)
    if flip:
        left, right = -right, -left
    smallest = 0.76 if animal.pose == "portrait" else 0.88
    scale = rng.uniform(smallest, 1.04) * min(width / (right - left), height / (bottom - top))
    spare_x, spare_y = width - scale * (right - left), height - scale * (bottom - top)
    beyond = width * rng.uniform(-0.18, 0.18) if rng.random() < 0.08 else 0.0
    x = spare_x * rng.uniform(0.02, 0.98) - scale * left + beyond
    # A portrait has nothing to stand on, so it always ends at the lower edge.
    y = spare_y * (1.0 if animal.pose == "portrait" else rng.uniform(0.4, 1.0)) - scale * top
    return Frame.place(x, y, scale, rng.normal(0, 0.035), flip)


def _sample_light(rng: np.random.Generator) -> Light:
    return Light(
        brightness=rng.uniform(0.86, 1.16),
        contrast=rng.uniform(0.85, 1.15),
        cast=tuple(rng.uniform(0.93, 1.07, 3)),
        shade=max(0.0, rng.uniform(-0.25, 0.4)),
        shade_angle=rng.uniform(0, 2 * pi),
        noise=6 * rng.random() ** 2,
        blur=max(0.0, rng.uniform(-1, 0.8)),
        seed=int(rng.integers(2**31)),
    )


def _pick(options: tuple, rng: np.random.Generator):
    return options[int(rng.integers(len(options)))]
