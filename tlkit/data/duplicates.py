"""Find the same picture under two names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlkit.data.decode import DecodedImage

__all__ = ["group_duplicates"]

_MAX_BITS = 10  # of 128 that may differ
_MAX_DIFFERENCE = 8.0  # mean, in grey levels of 255
_CHUNK = 64  # rows compared with all others at a time: bounds the memory


def group_duplicates(images: Sequence[DecodedImage]) -> np.ndarray:
    """Give equal and nearly equal pictures the same number.

    Two pictures are nearly equal if at most 10 of 128 signs of their brightness gradients differ (a
    [difference hash](https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html) in both
    directions), and their thumbnails by at most 8 of 255 grey levels in the mean: saved again, resized,
    slightly brighter. A crop or a mirrored copy is not found. Nearness is passed on: if a is near b and b is near
    c, the three are one group.

    Returns:
        `(num_images,)`: group numbers; that of a group is the position of its first picture.
    """
    parents = np.arange(len(images))
    first: dict[bytes, int] = {}
    for row, image in enumerate(images):
        _join(parents, first.setdefault(image.digest, row), row)
    for low, high in _near_pairs(images):
        _join(parents, low, high)
    return np.array([_root(parents, row) for row in range(len(images))], int)


def _near_pairs(images: Sequence[DecodedImage]) -> list[tuple[int, int]]:
    if not images:
        return []
    bits = np.stack([image.bits for image in images])  # (num_images, 2)
    thumbnails = np.stack([image.thumbnail for image in images])  # (num_images, 16, 16)
    pairs = []
    for start in range(0, len(bits), _CHUNK):
        differing = np.bitwise_count(bits[start : start + _CHUNK, None] ^ bits[None]).sum(
            axis=-1
        )  # (chunk, num_images)
        low, high = np.nonzero(differing <= _MAX_BITS)
        low += start
        low, high = low[low < high], high[low < high]
        near = abs(thumbnails[low] - thumbnails[high]).mean(axis=(1, 2)) <= _MAX_DIFFERENCE
        pairs += list(zip(low[near].tolist(), high[near].tolist(), strict=True))
    return pairs


def _root(parents: np.ndarray, row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return int(row)


def _join(parents: np.ndarray, one: int, other: int) -> None:
    low, high = sorted((_root(parents, one), _root(parents, other)))
    parents[high] = low
