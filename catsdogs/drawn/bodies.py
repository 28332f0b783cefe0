"""An animal's body in four poses, from the tail to the collar; the head is in `heads`.

Lengths are in units of the animal: the ground is y = 0, up is negative, a sitting animal is about 1.2 high.
"""

from PIL import Image

from catsdogs.drawn.animals import Animal, Hair, grow_hair
from catsdogs.drawn.brush import Brush, Frame, Part, Points, mirror, mix, trace_oval
from catsdogs.drawn.heads import paint_head

GOLD = (222, 184, 84)


def paint_animal(canvas: Image.Image, frame: Frame, animal: Animal) -> None:
    """Draw the animal on `canvas` (RGB, even width and height), its feet at the origin of `frame`."""
    hair = grow_hair(canvas.size, frame, animal)
    brush = Brush(canvas, frame, shadow=mix(animal.coat.base, (30, 20, 44), 0.66), fluff=animal.fluff)
    POSES[animal.pose](brush, animal, hair)


def _sit(brush: Brush, animal: Animal, hair: Hair) -> None:
    """Facing the picture: haunches at the sides, front legs in the middle."""
    girth, cat = animal.girth, animal.is_cat
    _paint_tail(brush, animal, hair, 0.24 * girth, -0.1)
    for side in (-1, 1):
        toes = [(side * 0.25 * girth, -0.06), (side * 0.37 * girth, -0.035)]
        brush.shade(brush.stretch(toes, (0.1, 0.09), hair.limbs))
    chest = 0.19 if cat else 0.23
    right = [(0.1, -0.86), (chest, -0.66), (0.25 * girth, -0.42), (0.34 * girth, -0.2), (0.3 * girth, -0.04)]
    torso = brush.fill(mirror(right), hair.body)
    if animal.coat.pattern != "solid":
        brush.mark(torso, trace_oval(0, -0.48, 0.13, 0.26)[::3], animal.coat.light, 0.9)
    brush.shade(torso)
    haunch = [(0.2, -0.3), (0.32, -0.27), (0.38, -0.12), (0.32, -0.02), (0.2, -0.02)]
    for side in (-1, 1):
        brush.shade(brush.fill([(side * x * girth, y) for x, y in haunch], hair.body), 0.6)
    for side in (-1, 1):
        x = side * (0.095 if cat else 0.125)
        _paint_leg(brush, animal, hair, [(x * 1.15, -0.5), (x * 1.1, -0.25), (x, -0.05)], side * 0.01)
    _paint_collar(brush, animal, [(-0.19, -0.78), (0, -0.69), (0.19, -0.78)])
    paint_head(brush, animal, hair, 0.0, -0.91, 0.35)


def _stand(brush: Brush, animal: Animal, hair: Hair) -> None:
    """Sideways, facing right."""
    cat, hip = animal.is_cat, -0.3 * animal.legs
    _paint_tail(brush, animal, hair, -0.33, hip - 0.25)
    for x in (0.2, -0.2):
        path = [(x, hip - 0.1), (x + 0.04, hip * 0.5), (x + 0.02, -0.045)]
        far = brush.stretch(path, (0.13, 0.095, 0.085) if cat else (0.15, 0.115, 0.1), hair.limbs)
        brush.mark(far, trace_oval(x, -0.15, 0.3, 0.4)[::3], brush.shadow, 0.4)
        brush.shade(far, 0.9)
    nape = (0.48, hip - 0.45) if cat else (0.48, hip - 0.48)
    brush.shade(brush.stretch([(0.25, hip - 0.14), nape], (0.28, 0.2) if cat else (0.36, 0.26), hair.plain), 0.4)
    brush.shade(_paint_flank(brush, animal, hair, hip))
    thigh = [(-0.35, hip - 0.2), (-0.17, hip - 0.19), (-0.12, hip - 0.02), (-0.22, hip * 0.55), (-0.34, hip * 0.72)]
    hind = [(-0.25, hip * 0.9), (-0.305, hip * 0.5), (-0.29, -0.05)]
    _paint_leg(brush, animal, hair, hind, 0.035)
    brush.shade(brush.fill(thigh, hair.body), 0.4)
    _paint_leg(brush, animal, hair, [(0.32, hip - 0.06), (0.335, hip * 0.5), (0.33, -0.05)], 0.035)
    x, y = nape
    _paint_collar(brush, animal, [(x - 0.17, y + 0.07), (x - 0.03, y + 0.21), (x + 0.1, y + 0.19)])
    paint_head(brush, animal, hair, x + 0.05, y - 0.13, 0.365)


def _paint_flank(brush: Brush, animal: Animal, hair: Hair, hip: float) -> Part | None:
    """The trunk of a standing animal: a cat's is slender, a dog's deep in the chest and drawn up at the loins."""
    girth = animal.girth
    back = [(0.34, hip - 0.3), (0.04, hip - 0.29), (-0.25, hip - 0.31), (-0.38, hip - 0.17)]
    if animal.is_cat:
        belly = [(-0.28, hip - 0.03), (0.0, hip + 0.03 * girth), (0.24, hip + 0.05 * girth), (0.43, hip - 0.13)]
    else:
        belly = [(-0.26, hip - 0.04), (-0.05, hip - 0.03), (0.22, hip + 0.1 * girth), (0.45, hip - 0.12)]
    trunk = brush.fill(back + belly, hair.body)
    if animal.coat.pattern in ("bib", "tabby"):
        pale = [(-0.22, hip - 0.02), (0.1, hip - 0.06), (0.46, hip - 0.2), (0.46, hip + 0.14), (-0.22, hip + 0.14)]
        brush.mark(trunk, pale, animal.coat.light, 0.9)
    return trunk


