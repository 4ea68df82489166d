"""Find the same picture under two names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tlkit.data.decode import DecodedImage

__all__ = ["group_duplicates", "separate_scenes"]

_MAX_BITS = 10  # of 128 that may differ
_MAX_DIFFERENCE = 8.0  # mean, in grey levels of 255
_MAX_LOCAL_DIFFERENCE = 40.0  # of one of 16 x 16 places: more is a thing that came or went, not a copy
_HALF, _FIFTH = 0.5, 0.2  # shares of a class in a scene
_CHUNK = 16  # rows compared with all others at a time: bounds the memory


def group_duplicates(images: Sequence[DecodedImage]) -> np.ndarray:
    """Give equal and nearly equal pictures the same number.

    Two pictures are nearly equal if at most 10 of 128 signs of their brightness gradients differ (a
    [difference hash](https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html) in both
    directions), and their thumbnails by at most 8 of 255 grey levels in the mean and 40 at any place: saved again,
    resized, slightly brighter. A crop or a mirrored copy is not found. Nearness is passed on: if a is near b and b is
    near c, the three are one group.

    Returns:
        `(num_images,)`: group numbers; that of a group is the position of its first picture.
    """
    return _group(images, _MAX_LOCAL_DIFFERENCE)


def separate_scenes(
    groups: np.ndarray, images: Sequence[DecodedImage], labels: np.ndarray, min_size: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Take apart what is no copy but another photo of one scene, as a fixed camera takes them.

    A scene is pictures that are near each other in the mean, whatever came or went in them: at least `min_size`
    different ones, half of the photos of a class or a fifth of each of two, since nobody copies so much. In it,
    only equal pictures stay together.

    Args:
        groups: `(num_images,)`, from `group_duplicates`.
        images: In the same order.
        labels: `(num_images,)`, classes from 0.
        min_size: The fewest different pictures of a scene.

    Returns:
        The new groups, and the rows of each scene.
    """
    scenes = _group(images, max_local=255)
    digests = [image.digest for image in images]
    new, found = groups.copy(), []
    for number, size in zip(*np.unique(scenes, return_counts=True), strict=True):
        rows = np.flatnonzero(scenes == number)
        if size >= min_size and len({digests[row] for row in rows}) >= min_size and _is_scene(labels[rows], labels):
            first: dict[bytes, int] = {}
            new[rows] = [first.setdefault(digests[row], row) for row in rows.tolist()]
            found.append(rows)
    return new, found


def _is_scene(members: np.ndarray, labels: np.ndarray) -> bool:
    totals = np.bincount(labels)
    shares = np.sort(np.bincount(members, minlength=len(totals)) / np.maximum(totals, 1))
    return shares[-1] >= _HALF or (len(shares) > 1 and shares[-2] >= _FIFTH)


def _group(images: Sequence[DecodedImage], max_local: float) -> np.ndarray:
    """Join equal pictures and near ones; number each group by the position of its first."""
    if not images:
        return np.zeros(0, int)
    first: dict[bytes, int] = {}
    equal = [first.setdefault(image.digest, row) for row, image in enumerate(images)]
    low, high = np.concatenate([_near_pairs(images, max_local), np.array([np.arange(len(images)), equal])], axis=1)
    links = coo_array((np.ones(len(low)), (low, high)), shape=(len(images), len(images)))
    _, parts = connected_components(links, directed=False)
    _, places, inverse = np.unique(parts, return_index=True, return_inverse=True)
    return places[inverse]


def _near_pairs(images: Sequence[DecodedImage], max_local: float) -> np.ndarray:
    """Rows of near pictures: `(2, num_pairs)`."""
    bits = np.stack([image.bits for image in images])  # (num_images, 2)
    thumbnails = np.stack([image.thumbnail for image in images])  # (num_images, 16, 16)
    pairs = [np.zeros((2, 0), int)]
    for start in range(0, len(bits), _CHUNK):
        differing = np.bitwise_count(bits[start : start + _CHUNK, None] ^ bits[None]).sum(
            axis=-1
        )  # (chunk, num_images)
        low, high = np.nonzero(differing <= _MAX_BITS)
        low += start
        low, high = low[low < high], high[low < high]
        apart = abs(thumbnails[low] - thumbnails[high])  # (num_pairs, 16, 16)
        near = (apart.mean(axis=(1, 2)) <= _MAX_DIFFERENCE) & (apart.max(axis=(1, 2)) <= max_local)
        pairs.append(np.stack([low[near], high[near]]))
    return np.concatenate(pairs, axis=1)
