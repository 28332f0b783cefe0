"""Which files look like images, by their names and first bytes alone. Whether one can be decoded is up to `images`."""

from pathlib import PurePath

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".avif", ".heic", ".heif")
OTHER_SUFFIXES = (".svg", ".psd", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".dng", ".jxl", ".jp2", ".ico")  # not decoded
HEAD = 16  # bytes that are enough to tell
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")  # of ISO 23008-12 files


def has_suffix(name: str) -> bool:
    """Whether the name ends as that of an image, decodable or not."""
    return PurePath(name).suffix.lower() in (*SUFFIXES, *OTHER_SUFFIXES)


def has_signature(head: bytes) -> bool:
    """Whether a file that begins with these bytes, HEAD or more, is an image, whatever it is called."""
    if head.startswith(_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    return (head[4:8] == b"ftyp" and head[8:12] in _BRANDS) or (head[:2] == b"BM" and head[6:10] == b"\0\0\0\0")


def looks_like_image(name: str, head: bytes) -> bool:
    """Whether it is one by its name or by its first bytes."""
    return has_suffix(name) or has_signature(head)
