"""Soft shapes on a Pillow canvas: smooth outlines, tapered limbs, roundness by shading.

What the shapes add up to is up to the other modules of this package.
"""

from dataclasses import dataclass, replace
from functools import cache
from math import cos, sin

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Points = list[tuple[float, float]]

_STEPS = 6  # points of a curve for each given one
_ROUND = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_CIRCLE = np.stack([np.cos(_ROUND), np.sin(_ROUND)], axis=1)
_COARSE = 4  # shading is computed at this fraction of the size
_MARGIN = 2 * _COARSE  # px around a shape


def smooth_loop(points: Points | np.ndarray) -> np.ndarray:
    """A closed curve through n points, (6 n, 2)."""
    return _weigh_loop(len(points)) @ np.asarray(points, float)


def smooth_path(points: Points | np.ndarray) -> np.ndarray:
    """An open curve through n points, (6 n - 5, 2)."""
    return _weigh_path(len(points)) @ np.asarray(points, float)


@cache
def _weigh_loop(count: int) -> np.ndarray:
    """The weights of `count` given points at each point of a closed Catmull-Rom curve, (6 count, count)."""
    at = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    spans = [-at + 2 * at**2 - at**3, 2 - 5 * at**2 + 3 * at**3, at + 4 * at**2 - 3 * at**3, at**3 - at**2]
    weights = np.zeros((count, _STEPS, count))
    for point in range(count):
        for offset, share in enumerate(spans, start=-1):
            weights[point, :, (point + offset) % count] += share[:, 0] / 2
    return weights.reshape(-1, count)


@cache
def _weigh_path(count: int) -> np.ndarray:
    """The same for an open curve, whose ends are continued straight."""
    continued = np.zeros((count + 2, count))
    continued[1:-1] = np.eye(count)
    continued[0, :2] = continued[-1, :-3:-1] = (2, -1)
    return _weigh_loop(count + 2)[_STEPS : _STEPS * count + 1] @ continued


def trace_oval(x: float, y: float, across: float, down: float, tilt: float = 0.0) -> np.ndarray:
    """An ellipse with these half axes, (24, 2); `tilt` is in radians, clockwise in the picture."""
    turn = np.array([[across * cos(tilt), across * sin(tilt)], [-down * sin(tilt), down * cos(tilt)]])
    return _CIRCLE @ turn + (x, y)


def mirror(right: Points) -> Points:
    """The loop, symmetric about x = 0, whose right half this is."""
    return right + [(-x, y) for x, y in reversed(right)]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour between two others; a `share` of 0 gives the first, 1 the second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))


@cache
def _darken(depth: float) -> list[int]:
    """A look-up table for `Image.point`: the less light, the more shadow."""
    return [round((255 - light) * depth) for light in range(256)]


@dataclass(frozen=True)
class Frame:
    """Maps drawing units to pixels: turned and scaled by `matrix`, (2, 2), then moved to `origin`, (2,)."""

    matrix: np.ndarray
    origin: np.ndarray

    @classmethod
    def place(cls, x: float, y: float, scale: float, tilt: float = 0.0, flip: bool = False) -> "Frame":
        """A frame with its origin at this pixel, `scale` in px per unit, `tilt` in radians, mirrored sideways if `flip`."""
        turn = np.array([[cos(tilt), -sin(tilt)], [sin(tilt), cos(tilt)]])
        swap = np.diag([-1.0 if flip else 1.0, 1.0])
        return cls(turn @ swap * scale, np.array([x, y], float))

    def nest(self, x: float, y: float, scale: float, tilt: float = 0.0) -> "Frame":
        """A frame within this one, whose place, scale and tilt are in this one's units."""
        inner = Frame.place(x, y, scale, tilt)
        return Frame(self.matrix @ inner.matrix, self.project(inner.origin[None])[0])

    def project(self, points: Points | np.ndarray) -> np.ndarray:
        """Points in units, (n, 2), as pixels, (n, 2)."""
        return np.asarray(points, float) @ self.matrix.T + self.origin

    @property
    def scale(self) -> float:
        """Pixels per unit."""
        return float(np.hypot(*self.matrix[:, 0]))


