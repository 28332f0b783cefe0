"""JPEG files without "JFIF" in their header, which Keras' tutorial on cats and dogs deletes before it trains.

They need not be damaged: cameras write EXIF instead. What can't be decoded is found by `decoding`, which reads each file once.
"""

import os.path

START = 4096  # bytes; the tutorial looks at one buffer of the file
_SUFFIXES = (".jpg", ".jpeg")


def lacks_jfif(name: str, start: bytes) -> bool:
    """Whether a file is named like a JPEG and has no "JFIF" in its first START bytes."""
    return os.path.splitext(name)[1].lower() in _SUFFIXES and b"JFIF" not in start
