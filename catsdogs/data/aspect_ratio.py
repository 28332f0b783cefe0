"""Makes images square: stretched, cropped to the middle, or padded with black. `Config.proportions` says which.

    stretch    height and width are resized independently, as Keras' `load_img` does by default
    crop       the largest square in the middle is resized, as `load_img` does with `keep_aspect_ratio`
    pad        the whole image is resized to fit and centred on a black square, as by `keras.layers.Resizing` with a fill_value of 0

Keras pads before it resizes, which blurs the edge of the image into the black; here the edge is sharp, and the square is never larger
than the result.
"""

from PIL import Image

Box = tuple[int, int, int, int]  # left, top, right, bottom in px, as Pillow has them


def middle(width: int, height: int) -> Box:
    """The largest square in the middle; half a pixel is rounded to the left and upwards, as in Keras."""
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def enough(width: int, height: int, draft: int, proportions: str) -> tuple[Box, tuple[int, int]]:
    """The part of an image that is needed, and the integers by which to reduce its width and height so that each keeps `draft` px or more.

    Of an image that is padded, the longer side does. Only one that is stretched may be reduced unevenly.
    """
    if proportions == "stretch":
        return (0, 0, width, height), (max(1, width // draft), max(1, height // draft))
    box = middle(width, height) if proportions == "crop" else (0, 0, width, height)
    factor = max(1, max(box[2] - box[0], box[3] - box[1]) // draft)
    return box, (factor, factor)


def resize(image: Image.Image, side: int, resampling: Image.Resampling, proportions: str) -> Image.Image:
    """The image as a square with that side in px; one that is to be padded is made to fit into it."""
    if proportions == "crop":
        return image.resize((side, side), resampling, middle(*image.size))
    if proportions == "pad":
        longer = max(image.size)
        return image.resize(tuple(max(1, round(length * side / longer)) for length in image.size), resampling)
    return image.resize((side, side), resampling)


def pad(image: Image.Image, side: int) -> Image.Image:
    """The image in the middle of a black square with that side in px; returned as it is if it has that size."""
    if image.size == (side, side):
        return image
    square = Image.new("RGB", (side, side))
    square.paste(image, tuple((side - length) // 2 for length in image.size))
    return square
