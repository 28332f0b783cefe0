"""Heads, seen from the front and from the side: ears, eyes, muzzles and whiskers, which tell cats from dogs most clearly.

Each head is drawn in a frame of its own: the centre is (0, 0), the radius about 1, up is negative, a profile looks to the right.
"""

from catsdogs.drawn.animals import INK, PINK, Animal, Hair, choose_ear_paint
from catsdogs.drawn.brush import Brush, Colour, Part, Points, mirror, mix, trace_oval

PUPIL = (20, 16, 20)
WHITE = (255, 255, 255)
TONGUE = (226, 112, 124)


def paint_head(brush: Brush, animal: Animal, hair: Hair, x: float, y: float, radius: float) -> None:
    """Draw the head with its centre at (x, y); all three numbers are in the units of `brush`."""
    paint = {
        ("cat", False): _paint_cat_front,
        ("cat", True): _paint_cat_side,
        ("dog", False): _paint_dog_front,
        ("dog", True): _paint_dog_side,
    }[animal.label, animal.profile]
    # A muzzle seen from the side needs room in front.
    back, share = (0.35, 0.88) if animal.profile else (0.0, 1.0)
    paint(brush.nest(x - back * radius, y, share * radius * animal.head, animal.nod), animal, hair)


def _paint_cat_front(brush: Brush, animal: Animal, hair: Hair) -> None:
    turn = animal.turn
    ear = [(0.98, -0.1), (1.0, -0.75), (0.95, -1.46), (0.92, -1.46), (0.54, -1.16), (0.12, -0.7)]
    for side in (-1, 1):
        _paint_pricked_ear(brush, animal, hair, [(side * x + 0.1 * turn, y) for x, y in ear])
    right = [(0.0, -0.84), (0.45, -0.8), (0.84, -0.46), (1.0, 0.08), (0.92, 0.42), (0.5, 0.78), (0.12, 0.9)]
    skull = brush.fill(mirror(right), hair.plain)
    _mark_face(brush, animal, skull, 0.3 * turn)
    brush.shade(skull, 0.6)
    light = animal.coat.light if animal.coat.pattern != "points" else mix(animal.coat.mark, animal.coat.light, 0.25)
    for x, y, across, down in ((0.02, 0.6, 0.22, 0.17), (-0.18, 0.42, 0.25, 0.2), (0.18, 0.42, 0.25, 0.2)):
        brush.shade(brush.fill(trace_oval(x + 0.3 * turn, y, across, down)[::3], light), 0.35)
    for side in (-1, 1):
        _paint_cat_eye(brush, animal, side * 0.42 + 0.22 * turn, -0.06, side, 1.0)
    x = 0.33 * turn
    nose = [(x - 0.13, 0.2), (x, 0.18), (x + 0.13, 0.2), (x + 0.04, 0.32), (x - 0.04, 0.32)]
    brush.blot(nose, animal.nose)
    for side in (-1, 1):
        brush.line([(x, 0.33), (x + 0.02 * side, 0.45), (x + 0.14 * side, 0.52), (x + 0.26 * side, 0.46)], 0.035, INK)
        _paint_whiskers(brush, animal, x, side)


def _paint_dog_front(brush: Brush, animal: Animal, hair: Hair) -> None:
    turn, long = animal.turn, animal.muzzle
    upright = [(0.8, -0.2), (0.98, -0.75), (0.84, -1.2), (0.62, -1.2), (0.34, -0.98), (0.1, -0.7)]
    if animal.ears == "prick":
        for side in (-1, 1):
            _paint_pricked_ear(brush, animal, hair, [(side * x + 0.1 * turn, y) for x, y in upright])
    right = [(0.0, -0.86), (0.42, -0.82), (0.72, -0.5), (0.8, -0.05), (0.7, 0.34), (0.5, 0.7 * long)]
    skull = brush.fill(mirror([*right, (0.25, 0.95 * long)]), hair.plain)
    _mark_face(brush, animal, skull, 0.3 * turn)
    brush.shade(skull, 0.6)
    x = 0.34 * turn
    if animal.tongue:
        brush.shade(brush.fill(trace_oval(x + 0.03, 0.98 * long, 0.17, 0.27)[::3], TONGUE), 0.5)
        brush.line([(x + 0.03, 0.84 * long), (x + 0.04, 1.08 * long)], 0.03, mix(TONGUE, INK, 0.35))
    light = animal.coat.light if animal.coat.pattern != "points" else animal.coat.mark
    snout = [(0.0, 0.02), (0.26, 0.08), (0.4, 0.42 * long), (0.42, 0.72 * long), (0.24, 0.9 * long), (0.06, 0.86 * long)]
    brush.shade(brush.fill([(x + dx, y) for dx, y in mirror(snout)], light), 0.45)
    for side in (-1, 1):
        _paint_dog_eye(brush, animal, side * 0.36 + 0.2 * turn, -0.16, side)
    x = 0.42 * turn
    nose = [(0.0, 0.13), (0.18, 0.15), (0.26, 0.26), (0.16, 0.39), (0.04, 0.44)]
    brush.blot([(x + dx, y) for dx, y in mirror(nose)], animal.nose)
    brush.dot(x - 0.07, 0.21, 0.06, 0.03, mix(animal.nose, WHITE, 0.55))
    for side in (-1, 1):
        lip = [(x, 0.42), (x, 0.62 * long), (x + 0.16 * side, 0.74 * long), (x + 0.34 * side, 0.64 * long)]
        brush.line(lip, 0.045, INK)
        if animal.ears != "prick":
            _paint_hanging_ear(brush, animal, hair, side, 0.08 * turn)


