"""Which files look like images, by their names and first bytes alone. Whether one can be decoded is up to `images`."""

import os.path
import re

NAMES = "JPEG, PNG, WebP, BMP, GIF, TIFF, PPM, AVIF and HEIC"
FORMATS = {  # that are decoded, as Pillow calls them, the most common first; with the suffixes of their files
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "AVIF": (".avif",),
    "HEIF": (".heic", ".heif", ".hif"),
}
SUFFIXES = tuple(suffix for suffixes in FORMATS.values() for suffix in suffixes)
OTHER_SUFFIXES = (".svg", ".psd", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".dng", ".jxl", ".jp2", ".ico")  # not decoded
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".tgz", ".gz")
HEAD = 16  # bytes at the beginning of a file that are enough to recognise it
PNG = b"\x89PNG\r\n\x1a\n"
_KINDS = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": re.escape(PNG),
    "WEBP": rb"RIFF....WEBP",
    "BMP": rb"BM",
    "GIF": rb"GIF8[79]a",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "PPM": rb"P[1-7fy]\s",
    "AVIF": rb"....ftypavi[fs]",
    "HEIF": rb"....ftyp(mif1|msf1|he[iv][cxms])",  # of ISO 23008-12; the first two can be AVIF, too
}


def has_suffix(name: str) -> bool:
    """Whether the name ends like that of an image, decodable or not."""
    return os.path.splitext(name)[1].lower() in (*SUFFIXES, *OTHER_SUFFIXES)


def has_signature(head: bytes) -> bool:
    """Whether a file that begins with these bytes, HEAD or more, is an image, whatever it is called."""
    found = kind(head)
    if found == "BMP":  # a text may begin with these two letters as well; so it may with those of PPM
        return head[6:10] == bytes(4)
    return found not in ("", "PPM")


def kind(head: bytes) -> str:
    """The format of a file that begins with these bytes, HEAD or more, whatever it is called: a key of FORMATS, "" if unknown."""
    return next((name for name, start in _KINDS.items() if re.match(start, head, re.DOTALL)), "")


def looks_like_image(name: str, head: bytes) -> bool:
    """Whether a file is an image by its name or by its first bytes, HEAD or more."""
    return has_suffix(name) or has_signature(head)
