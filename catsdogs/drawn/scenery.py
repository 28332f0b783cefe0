"""The place behind the animal, the light and the camera; what stands in front is in `obstacles`.

Nothing here knows whether the picture shows a cat or a dog.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catsdogs.drawn.brush import Colour, mix, smooth_path, trace_oval

WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Scene:
    """The surroundings of the animal: `walls` are the colours of wall and floor, `horizon` is a share of the height, `feet` are shares of
    width and height, `reach` is a share of the width.
    """

    place: str
    obstacle: str
    walls: tuple[Colour, Colour]
    accent: Colour
    horizon: float
    feet: tuple[float, float]
    reach: float
    seed: int


@dataclass(frozen=True)
class Light:
    """What light and camera do to the finished drawing; a factor of 1, or an amount of 0, leaves it unchanged."""

    brightness: float
    contrast: float
    cast: tuple[float, float, float]
    shade: float
    shade_angle: float
    noise: float
    blur: float
    seed: int


def paint_background(scene: Scene, width: int, height: int) -> Image.Image:
    """The empty place as an RGB picture of `width` x `height` px, pale and out of focus, so that the animal stands out."""
    rng = np.random.default_rng(scene.seed)
    small = Image.new("RGB", (width // 2, height // 2), scene.walls[0])
    PLACES[scene.place](small, scene, rng)
    if scene.place != "bokeh":
        _ground(small, scene)
    haze = small.resize((1, 1), Image.Resampling.BOX).resize(small.size)
    far = Image.blend(small, haze, 0.25).filter(ImageFilter.BoxBlur(1.2))
    return far.resize((width, height), Image.Resampling.NEAREST)


def expose(picture: Image.Image, light: Light) -> Image.Image:
    """The picture as a camera would capture it in this light."""
    if light.blur:
        picture = picture.filter(ImageFilter.BoxBlur(light.blur))
    width, height = picture.size
    down, across = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    slope = across * np.cos(light.shade_angle) + down * np.sin(light.shade_angle)
    gain = (1 - light.shade * np.clip(0.5 + slope, 0, 1)).astype(np.float32)
    grain = np.random.default_rng(light.seed).standard_normal((height, width), np.float32)
    # One row holds red, green, blue, red, ...: far faster than a last axis of three.
    tint = np.tile(np.array(light.cast, np.float32) * light.brightness, width)
    pixels = np.asarray(picture, np.float32).reshape(height, 3 * width)
    pixels = (pixels * light.contrast + 128 * (1 - light.contrast)) * tint
    pixels *= np.repeat(gain, 3, axis=1)
    pixels += np.repeat(grain * np.float32(light.noise), 3, axis=1)
    np.clip(pixels, 0, 255, out=pixels)
    return Image.fromarray(pixels.astype(np.uint8).reshape(height, width, 3))


def _fade(image: Image.Image, colours: list[Colour], top: int, bottom: int) -> None:
    """Fill the rows from `top` to `bottom` with a vertical gradient."""
    if bottom <= top:
        return
    ramp = np.array(colours, np.uint8)[:, None]
    band = Image.fromarray(ramp).resize((1, bottom - top), Image.Resampling.BILINEAR)
    image.paste(band.resize((image.width, bottom - top)), (0, top))


def _ground(image: Image.Image, scene: Scene) -> None:
    """The soft shadow under the animal."""
    x, y = scene.feet[0] * image.width, scene.feet[1] * image.height
    reach = scene.reach * image.width
    mask = Image.new("L", (image.width // 2, image.height // 2))
    box = [(x - reach) / 2, (y - reach * 0.16) / 2, (x + reach) / 2, (y + reach * 0.16) / 2]
    ImageDraw.Draw(mask).ellipse(box, fill=120)
    mask = mask.filter(ImageFilter.BoxBlur(3)).resize(image.size, Image.Resampling.BILINEAR)
    image.paste((24, 18, 34), (0, 0), mask)


def _room(image: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """A wall with wallpaper or a window, a skirting board, a floor of boards and a rug."""
    w, h = image.size
    line = int(scene.horizon * h)
    draw = ImageDraw.Draw(image)
    _fade(image, [mix(scene.walls[0], WHITE, 0.25), scene.walls[0]], 0, line)
    left, top = int(rng.uniform(0.05, 0.6) * w), int(rng.uniform(0.04, 0.15) * h)
    if rng.random() < 0.5:
        right, low = left + int(0.33 * w), max(top + 8, int(line * 0.75))
        draw.rectangle([left - 3, top - 3, right + 3, low + 3], fill=mix(scene.walls[0], WHITE, 0.8))
        draw.rectangle([left, top, right, low], fill=(176, 214, 238))
        draw.ellipse([left + 4, (top + low) // 2, right - 6, low + 20], fill=(150, 190, 140))
        draw.rectangle([left - 3, low + 1, w if right > w else right + 3, line], fill=scene.walls[0])
        draw.line([(left + right) // 2, top, (left + right) // 2, low], fill=mix(scene.walls[0], WHITE, 0.8), width=3)
    else:
        draw.rectangle([left, top, left + int(0.26 * w), top + int(0.2 * h)], fill=mix(scene.accent, (60, 40, 30), 0.6))
        draw.rectangle([left + 3, top + 3, left + int(0.26 * w) - 3, top + int(0.2 * h) - 3], fill=mix(scene.accent, WHITE, 0.5))
    _fade(image, [mix(scene.walls[1], (40, 24, 20), 0.3), scene.walls[1]], line, h)
    for x in np.arange(-1.0, 2.0, 0.16):
        draw.line([(0.5 + (x - 0.5) * 0.7) * w, line, (0.5 + (x - 0.5) * 1.5) * w, h], fill=mix(scene.walls[1], (40, 24, 20), 0.3))
    draw.rectangle([0, line - 4, w, line], fill=mix(scene.walls[0], WHITE, 0.6))
    if rng.random() < 0.5:
        x, y = scene.feet[0] * w, scene.feet[1] * h
        draw.ellipse([x - 0.5 * w, y - 0.09 * h, x + 0.5 * w, y + 0.1 * h], fill=scene.accent)
        draw.ellipse([x - 0.44 * w, y - 0.07 * h, x + 0.44 * w, y + 0.08 * h], outline=mix(scene.accent, WHITE, 0.5), width=2)


def _sky(image: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """Clouds over a plain with hills far away."""
    w, h = image.size
    line = int(scene.horizon * h)
    _fade(image, [(92, 152, 214), (156, 200, 236), (226, 236, 240)], 0, line + 2)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 5))):
        x, y, r = rng.uniform(0, w), rng.uniform(0.05, 0.7) * line, rng.uniform(0.03, 0.09) * w
        for dx, lift in ((-1.2, 0.6), (0.0, 1.0), (1.1, 0.7), (2.0, 0.45)):
            draw.ellipse([x + (dx - lift) * r, y - lift * r, x + (dx + lift) * r, y + 0.5 * r], fill=(246, 248, 250))
    _hill(image, line, (130, 168, 160), rng, 0.12)
    _fade(image, [mix(scene.walls[1], WHITE, 0.25), scene.walls[1]], line, h)


def _meadow(image: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """Grass with flowers under a pale sky and trees."""
    w, h = image.size
    line = int(scene.horizon * h)
    _fade(image, [(168, 208, 236), (232, 240, 236)], 0, line + 2)
    draw = ImageDraw.Draw(image)
    for x in rng.uniform(0, w, 5):
        r = rng.uniform(0.06, 0.16) * w
        green = mix((70, 118, 70), (120, 160, 84), rng.random())
        draw.rectangle([x - 2, line - r, x + 2, line], fill=(104, 78, 58))
        draw.ellipse([x - r, line - 2.2 * r, x + r, line - 0.4 * r], fill=green)
    _hill(image, line, (112, 162, 92), rng, 0.06)
    _fade(image, [(136, 184, 92), (84, 138, 62)], line, h)
    for x, depth, shade in zip(rng.uniform(0, w, 90), rng.uniform(0, 1, 90), rng.random(90), strict=True):
        y = line + depth * (h - line)
        draw.line([x, y, x + (shade - 0.5) * 4, y - 2 - 6 * depth], fill=mix((70, 128, 52), (172, 208, 112), shade))
    for x, depth in zip(rng.uniform(0, w, 14), rng.uniform(0.05, 1, 14), strict=True):
        y, r = line + depth * (h - line), 0.8 + 1.4 * depth
        draw.ellipse([x - r, y - r, x + r, y + r], fill=(scene.accent, (250, 246, 236), (246, 214, 90))[int(x) % 3])


def _snow(image: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """Firs and drifting flakes over white ground."""
    w, h = image.size
    line = int(scene.horizon * h)
    _fade(image, [(150, 174, 204), (214, 224, 236)], 0, line + 2)
    draw = ImageDraw.Draw(image)
    for x in rng.uniform(0, w, 7):
        tall = rng.uniform(0.15, 0.4) * h
        green = mix((58, 92, 92), (120, 150, 158), rng.random())
        for level in (0.0, 0.3, 0.6):
            top, half = line - tall * (1 - level), tall * (0.14 + 0.2 * level)
            draw.polygon([x, top, x - half, top + 0.42 * tall, x + half, top + 0.42 * tall], fill=green)
    _hill(image, line, (226, 232, 242), rng, 0.05)
    _fade(image, [(238, 242, 248), (204, 214, 232)], line, h)
    for x, y, r in zip(rng.uniform(0, w, 30), rng.uniform(0, h, 30), rng.uniform(0.4, 1.6, 30), strict=True):
        draw.ellipse([x - r, y - r, x + r, y + r], fill=WHITE)


def _night(image: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """Moon, stars and roofs with lit windows."""
    w, h = image.size
    line = int(scene.horizon * h)
    _fade(image, [(22, 26, 62), (58, 60, 112), (112, 92, 132)], 0, line + 2)
    draw = ImageDraw.Draw(image)
    for x, y in zip(rng.uniform(0, w, 24), rng.uniform(0, line, 24), strict=True):
        draw.ellipse([x - 0.6, y - 0.6, x + 0.6, y + 0.6], fill=(240, 236, 214))
    x, y, r = rng.uniform(0.1, 0.9) * w, rng.uniform(0.08, 0.3) * h, rng.uniform(0.05, 0.1) * w
    draw.ellipse([x - r, y - r, x + r, y + r], fill=(248, 238, 196))
    draw.ellipse([x - 0.4 * r, y - 1.1 * r, x + 1.4 * r, y + 0.7 * r], fill=(44, 46, 92))
    at = 0.0
    while at < w:
        wide, top = rng.uniform(0.1, 0.22) * w, line - rng.uniform(0.05, 0.25) * h
        draw.rectangle([at, top, at + wide, line], fill=(40, 36, 66))
        draw.polygon([at - 2, top, at + wide / 2, top - 0.4 * wide, at + wide + 2, top], fill=(50, 40, 66))
        draw.rectangle([at + wide * 0.4, top + 4, at + wide * 0.4 + 4, top + 9], fill=(246, 204, 110))
        at += wide
    _fade(image, [(74, 72, 104), (52, 52, 82)], line, h)


def _pattern(image: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """A studio with a printed backdrop: dots, stripes, checks or confetti."""
    w, h = image.size
    draw = ImageDraw.Draw(image)
    kind, gap = int(rng.integers(4)), int(rng.integers(9, 22))
    tone = mix(scene.walls[0], scene.accent, 0.55)
    for row, y in enumerate(range(0, h + gap, gap)):
        for x in range((row % 2) * gap // 2 - gap, w + gap, gap):
            if kind == 0:
                draw.ellipse([x, y, x + gap * 0.5, y + gap * 0.5], fill=tone)
            elif kind == 1:
                draw.polygon([x, y, x + gap / 2, y, x + gap, y + gap, x + gap / 2, y + gap], fill=tone)
            elif kind == 2 and row % 2:
                draw.rectangle([x - gap // 2, y, x + gap, y + gap], fill=mix(scene.walls[0], tone, 0.3 + 0.7 * (x // gap % 2)))
    if kind == 3:
        for x, y, r in zip(rng.uniform(0, w, 45), rng.uniform(0, h, 45), rng.uniform(2, 8, 45), strict=True):
            corners = trace_oval(x, y, r, r, r)[:: 24 // (3 + int(r) % 4)]
            draw.polygon(corners.ravel().tolist(), fill=mix(tone, (scene.walls[1], WHITE)[int(x) % 2], rng.random()))
    line = int(max(scene.horizon, scene.feet[1] - 0.12) * h)
    _fade(image, [mix(scene.walls[1], WHITE, 0.2), scene.walls[1]], line, h)


def _bokeh(image: Image.Image, scene: Scene, rng: np.random.Generator) -> None:
    """Out-of-focus lights, as behind a portrait."""
    w, h = image.size
    _fade(image, [mix(scene.walls[0], (20, 30, 30), 0.35), mix(scene.walls[1], (20, 30, 30), 0.2)], 0, h)
    for x, y, r in zip(rng.uniform(0, w, 16), rng.uniform(0, h, 16), rng.uniform(0.04, 0.14, 16) * w, strict=True):
        disc = Image.new("L", (int(2 * r) + 2, int(2 * r) + 2))
        ImageDraw.Draw(disc).ellipse([1, 1, 2 * r, 2 * r], fill=int(rng.integers(30, 110)))
        image.paste(mix(scene.accent, WHITE, rng.uniform(0, 0.7)), (int(x - r), int(y - r)), disc)
    image.paste(image.filter(ImageFilter.BoxBlur(2)))


def _hill(image: Image.Image, line: int, colour: Colour, rng: np.random.Generator, rise: float) -> None:
    w, h = image.size
    tops = [(x, line - rng.uniform(0, rise) * h) for x in np.linspace(-0.2 * w, 1.2 * w, 6)]
    loop = [*smooth_path(tops).ravel().tolist(), 1.3 * w, line + 2, -0.3 * w, line + 2]
    ImageDraw.Draw(image).polygon(loop, fill=colour)


PLACES = {
    "room": _room,
    "meadow": _meadow,
    "sky": _sky,
    "snow": _snow,
    "night": _night,
    "pattern": _pattern,
    "bokeh": _bokeh,
}