def _paint_cat_side(brush: Brush, animal: Animal, hair: Hair) -> None:
    ear = [(-0.42, -0.45), (-0.34, -0.95), (-0.14, -1.42), (-0.1, -1.41), (0.18, -0.98), (0.34, -0.5)]
    for x, paint in ((0.34, animal.coat.mark), (-0.14, choose_ear_paint(animal, hair))):
        brush.shade(brush.fill([(x + dx, y) for dx, y in ear], paint), 0.5)
    brush.blot([(-0.4, -0.62), (-0.25, -1.2), (-0.02, -0.68)], mix(PINK, animal.coat.base, 0.3))
    back = [(-0.86, 0.02), (-0.68, -0.58), (-0.1, -0.86), (0.46, -0.72), (0.76, -0.32), (0.92, 0.02)]
    skull = brush.fill([*back, (1.06, 0.2), (1.0, 0.44), (0.6, 0.72), (-0.1, 0.86), (-0.7, 0.56)], hair.plain)
    brush.mark(skull, trace_oval(0.86, 0.42, 0.34, 0.28)[::3], animal.coat.light, 0.9)
    _mark_face(brush, animal, skull, 0.5)
    brush.shade(skull, 0.6)
    _paint_cat_eye(brush, animal, 0.5, -0.1, 1, 0.9)
    brush.blot([(0.94, 0.04), (1.07, 0.1), (1.08, 0.22), (0.97, 0.21)], animal.nose)
    brush.line([(1.02, 0.24), (0.98, 0.36), (0.84, 0.43), (0.68, 0.38)], 0.035, INK)
    _paint_whiskers(brush, animal, 0.56, 1)


def _paint_dog_side(brush: Brush, animal: Animal, hair: Hair) -> None:
    tip = 1.5 * animal.muzzle
    upright = [(-0.38, -0.4), (-0.36, -0.95), (-0.18, -1.3), (0.0, -1.28), (0.18, -0.95), (0.28, -0.5)]
    if animal.ears == "prick":
        for x, paint in ((0.22, animal.coat.mark), (-0.18, choose_ear_paint(animal, hair))):
            brush.shade(brush.fill([(x + dx, y) for dx, y in upright], paint), 0.5)
    if animal.tongue:
        path = [(tip * 0.72, 0.4), (tip * 0.76, 0.62), (tip * 0.72, 0.84)]
        brush.shade(brush.stretch(path, (0.2, 0.26, 0.2), TONGUE), 0.5)
    back = [(-0.8, 0.1), (-0.68, -0.5), (-0.12, -0.8), (0.36, -0.66), (0.62, -0.28), (tip * 0.72, -0.12), (tip, -0.08)]
    jaw = [(tip + 0.08, 0.2), (tip * 0.92, 0.44), (0.8, 0.52), (0.35, 0.72), (-0.3, 0.82), (-0.7, 0.6)]
    skull = brush.fill(back + jaw, hair.plain)
    pale = [(0.7, 0.02), (tip, 0.1), (tip + 0.1, 0.5), (0.6, 0.6), (0.5, 0.3)]
    brush.mark(skull, pale, animal.coat.light, 0.9)
    _mark_face(brush, animal, skull, 0.5)
    brush.shade(skull, 0.6)
    _paint_dog_eye(brush, animal, 0.4, -0.22, 1)
    brush.dot(tip + 0.02, 0.0, 0.17, 0.14, animal.nose, 0.3)
    brush.dot(tip, -0.06, 0.06, 0.03, mix(animal.nose, WHITE, 0.55))
    brush.line([(tip, 0.26), (tip * 0.8, 0.36), (0.74, 0.32)], 0.045, INK)
    if animal.ears != "prick":
        ear = [(-0.45, -0.66), (-0.1, -0.6), (0.06, -0.1), (0.02, 0.5), (-0.26, 0.72), (-0.54, 0.4), (-0.6, -0.2)]
        brush.shade(brush.fill(ear, choose_ear_paint(animal, hair)), 0.85)


def _paint_pricked_ear(brush: Brush, animal: Animal, hair: Hair, outline: Points) -> None:
    """An upright ear with its rosy inside."""
    brush.shade(brush.fill(outline, choose_ear_paint(animal, hair)), 0.55)
    x, y = (sum(values) / len(outline) for values in zip(*outline, strict=True))
    inside = [(x + (px - x) * 0.6, y + 0.05 + (py - y) * 0.66) for px, py in outline]
    brush.blot(inside, mix(PINK, animal.coat.base, 0.35))


