"""Near copies: the same photograph, saved again, resized, brightened or cropped a little. Found by small grey versions of all images.

Two images are near copies if their perceptual hashes differ in at most MAX_BITS of 64 bits, and their thumbnails correlate by
MIN_CORRELATION or more. The hash is that of ImageHash's `phash`, computed for all images at once, which makes it quick. Source: C. Zauner,
Implementation and Benchmarking of Perceptual Image Hash Functions (2010).
"""

from typing import NamedTuple

import numpy as np

SIDE = 32  # px of a thumbnail
MAX_BITS = 8  # copies planted by `benchmarks/findings.py` differ by up to 6
MIN_CORRELATION = 0.9  # among 20,000 photographs, other pairs within MAX_BITS correlate by 0.8 or less
AT_ONCE = 100  # images that are correlated with one; among 20,000 photographs, none has more than 4 within MAX_BITS
_LOW = 8  # lowest frequencies of the cosine transform, along each axis


class Found(NamedTuple):
    """Groups of two or more positions; a near copy of a near copy belongs to the group as well. `crowded` are positions whose hash is near
    those of so many other images that they were not compared with all of them.
    """

    groups: tuple[tuple[int, ...], ...]
    crowded: tuple[int, ...]


def find(thumbnails: np.ndarray) -> Found:
    """The near copies among uint8 thumbnails of shape (n, SIDE, SIDE).

    Groups are united row by row, and images of the same group are not compared: photographs that are all alike, such as the frames of a
    video, have too many pairs to keep. Images of a single grey value are ignored: they all have one hash, and correlate with nothing.
    Thousands of nearly plain images, such as scans of empty pages, can have the same hash without being copies: each is compared with the
    AT_ONCE nearest, and with as many more as long as there are copies among them.
    """
    several = np.flatnonzero(np.ptp(thumbnails, axis=(1, 2)))
    groups, crowded = _groups(thumbnails[several])
    return Found(tuple(tuple(several[group].tolist()) for group in groups), tuple(several[crowded].tolist()))


def _groups(thumbnails: np.ndarray) -> tuple[list[list[int]], list[int]]:
    group_of = np.arange(len(thumbnails))
    members = [[position] for position in range(len(thumbnails))]
    hashes = _hashes(thumbnails) if len(thumbnails) else ()
    crowded = []
    for row in range(len(thumbnails)):
        bits = np.bitwise_count(hashes[row + 1 :] ^ hashes[row])
        near = np.flatnonzero(bits <= MAX_BITS)
        if len(near) > AT_ONCE:
            near = near[np.argpartition(bits[near], AT_ONCE)]  # the nearest first
        left = row + 1 + near
        while len(left := left[group_of[left] != group_of[row]]):
            copies = _copies(thumbnails, row, left[:AT_ONCE])
            _unite(group_of, members, row, copies)
            left = left[AT_ONCE:]
            if not len(copies):
                if len(left):
                    crowded.append(row)
                break
    return sorted(sorted(group) for group in members if len(group) > 1), crowded


def _unite(group_of: np.ndarray, members: list[list[int]], row: int, copies: np.ndarray) -> None:
    """Merge the group of the row and those of its copies into the largest of them."""
    groups = sorted({group_of[row], *group_of[copies]}, key=lambda group: len(members[group]))
    for group in groups[:-1]:
        group_of[members[group]] = groups[-1]
        members[groups[-1]] += members[group]
        members[group] = []


def _copies(thumbnails: np.ndarray, row: int, others: np.ndarray) -> np.ndarray:
    """The others that correlate with the row."""
    one, several = _centred(thumbnails[row : row + 1]), _centred(thumbnails[others])
    correlations = (several @ one[0]) / (_norms(several) * _norms(one))
    return others[correlations >= MIN_CORRELATION]


def _hashes(thumbnails: np.ndarray) -> np.ndarray:
    """The hashes, (n,) uint64: a bit for each of the lowest frequencies, set if its coefficient is above their median."""
    steps = np.arange(SIDE)
    cosines = np.cos(np.pi * np.arange(_LOW)[:, None] * (2 * steps + 1) / (2 * SIDE)).astype(np.float32)
    low = (cosines @ thumbnails.astype(np.float32) @ cosines.T).reshape(len(thumbnails), -1)
    return np.packbits(low > np.median(low, axis=1, keepdims=True), axis=1).view(np.uint64)[:, 0]


def _centred(thumbnails: np.ndarray) -> np.ndarray:
    flat = thumbnails.reshape(-1, SIDE * SIDE).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat


def _norms(rows: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ij,ij->i", rows, rows))
