"""What stands between the animal and the camera: grass, a fence, a box, a ball or leaves. The place behind it is in `scenery`."""

from math import pi

import numpy as np
from PIL import Image, ImageDraw

from catsdogs.drawn.brush import mix, trace_oval
from catsdogs.drawn.scenery import WHITE, Scene


def paint_obstacle(canvas: Image.Image, scene: Scene) -> None:
    """Put something in front of the animal, or nothing ("none")."""
    if scene.obstacle != "none":
        OBSTACLES[scene.obstacle](canvas, scene, np.random.default_rng([scene.seed, 1]))


def _grass(canvas: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    w, h = canvas.size
    draw = ImageDraw.Draw(canvas)
    tall = rng.uniform(0.1, 0.22) * h
    for x, lean, shade in zip(rng.uniform(-0.05, 1.05, 70) * w, rng.uniform(-0.5, 0.5, 70), rng.random(70), strict=True):
        base = min(h, scene.feet[1] * h + 0.1 * h) + 4
        top = base - tall * (0.5 + 0.7 * shade)
        bend = x + lean * tall * 0.5
        colour = mix((62, 108, 48), (158, 196, 96), shade)
        draw.polygon(
            [x - 3, base, bend, top + 0.4 * (base - top), x + lean * tall, top, bend + 3, top + 0.5 * (base - top), x + 4, base],
            fill=colour,
        )
        draw.rectangle([x - 4, base - 2, x + 4, max(h, base)], fill=colour)


def _fence(canvas: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    w, h = canvas.size
    draw = ImageDraw.Draw(canvas)
    wood = mix(scene.accent, (238, 232, 222), 0.7)
    dark = mix(wood, (60, 44, 40), 0.35)
    gap, wide = w * rng.uniform(0.17, 0.24), w * 0.05
    top = (scene.feet[1] - rng.uniform(0.16, 0.3)) * h
    for y in (top + 0.06 * h, top + 0.2 * h):
        draw.rectangle([0, y, w, y + 0.03 * h], fill=mix(wood, dark, 0.4))
    for x in np.arange(rng.uniform(-gap, 0), w + gap, gap):
        draw.polygon([x, h, x, top, x + wide / 2, top - wide * 0.7, x + wide, top, x + wide, h], fill=wood)
        draw.line([x + wide, top, x + wide, h], fill=dark, width=3)


def _box(canvas: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """A cardboard box the animal has got into."""
    w, h = canvas.size
    x, y = scene.feet[0] * w, scene.feet[1] * h
    half, tall = scene.reach * w * 1.05, rng.uniform(0.1, 0.2) * h
    card = (194, 150, 104)
    draw = ImageDraw.Draw(canvas)
    draw.polygon(
        [x - half, y - tall, x - half * 1.22, y - tall * 0.55, x - half * 1.1, y - tall * 0.45, x - half, y - tall * 0.8],
        fill=(214, 174, 128),
    )
    draw.polygon(
        [x + half, y - tall, x + half * 1.22, y - tall * 0.55, x + half * 1.1, y - tall * 0.45, x + half, y - tall * 0.8],
        fill=(150, 112, 76),
    )
    draw.rectangle([x - half, y - tall, x + half, y + 0.08 * h], fill=card)
    draw.rectangle([x - half, y - tall, x + half, y - tall + 4], fill=(222, 184, 138))
    draw.rectangle([x - half * 0.12, y - tall, x + half * 0.12, y + 0.08 * h], fill=(206, 166, 120))
    draw.line([x - half, y + 0.08 * h, x + half, y + 0.08 * h], fill=(120, 86, 58), width=4)


def _ball(canvas: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    w, h = canvas.size
    r = rng.uniform(0.06, 0.11) * min(w, h)
    x, y = (scene.feet[0] + rng.uniform(-0.25, 0.25)) * w, (scene.feet[1] + 0.03) * h - r * 0.7
    draw = ImageDraw.Draw(canvas)
    draw.circle((x, y), r, fill=mix(scene.accent, (20, 10, 30), 0.35))
    draw.circle((x - r * 0.08, y - r * 0.1), r * 0.88, fill=scene.accent)
    draw.arc([x - r * 1.3, y - r * 0.9, x + r * 0.6, y + r], 290, 60, fill=mix(scene.accent, WHITE, 0.75), width=max(2, int(r / 6)))
    draw.circle((x - r * 0.35, y - r * 0.42), r * 0.2, fill=mix(scene.accent, WHITE, 0.7))


def _leaves(canvas: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """A branch hanging into the picture from a corner."""
    w, h = canvas.size
    draw = ImageDraw.Draw(canvas)
    left = rng.random() < 0.5
    for along, off, shade in zip(rng.uniform(0, 0.55, 26), rng.uniform(-0.1, 0.1, 26), rng.random(26), strict=True):
        x, y = along * w, (0.3 - along * 0.55 + off) * h
        leaf = trace_oval(x if left else w - x, y, 0.055 * w, 0.022 * w, shade * pi)
        draw.polygon(leaf.ravel().tolist(), fill=mix((58, 102, 54), (150, 176, 84), shade))


OBSTACLES = {"grass": _grass, "fence": _fence, "box": _box, "ball": _ball, "leaves": _leaves}
