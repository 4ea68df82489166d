"""Tasks whose labels cost nothing, since they say what was done to an image."""

from __future__ import annotations

import numpy as np

__all__ = ["jigsaw", "quarter_turns"]

# Orders of four tiles that differ in most places from each other
_ORDERS = [
    [int(place) for place in order] for order in ("0123", "0312", "1032", "1302", "2013", "2301", "3021", "3210")
]


def quarter_turns(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn images by no, one, two and three quarters, counterclockwise (Gidaris et al., 2018).

    Args:
        images: `(num_images, size, size, channels)`.

    Returns:
        `(4 * num_images, size, size, channels)`, first all images as they are, then all turned by one quarter, and so
        on; and by how many quarters each was turned, `(4 * num_images,)`, `int64`.

    Example:
        >>> pictures, turns = quarter_turns(np.array([[[1, 2], [3, 4]]])[..., None])
        >>> pictures[1, ..., 0].tolist(), turns.tolist()
        ([[2, 4], [1, 3]], [0, 1, 2, 3])
    """
    _check(images, 1)
    pictures = [np.rot90(images, turns, axes=(1, 2)) for turns in range(4)]
    return np.concatenate(pictures), np.repeat(np.arange(4), len(images))


def jigsaw(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut images into four tiles and put these in eight orders (after Noroozi and Favaro, 2016).

    Args:
        images: `(num_images, size, size, channels)`; the size is even.

    Returns:
        `(8 * num_images, size, size, channels)`, first all images as they are; and the number of the order of each,
        `(8 * num_images,)`, `int64`.

    Example:
        >>> pictures, orders = jigsaw(np.array([[[1, 2], [3, 4]]])[..., None])
        >>> pictures[1, ..., 0].tolist(), int(orders[1])
        ([[1, 4], [2, 3]], 1)
    """
    _check(images, 2)
    half = images.shape[1] // 2
    tiles = [images[:, i : i + half, j : j + half] for i in (0, half) for j in (0, half)]
    rows = [[np.concatenate([tiles[k] for k in order[at : at + 2]], axis=2) for at in (0, 2)] for order in _ORDERS]
    pictures = [np.concatenate(both, axis=1) for both in rows]
    return np.concatenate(pictures), np.repeat(np.arange(len(_ORDERS)), len(images))


def _check(images: np.ndarray, divisor: int) -> None:
    shape = np.shape(images)
    if len(shape) != 4 or shape[1] != shape[2] or shape[1] % divisor:
        even = " of an even size" if divisor == 2 else ""
        msg = f"`images` must be square{even}: (num_images, size, size, channels). Received shape {shape}."
        raise ValueError(msg)
