"""How a camera was held, by the EXIF of its image: the turn that makes it upright."""

from PIL import Image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ON_ITS_SIDE = (Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90)
_ORIENTATION = 0x0112


def turn(image: Image.Image) -> Image.Transpose | None:
    """What makes the image upright, if anything. Nothing else of EXIF is looked at: cameras and editors write much that can't be read."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION))
    except Exception:  # nor may it be what the image fails at
        return None
