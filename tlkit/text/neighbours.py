"""The texts whose vectors point the same way."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["nearest"]


def nearest(vectors: ArrayLike, others: ArrayLike | None = None, *, number: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest neighbours by the cosine of the angle between vectors.

    Args:
        vectors: `(num_vectors, width)`: whose neighbours are asked for.
        others: `(num_others, width)`: among which they are; by default `vectors`, where none is its own neighbour.
        number: How many, from 1 to the number of others (without itself).

    Returns:
        Rows of the neighbours, the nearest first, and their cosines, in [-1, 1], both `(num_vectors, number)`. A vector
        of zeros has a cosine of 0 with all.

    Raises:
        ValueError: If the widths differ, or `number` is out of its range.

    Example:
    >>> rows, cosines = nearest([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]])
    >>> rows[:, 0].tolist()
    [2, 2, 0]
    """
    asked = _unit(vectors)
    among = asked if others is None else _unit(others)
    most = len(among) - (others is None)
    if asked.shape[1] != among.shape[1] or not 1 <= number <= most:
        msg = f"`vectors` and `others` must have one width, and `number` must be from 1 to {most}. "
        raise ValueError(msg + f"Received widths {asked.shape[1]} and {among.shape[1]}, and {number!r}.")
    cosines = asked @ among.T
    if others is None:
        np.fill_diagonal(cosines, -np.inf)
    rows = np.argsort(-cosines, axis=1, kind="stable")[:, :number]
    return rows, np.take_along_axis(cosines, rows, axis=1)


def _unit(vectors: ArrayLike) -> np.ndarray:
    values = np.asarray(vectors, float)
    if values.ndim != 2:
        msg = f"Vectors must be (number, width). Received shape {values.shape}."
        raise ValueError(msg)
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