@dataclass(frozen=True)
class Part:
    """A shape on the canvas: its mask, in mode L, and the box that it was pasted into, in px."""

    mask: Image.Image
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Brush:
    """Draws on `canvas` in the units of `frame`. `shadow` is the colour of shading, `fluff` the length of tufts in outlines."""

    canvas: Image.Image
    frame: Frame
    shadow: Colour
    fluff: float = 0.0

    def nest(self, x: float, y: float, scale: float, tilt: float = 0.0) -> "Brush":
        """A brush for a frame within this one's, as by `Frame.nest`."""
        return replace(self, frame=self.frame.nest(x, y, scale, tilt), fluff=self.fluff / scale)

    def fill(self, outline: Points | np.ndarray, paint: Image.Image | Colour) -> Part | None:
        """Fill a smooth loop; None if it lies entirely outside the picture."""
        loop = self._ruffle(smooth_loop(outline)) if self.fluff else smooth_loop(outline)
        pixels = self.frame.project(loop)
        box = self._bound(pixels, pixels)
        if box is None:
            return None
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).polygon((pixels - box[:2]).ravel().tolist(), fill=255)
        return self._paste(Part(mask, box), paint)

    def stretch(self, path: Points, widths: tuple[float, ...], paint: Image.Image | Colour) -> Part | None:
        """Fill a limb along a smooth path, with `widths` in units spread evenly from start to end; None as for `fill`."""
        spine = self.frame.project(smooth_path(path))
        at = np.linspace(0, 1, len(spine))
        radius = np.interp(at, np.linspace(0, 1, len(widths)), widths)[:, None] * self.frame.scale / 2
        box = self._bound(spine - radius, spine + radius)
        if box is None:
            return None
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        draw = ImageDraw.Draw(mask)
        spine = spine - box[:2]
        step = np.gradient(spine, axis=0)
        aside = np.stack([-step[:, 1], step[:, 0]], axis=1) * radius / (np.hypot(*step.T)[:, None] + 1e-9)
        quads = np.hstack([(spine + aside)[:-1], (spine + aside)[1:], (spine - aside)[1:], (spine - aside)[:-1]])
        for quad in quads.tolist():
            draw.polygon(quad, fill=255)
        for oval in np.hstack([spine - radius, spine + radius]).tolist():
            draw.ellipse(oval, fill=255)
        return self._paste(Part(mask, box), paint)

    def mark(self, part: Part | None, outline: Points | np.ndarray, colour: Colour, strength: float = 1.0) -> None:
        """Colour what of a part lies within a smooth loop, with a soft edge; a `strength` of 1 is opaque."""
        pixels = self.frame.project(smooth_loop(outline))
        box = self._bound(pixels, pixels)
        if part is None or box is None:
            return
        size = (box[2] - box[0], box[3] - box[1])
        small = Image.new("L", (-(-size[0] // 2), -(-size[1] // 2)))
        ImageDraw.Draw(small).polygon(((pixels - box[:2]) / 2).ravel().tolist(), fill=round(255 * strength))
        soft = small.filter(ImageFilter.BoxBlur(max(1.0, 0.02 * self.frame.scale)))
        left, top = part.box[:2]
        inside = part.mask.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        soft = soft.resize(size, Image.Resampling.NEAREST)
        self.canvas.paste(colour, box, ImageChops.multiply(inside, soft))

    def shade(self, part: Part | None, depth: float = 0.75) -> None:
        """Darken a part towards its lower right edge, which makes it look round."""
        if part is None:
            return
        small = part.mask.reduce(_COARSE)
        radius = 0.16 * min(small.size) + 0.6
        right, down = round(0.3 * radius), round(0.8 * radius)
        roomy = small.crop((0, 0, small.width + right, small.height + down))
        soft = roomy.filter(ImageFilter.BoxBlur(radius)).filter(ImageFilter.BoxBlur(radius / 2))
        lit = soft.crop((right, down, roomy.width, roomy.height))
        dark = lit.point(_darken(depth))
        dark = dark.resize(part.mask.size, Image.Resampling.BILINEAR)
        self.canvas.paste(self.shadow, part.box, ImageChops.multiply(part.mask, dark))

    def blot(self, outline: Points | np.ndarray, colour: Colour) -> None:
        """Fill a small smooth loop with one colour, without light or fluff."""
        pixels = self.frame.project(smooth_loop(outline))
        ImageDraw.Draw(self.canvas).polygon(pixels.ravel().tolist(), fill=colour)

    def dot(self, x: float, y: float, rx: float, ry: float, colour: Colour, tilt: float = 0.0) -> None:
        """Fill an ellipse with one colour, without light."""
        pixels = self.frame.project(trace_oval(x, y, rx, ry, tilt))
        ImageDraw.Draw(self.canvas).polygon(pixels.ravel().tolist(), fill=colour)

    def line(self, path: Points, width: float, colour: Colour) -> None:
        """Draw a smooth line, at least two pixels wide."""
        pixels = self.frame.project(smooth_path(path))
        thick = max(2, round(width * self.frame.scale))
        ImageDraw.Draw(self.canvas).line(pixels.ravel().tolist(), fill=colour, width=thick, joint="curve")

    def _paste(self, part: Part, paint: Image.Image | Colour) -> Part:
        self.canvas.paste(paint.crop(part.box) if isinstance(paint, Image.Image) else paint, part.box, part.mask)
        return part

    def _bound(self, low: np.ndarray, high: np.ndarray) -> tuple[int, int, int, int] | None:
        """The box around points, (n, 2), in px, clipped so far outside the picture that shading doesn't show it; None if all is outside."""
        (left, top), (right, bottom) = low.min(0).astype(int) - _MARGIN, high.max(0).astype(int) + _MARGIN
        width, height = self.canvas.size
        if right <= 0 or bottom <= 0 or left >= width or top >= height:
            return None
        spare = min(width, height) // 4
        cut = (max(left, -spare), max(top, -spare), min(right, width + spare), min(bottom, height + spare))
        return tuple(int(edge) for edge in cut)

    def _ruffle(self, loop: np.ndarray) -> np.ndarray:
        """The outline with tufts pulled out of it, so that it looks like long hair."""
        step = np.roll(loop, -1, 0) - np.roll(loop, 1, 0)
        normal = np.stack([step[:, 1], -step[:, 0]], axis=1) / (np.hypot(*step.T)[:, None] + 1e-9)
        if np.sum(loop[:, 0] * step[:, 1] - loop[:, 1] * step[:, 0]) < 0:
            normal = -normal
        count = np.arange(len(loop))
        tuft = (count % 3 == 0) * (1 + 0.5 * np.sin(count * 2.4))
        tall = min(self.fluff, 0.025 * float(np.ptp(loop, axis=0).max()))
        return loop + normal * (tuft * tall)[:, None]