def _lie(brush: Brush, animal: Animal, hair: Hair) -> None:
    """On its belly, facing right, paws in front."""
    cat, top = animal.is_cat, -0.4 * animal.girth
    _paint_tail(brush, animal, hair, -0.48, -0.1)
    for x, y in ((0.64, -0.07), (0.72, -0.02)):
        reach = x if cat else x * 1.05
        _paint_leg(brush, animal, hair, [(0.3, y - 0.09), (0.5, y - 0.04), (reach, y - 0.02)], 0.03)
    back = [(-0.42, -0.02), (-0.55, -0.16), (-0.46, top * 0.86), (-0.2, top), (0.1, top * 0.97), (0.36, top * 1.05)]
    trunk = brush.fill([*back, (0.5, -0.26), (0.46, -0.08), (0.3, -0.01), (0, 0.0)], hair.body)
    if animal.coat.pattern in ("bib", "tabby"):
        pale = [(0.22, -0.05), (0.3, -0.28), (0.44, -0.4), (0.56, -0.2), (0.45, 0.02)]
        brush.mark(trunk, pale, animal.coat.light, 0.9)
    brush.shade(trunk)
    haunch = [(-0.46, -0.2), (-0.36, top * 0.82), (-0.2, -0.3), (-0.13, -0.14), (-0.2, -0.01), (-0.42, -0.01)]
    brush.shade(brush.fill(haunch, hair.body), 0.55)
    brush.shade(brush.stretch([(-0.3, -0.035), (-0.08, -0.03)], (0.08, 0.085), hair.limbs), 0.6)
    if not cat:
        brush.shade(brush.stretch([(0.34, -0.24), (0.45, -0.5)], (0.3, 0.24), hair.plain), 0.5)
    _paint_collar(brush, animal, [(0.28, -0.37), (0.42, -0.27), (0.58, -0.33)])
    paint_head(brush, animal, hair, 0.34, -0.59, 0.385)


def _pose_for_portrait(brush: Brush, animal: Animal, hair: Hair) -> None:
    """The head fills most of the picture, shoulders below."""
    wide = 0.42 if animal.is_cat else 0.47
    shoulders = brush.fill(mirror([(0.2, -0.42), (wide, -0.2), (wide + 0.1, 0.2), (0.4, 0.5)]), hair.body)
    if animal.coat.pattern != "solid":
        brush.mark(shoulders, trace_oval(0, 0.0, 0.2, 0.34)[::3], animal.coat.light, 0.9)
    brush.shade(shoulders)
    _paint_collar(brush, animal, [(-0.36, -0.26), (0, -0.06), (0.36, -0.26)])
    paint_head(brush, animal, hair, 0.0, -0.55, 0.5)


def _paint_leg(brush: Brush, animal: Animal, hair: Hair, path: Points, toe: float) -> None:
    """A leg and its paw, which reaches `toe` further to the right."""
    wide = 0.105 if animal.is_cat else 0.13
    x, y = path[-1]
    leg = brush.stretch([*path, (x, y + 0.005)], (wide * 1.15, wide, wide * 0.85, wide * 0.85), hair.limbs)
    brush.shade(leg, 0.6)
    socks = animal.coat.pattern in ("bib", "patches")
    paw = [(x - 0.01, y + 0.01), (x + toe, y + 0.01)]
    brush.shade(brush.stretch(paw, (wide, wide), animal.coat.light if socks else hair.limbs), 0.6)
    for gap in (-0.16, 0.16):
        at = x + toe + gap * wide
        brush.line([(at, y + 0.02), (at, y + 0.01 + wide * 0.4)], 0.008, brush.shadow)


def _paint_tail(brush: Brush, animal: Animal, hair: Hair, x: float, y: float) -> None:
    """A cat's tail is long and thin, a dog's shorter and thick at the root."""
    if animal.is_cat and animal.pose == "lie":
        curl = [(0.0, 0.0), (0.12, 0.05), (0.0, 0.09), (-0.2, 0.085), (-0.42, 0.08)]
    elif animal.is_cat:
        curl = [(0.0, 0.0), (0.17, 0.02), (0.32, -0.12), (0.3, -0.36), (0.4, -0.52)]
    else:
        curl = [(0.0, 0.0), (0.12, -0.1), (0.2, -0.26), (0.16, -0.4)]
    widths = (0.07, 0.07, 0.065, 0.06, 0.05) if animal.is_cat else (0.12, 0.13, 0.1, 0.03)
    outwards = animal.tail if x > 0 else -animal.tail
    path = [(x + outwards * dx, y + animal.tail * dy) for dx, dy in curl]
    tail = brush.stretch(path, tuple(width * (1 + 8 * animal.fluff) for width in widths), hair.limbs)
    if animal.coat.pattern in ("tabby", "bib"):
        tip = animal.coat.light if animal.coat.pattern == "bib" else animal.coat.mark
        brush.mark(tail, trace_oval(*path[-1], 0.09, 0.09)[::3], tip)
    brush.shade(tail, 0.7)


def _paint_collar(brush: Brush, animal: Animal, path: Points) -> None:
    if animal.collar is None:
        return
    x, y = path[len(path) // 2]
    brush.shade(brush.stretch(path, (0.05, 0.055, 0.05), animal.collar), 0.5)
    brush.dot(x, y + 0.045, 0.03, 0.03, GOLD)
    brush.dot(x - 0.008, y + 0.036, 0.011, 0.011, (255, 240, 190))


POSES = {"sit": _sit, "stand": _stand, "lie": _lie, "portrait": _pose_for_portrait}
