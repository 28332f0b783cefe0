"""What becomes of an image that isn't square: it is stretched to a square, cropped to its middle, or padded with black.

    stretch    height and width are resized on their own, as Keras' `load_img` does by default
    crop       the largest square in the middle is resized, as `load_img` does with `keep_aspect_ratio`
    pad        all of it is resized to fit, and put in the middle of a black square, black being `keras.layers.Resizing`'s fill_value of 0

Keras pads before it resizes, which blurs the edge of the image into the black; here the edge is sharp, and the square is never larger
than the result. Names of settings are up to `settings.config`; which of these, to `Config.proportions`.
"""

from PIL import Image

Box = tuple[int, int, int, int]  # left, top, right, bottom in px, as Pillow has them


def middle(width: int, height: int) -> Box:
    """The largest square in the middle; where that is between two pixels, it is the one further left, or up, as in Keras."""
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def enough(width: int, height: int, draft: int, proportions: str) -> tuple[Box, tuple[int, int]]:
    """Which part of an image is needed, and by what its width and height may be divided, so that `draft` px remain of each.

    Of an image that is padded, they remain of its longer side. Only what is stretched may be divided unevenly.
    """
    if proportions == "stretch":
        return (0, 0, width, height), (max(1, width // draft), max(1, height // draft))
    box = middle(width, height) if proportions == "crop" else (0, 0, width, height)
    factor = max(1, max(box[2] - box[0], box[3] - box[1]) // draft)
    return box, (factor, factor)


def resize(image: Image.Image, side: int, resampling: Image.Resampling, proportions: str) -> Image.Image:
    """The image as a square of that side in px; what is to be padded is only as large as fits into it."""
    if proportions == "crop":
        return image.resize((side, side), resampling, middle(*image.size))
    if proportions == "pad":
        longer = max(image.size)
        return image.resize(tuple(max(1, round(length * side / longer)) for length in image.size), resampling)
    return image.resize((side, side), resampling)


def pad(image: Image.Image, side: int) -> Image.Image:
    """The image in the middle of a black square of that side; one that has its size is returned as it is."""
    if image.size == (side, side):
        return image
    square = Image.new("RGB", (side, side))
    square.paste(image, tuple((side - length) // 2 for length in image.size))
    return square
