"""Two moons that turn: the smallest domain shift that can be drawn."""

from __future__ import annotations

import numpy as np

from tlkit.adaptation.tables import check_at_least

__all__ = ["turned_moons"]

CENTRE = np.array([0.5, 0.25])


def turned_moons(
    num_rows: int, angle: float = 0.0, *, noise: float = 0.1, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw two interleaved half circles, turned about their common centre.

    Args:
        num_rows: At least 2.
        angle: Degrees, counter-clockwise.
        noise: Standard deviation of what is added to each coordinate, at least 0; the circles have radius 1.
        seed: The same seed gives the same rows, before they are turned.

    Returns:
        Points `(num_rows, 2)`, `float64`, around the origin, and classes `(num_rows,)`, 0 or 1, half of each.

    Raises:
        ValueError: If `num_rows` or `noise` is out of its range.

    Example:
    >>> points, labels = turned_moons(100, 30.0)
    >>> points.shape, np.bincount(labels).tolist()
    ((100, 2), [50, 50])
    """
    check_at_least("num_rows", num_rows, 2, whole=True)
    check_at_least("noise", noise, 0)
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(num_rows) % 2)
    along = rng.uniform(0, np.pi, num_rows)
    upper = np.stack([np.cos(along), np.sin(along)], axis=1)
    lower = np.stack([1 - np.cos(along), 0.5 - np.sin(along)], axis=1)
    points = np.where(labels[:, None] == 0, upper, lower) - CENTRE + rng.normal(0, noise, (num_rows, 2))
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])  # of rows, from the right
    return points @ matrix, labels
