"""Images as files in memory, and as data URLs, which a browser doesn't have to ask for one by one."""

import base64
import io

from PIL import Image


def encode(image: Image.Image, format: str, **options) -> bytes:
    """The image as a file of that format; the options are those of Pillow's `save`."""
    content = io.BytesIO()
    image.save(content, format, **options)
    return content.getvalue()


def data_url(image: Image.Image, format: str, **options) -> str:
    """The same as a data URL."""
    return f"data:image/{format.lower()};base64,{base64.b64encode(encode(image, format, **options)).decode()}"
