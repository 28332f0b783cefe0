"""Near copies: the same photograph, saved again, resized, brightened or cropped a little. Found by small grey versions of all images.

Two images are near copies where both hold: their perceptual hashes (pHash: Zauner, Implementation and Benchmarking of Perceptual Image
Hash Functions, 2010) differ in at most MAX_BITS of 64 bits, and their thumbnails correlate by MIN_CORRELATION or more. The hash is that of
ImageHash's `phash`, here for all images at once, which is what makes it quick.
"""

import numpy as np

SIDE = 32  # px of a thumbnail
MAX_BITS = 8  # `benchmarks/findings.py` plants copies, which differ by up to 6
MIN_CORRELATION = 0.9  # of 20,000 photographs, other pairs within MAX_BITS are at 0.8 or less
_LOW = 8  # frequencies of the cosine transform, each way
_AT_ONCE = 1000  # images that are correlated with one


def find(thumbnails: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more positions, for uint8 thumbnails of shape (n, SIDE, SIDE); a near copy of a near copy is in the group, too.

    They are united row by row, and what is in one group already is not compared: of photographs that are all alike, such as the frames of a
    video, there are too many pairs to keep. Nor is what has one grey value only: such have one hash, and correlate with nothing.
    """
    several = np.flatnonzero(np.ptp(thumbnails, axis=(1, 2)))
    return tuple(tuple(several[list(group)].tolist()) for group in _groups(thumbnails[several]))


def _groups(thumbnails: np.ndarray) -> tuple[tuple[int, ...], ...]:
    group_of = np.arange(len(thumbnails))
    members = [[position] for position in range(len(thumbnails))]
    hashes = _hashes(thumbnails) if len(thumbnails) else ()
    for row in range(len(thumbnails)):
        near = row + 1 + np.flatnonzero(np.bitwise_count(hashes[row + 1 :] ^ hashes[row]) <= MAX_BITS)
        elsewhere = near[group_of[near] != group_of[row]]
        if len(elsewhere):
            _unite(group_of, members, row, _copies(thumbnails, row, elsewhere))
    return tuple(sorted(tuple(sorted(group)) for group in members if len(group) > 1))


def _unite(group_of: np.ndarray, members: list[list[int]], row: int, copies: np.ndarray) -> None:
    """Make one group of that of the row and those of its copies. The largest takes the others in."""
    groups = sorted({group_of[row], *group_of[copies]}, key=lambda group: len(members[group]))
    for group in groups[:-1]:
        group_of[members[group]] = groups[-1]
        members[groups[-1]] += members[group]
        members[group] = []


def _copies(thumbnails: np.ndarray, row: int, others: np.ndarray) -> np.ndarray:
    """Those of the others that correlate with the row."""
    parts = np.array_split(others, len(others) // _AT_ONCE + 1)
    return np.concatenate([part[_correlations(thumbnails[row : row + 1], thumbnails[part]) >= MIN_CORRELATION] for part in parts])


def _hashes(thumbnails: np.ndarray) -> np.ndarray:
    """A bit for each of the lowest frequencies: whether it is above their median."""
    steps = np.arange(SIDE)
    cosines = np.cos(np.pi * np.arange(_LOW)[:, None] * (2 * steps + 1) / (2 * SIDE)).astype(np.float32)
    low = (cosines @ thumbnails.astype(np.float32) @ cosines.T).reshape(len(thumbnails), -1)
    return np.packbits(low > np.median(low, axis=1, keepdims=True), axis=1).view(np.uint64)[:, 0]


def _correlations(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.sum(_standardized(one) * _standardized(others), axis=1)


def _standardized(thumbnails: np.ndarray) -> np.ndarray:
    flat = thumbnails.reshape(-1, SIDE * SIDE).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
