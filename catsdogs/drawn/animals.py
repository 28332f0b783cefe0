"""The description of a drawn animal, and its hair: the colours and patterns of coats.

Shapes are in `bodies` and `heads`; `demo` draws lots for the animal of each picture.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from catsdogs.drawn.brush import Colour, Frame, mix, smooth_loop, trace_oval

INK = (38, 30, 32)
PINK = (232, 158, 152)
PATTERNS = ("solid", "tabby", "patches", "spots", "points", "bib")


@dataclass(frozen=True)
class Coat:
    """One of PATTERNS in three colours: the hair, its markings, and a pale one for muzzle, chest and paws."""

    pattern: str
    base: Colour
    mark: Colour
    light: Colour


@dataclass(frozen=True)
class Animal:
    """One cat or dog. Numbers around 1 scale the usual proportions of its kind; `turn`, -1 to 1, moves its face sideways; `nod` is the tilt
    of its head in radians; `fluff` is the length of tufts of hair, in units of the animal.
    """

    label: str
    pose: str
    coat: Coat
    eyes: Colour
    nose: Colour
    collar: Colour | None
    ears: str
    profile: bool
    turn: float
    nod: float
    girth: float
    legs: float
    tail: float
    muzzle: float
    head: float
    pupil: float
    fluff: float
    asleep: bool
    tongue: bool
    seed: int

    @property
    def is_cat(self) -> bool:
        return self.label == "cat"


@dataclass(frozen=True)
class Hair:
    """Images as large as the picture, or a colour, that parts are filled with: the patterned body, the plain head, legs and tail."""

    body: Image.Image
    plain: Image.Image
    limbs: Image.Image | Colour


def grow_hair(size: tuple[int, int], frame: Frame, animal: Animal) -> Hair:
    """Hair for a picture of `size`, an even width and height in px, with its pattern in the units of `frame`.

    It is drawn at half the size, as the picture is halved in the end anyway.
    """
    rng = np.random.default_rng(animal.seed)
    coat = animal.coat
    small = (size[0] // 2, size[1] // 2)
    plain = Image.new("RGB", small, coat.base)
    body = plain.copy()
    half = Frame(frame.matrix / 2, frame.origin / 2)
    for outline in _lay_pattern(animal, rng):
        ImageDraw.Draw(body).polygon(half.project(outline).ravel().tolist(), fill=coat.mark)
    grain = Image.fromarray(rng.integers(0, 44, (small[1] // 3, small[0] // 2), np.uint8))
    grain = grain.resize(small, Image.Resampling.BILINEAR)
    for image in (plain, body):
        image.paste(mix(coat.base, INK, 0.6), (0, 0), grain)
    plain, body = (image.resize(size, Image.Resampling.NEAREST) for image in (plain, body))
    return Hair(body, plain, mix(coat.base, coat.mark, 0.85) if coat.pattern == "points" else plain)


def choose_ear_paint(animal: Animal, hair: Hair) -> Image.Image | Colour:
    """What ears are filled with."""
    return animal.coat.mark if animal.coat.pattern in ("points", "patches") else hair.plain


def _lay_pattern(animal: Animal, rng: np.random.Generator) -> list[np.ndarray]:
    """Outlines of the markings on the body, each (n, 2), in units of the animal."""
    if animal.coat.pattern == "tabby":
        return _lay_stripes(animal.pose in ("stand", "lie"), rng)
    if animal.coat.pattern == "patches":
        spread = zip(rng.uniform(-0.6, 0.6, 5), rng.uniform(-0.75, -0.1, 5), rng.uniform(0.1, 0.22, 5), strict=True)
        ovals = [trace_oval(x, y, radius, radius * 0.8)[::3] for x, y, radius in spread]
        return [smooth_loop(oval + rng.uniform(-0.04, 0.04, oval.shape)) for oval in ovals]
    if animal.coat.pattern == "spots":
        spread = zip(rng.uniform(-0.7, 0.7, 60), rng.uniform(-1, 0, 60), rng.uniform(0.018, 0.042, 60), strict=True)
        return [trace_oval(x, y, radius, radius * 0.85) for x, y, radius in spread]
    return []


def _lay_stripes(upright: bool, rng: np.random.Generator) -> list[np.ndarray]:
    """Wavy bands: down the flanks if `upright`, or across if the animal is seen from the front."""
    thick = 0.024 * np.array([0.6, 1, 1, 1, 1, 1, 0.8, 0.1])[:, None]
    along = np.linspace(-1.0, -0.18, 8) if upright else np.linspace(-0.75, 0.75, 8)
    aside = np.array([1.0, 0.0] if upright else [0.0, 1.0])
    bands = []
    for at in np.arange(-0.85, 0.85, 0.105) + rng.uniform(-0.02, 0.02):
        drift = at + 0.03 * np.sin(np.arange(8) * 1.7 + at * 9)
        across = drift if upright else drift - 0.4 + 0.12 * along**2
        centre = np.stack([across, along] if upright else [along, across], axis=1)
        bands.append(np.concatenate([centre - thick * aside, (centre + thick * aside)[::-1]]))
    return bands
