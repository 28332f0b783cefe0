"""Near copies: the same photograph, saved again, resized, brightened or cropped a little. Found by small grey versions of all images.

Two images are near copies where both hold: their perceptual hashes (pHash: Zauner, Implementation and Benchmarking of Perceptual Image
Hash Functions, 2010) differ in at most MAX_BITS of 64 bits, and their thumbnails correlate by MIN_CORRELATION or more. The hash is that of
ImageHash's `phash`, here for all images at once, which is what makes it quick.
"""

from collections import defaultdict

import numpy as np

SIDE = 32  # px of a thumbnail
MAX_BITS = 8  # `benchmarks/findings.py` plants copies, which differ by up to 6
MIN_CORRELATION = 0.9  # of 20,000 photographs, other pairs within MAX_BITS are at 0.8 or less
_LOW = 8  # frequencies of the cosine transform, each way
_ROWS = 256  # images that are compared with all others at once


def find(thumbnails: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more positions, for uint8 thumbnails of shape (n, SIDE, SIDE); a near copy of a near copy is in the group, too."""
    groups = list(range(len(thumbnails)))  # each image points to one of its group, the first of all to itself
    for one, other in _pairs(thumbnails):
        first, second = sorted((_first(groups, one), _first(groups, other)))
        groups[second] = first
    members = defaultdict(list)
    for position in range(len(groups)):
        members[_first(groups, position)].append(position)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)


def _first(groups: list[int], position: int) -> int:
    while groups[position] != position:
        position = groups[position]
    return position


def _pairs(thumbnails: np.ndarray) -> list[tuple[int, int]]:
    if len(thumbnails) < 2:
        return []
    hashes, found = _hashes(thumbnails), []
    for start in range(0, len(hashes), _ROWS):
        differing = np.bitwise_count(hashes[start : start + _ROWS, None] ^ hashes[None, start:])
        rows, columns = np.nonzero(differing <= MAX_BITS)
        found.append(np.stack([rows, columns], axis=1)[rows < columns] + start)
    pairs = np.concatenate(found)
    alike = np.concatenate([_correlations(thumbnails, part) for part in np.array_split(pairs, len(pairs) // 10_000 + 1)])
    return [tuple(pair) for pair in pairs[alike >= MIN_CORRELATION].tolist()]


def _hashes(thumbnails: np.ndarray) -> np.ndarray:
    """A bit for each of the lowest frequencies: whether it is above their median."""
    steps = np.arange(SIDE)
    cosines = np.cos(np.pi * np.arange(_LOW)[:, None] * (2 * steps + 1) / (2 * SIDE)).astype(np.float32)
    low = (cosines @ thumbnails.astype(np.float32) @ cosines.T).reshape(len(thumbnails), -1)
    return np.packbits(low > np.median(low, axis=1, keepdims=True), axis=1).view(np.uint64)[:, 0]


def _correlations(thumbnails: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    one, other = (_standardized(thumbnails[pairs[:, column]]) for column in (0, 1))
    return np.sum(one * other, axis=1)


def _standardized(thumbnails: np.ndarray) -> np.ndarray:
    flat = thumbnails.reshape(-1, SIDE * SIDE).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
