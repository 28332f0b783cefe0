"""Which files look like images, by their names and first bytes alone. Whether one can be decoded is up to `images`."""

import os.path
import re

NAMES = "JPEG, PNG, WebP, BMP, GIF, TIFF, PPM, AVIF and HEIC"
FORMATS = {  # that are decoded, as Pillow calls them, the most common first; with the suffixes of their files
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm",),
    "AVIF": (".avif",),
    "HEIF": (".heic", ".heif", ".hif"),
}
SUFFIXES = tuple(suffix for suffixes in FORMATS.values() for suffix in suffixes)
OTHER_SUFFIXES = (".svg", ".psd", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".dng", ".jxl", ".jp2", ".ico")  # not decoded
HEAD = 16  # bytes that are enough to tell
PNG = b"\x89PNG\r\n\x1a\n"
_STARTS = (b"\xff\xd8\xff", PNG, b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
# Of ISO 23008-12 files; the first two can be of either kind.
_HEIF_BRANDS = (b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_AVIF_BRANDS = (b"avif", b"avis")
_KINDS = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG",
    "WEBP": rb"RIFF....WEBP",
    "BMP": rb"BM",
    "GIF": rb"GIF8[79]a",
    "TIFF": rb"II\*\0|MM\0\*",
    "PPM": rb"P[1-7fy]\s",
    "AVIF": rb"....ftypavi[fs]",
}


def has_suffix(name: str) -> bool:
    """Whether the name ends as that of an image, decodable or not."""
    return os.path.splitext(name)[1].lower() in (*SUFFIXES, *OTHER_SUFFIXES)


def has_signature(head: bytes) -> bool:
    """Whether a file that begins with these bytes, HEAD or more, is an image, whatever it is called."""
    if head.startswith(_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    return is_of_a_phone(head) or (head[:2] == b"BM" and head[6:10] == b"\0\0\0\0")


def kind(head: bytes) -> str:
    """What a file that begins with these bytes, HEAD or more, is, whatever it is called: a key of FORMATS, "" where that is unknown."""
    if may_be_heif(head):
        return "HEIF"
    return next((name for name, start in _KINDS.items() if re.match(start, head, re.DOTALL)), "")


def is_of_a_phone(head: bytes) -> bool:
    """Whether a file that begins so is AVIF or HEIC."""
    return may_be_heif(head) or (head[4:8] == b"ftyp" and head[8:12] in _AVIF_BRANDS)


def may_be_heif(head: bytes) -> bool:
    """Whether a file that begins so may be what phones call HEIC."""
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS


def looks_like_image(name: str, head: bytes) -> bool:
    """Whether it is one by its name or by its first bytes."""
    return has_suffix(name) or has_signature(head)