def _paint_hanging_ear(brush: Brush, animal: Animal, hair: Hair, side: int, shift: float) -> None:
    """An ear that hangs down ("flop") or is folded at half its height ("fold")."""
    if animal.ears == "flop":
        outline = [(0.3, -0.82), (0.66, -0.84), (1.02, -0.5), (1.2, 0.1), (1.16, 0.64), (0.92, 0.8), (0.72, 0.4)]
        outline.append((0.62, -0.3))
    else:
        outline = [(0.3, -0.8), (0.5, -1.06), (0.86, -1.08), (1.16, -0.78), (1.2, -0.38), (0.98, -0.3), (0.7, -0.5)]
    shape = [(side * x + shift, y) for x, y in outline]
    brush.shade(brush.fill(shape, choose_ear_paint(animal, hair)), 0.85)


def _mark_face(brush: Brush, animal: Animal, skull: Part | None, x: float) -> None:
    """Continue the coat's pattern on the face, whose middle is at `x`."""
    coat = animal.coat
    if coat.pattern == "tabby":
        for at in (-0.3, 0.0, 0.3):
            low = x + at * 0.6
            stroke = [(x + at - 0.06, -0.9), (x + at + 0.06, -0.9), (low + 0.03, -0.4), (low - 0.03, -0.4)]
            brush.mark(skull, stroke, coat.mark)
        for side in (-1, 1):
            brush.mark(skull, [(x + side, 0.12), (x + side * 0.62, 0.2), (x + side, 0.26)], coat.mark)
    elif coat.pattern == "patches":
        brush.mark(skull, trace_oval(0.5 + x, -0.4, 0.42, 0.6, 0.3)[::3], coat.mark)
    elif coat.pattern == "points":
        brush.mark(skull, trace_oval(1.4 * x, 0.25, 0.62, 0.6)[::3], coat.mark, 0.85)
    elif coat.pattern == "bib":
        right = [(x + 0.07, -0.95), (x + 0.16, -0.1), (x + 0.6, 0.6), (x, 1.1)]
        brush.mark(skull, right + [(2 * x - px, py) for px, py in reversed(right[:-1])], coat.light)
    elif coat.pattern == "spots":
        for dx, y in ((-0.5, -0.55), (0.1, -0.7), (0.55, -0.5), (-0.75, 0.1), (0.72, 0.2)):
            brush.mark(skull, trace_oval(x + dx, y, 0.1, 0.09)[::3], coat.mark)


def _paint_cat_eye(brush: Brush, animal: Animal, x: float, y: float, side: int, size: float) -> None:
    """Large and almond-shaped, the outer corner higher."""
    if animal.asleep:
        brush.line([(x - 0.2, y), (x, y + 0.1), (x + 0.2, y)], 0.05, INK)
        return
    almond = [(-1.0, 0.3), (-0.45, -0.62), (0.4, -0.85), (1.05, -0.4), (0.6, 0.55), (-0.3, 0.75)]
    for grow, colour in ((0.3 * size, INK), (0.25 * size, animal.eyes)):
        brush.blot([(x + side * dx * grow, y + dy * grow) for dx, dy in almond], colour)
    brush.dot(x, y + 0.04, 0.14 * size, 0.1 * size, mix(animal.eyes, (255, 250, 200), 0.35))
    brush.dot(x, y - 0.01, 0.05 + 0.08 * animal.pupil, 0.18 * size, PUPIL)
    brush.dot(x - 0.06, y - 0.07, 0.055, 0.055, WHITE)


def _paint_dog_eye(brush: Brush, animal: Animal, x: float, y: float, side: int) -> None:
    """Round, with a brow above."""
    if animal.asleep:
        brush.line([(x - 0.15, y), (x, y + 0.07), (x + 0.15, y)], 0.05, INK)
        return
    for radius, colour in ((0.175, INK), (0.135, animal.eyes), (0.08 + 0.03 * animal.pupil, PUPIL)):
        brush.dot(x, y + 0.01, radius, radius, colour)
    brush.dot(x - 0.05, y - 0.06, 0.055, 0.055, WHITE)
    brow = [(x - 0.1 * side, y - 0.27), (x + 0.1 * side, y - 0.25)]
    brush.line(brow, 0.06, mix(animal.coat.base, animal.coat.light, 0.5))


def _paint_whiskers(brush: Brush, animal: Animal, x: float, side: int) -> None:
    pale_hair = sum(animal.coat.base) > 500
    colour: Colour = (120, 108, 104) if pale_hair else (248, 244, 238)
    for low, droop in ((0.2, -0.1), (0.42, 0.02), (0.6, 0.12)):
        start = (x + side * 0.3, 0.4 + low * 0.15)
        brush.line([start, (x + side * 0.8, 0.3 + low * 0.5), (x + side * 1.28, 0.3 + low * 0.7 + droop)], 0.012, colour)
