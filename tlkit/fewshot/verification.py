"""Verification: are two images of one class? A threshold for their distance, chosen on pairs of other classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["EqualError", "draw_pairs", "equal_error_rate", "error_rates", "pair_distances"]


class EqualError(NamedTuple):
    """Where the two kinds of error are equal.

    Attributes:
        rate: The mean of both error rates at the threshold, a share in [0, 1].
        threshold: Pairs up to this distance are taken for pairs of one class.
    """

    rate: float
    threshold: float


def draw_pairs(labels: ArrayLike, num_pairs: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs of different images, half of them of one class.

    Args:
        labels: `(num_images,)`, integers; at least two classes, and two images of some class.
        num_pairs: An even number, at least 2. A pair may occur twice.
        seed: The same seed draws the same pairs.

    Returns:
        Rows `(num_pairs, 2)` and `same`, `(num_pairs,)` bool: whether both are of one class.

    Raises:
        ValueError: If the number is odd or below 2, or there are no pairs of both kinds.

    Example:
    >>> rows, same = draw_pairs([0, 0, 1, 1], 4)
    >>> rows.shape, same.tolist()
    ((4, 2), [True, True, False, False])
    """
    labels = np.asarray(labels)
    if num_pairs < 2 or num_pairs % 2:
        msg = f"`num_pairs` must be an even number, at least 2: half are of one class. Received: {num_pairs}."
        raise ValueError(msg)
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.max() < 2:
        msg = f"`labels` must have two classes, and two images of one of them. Received {len(classes)} classes."
        raise ValueError(msg)
    rng, rows = np.random.default_rng(seed), []
    with_mates = np.flatnonzero(np.isin(labels, classes[counts > 1]))
    for number in range(num_pairs):
        same = number < num_pairs // 2
        first = int(rng.choice(with_mates if same else np.arange(len(labels))))
        fitting = np.flatnonzero((labels == labels[first]) == same)
        rows.append((first, int(rng.choice(fitting[fitting != first]))))
    return np.array(rows), np.arange(num_pairs) < num_pairs // 2


def pair_distances(features: ArrayLike, pairs: ArrayLike) -> np.ndarray:
    """Return the Euclidean distance of the two images of each pair, `(num_pairs,)`.

    Args:
        features: `(num_images, num_features)`.
        pairs: `(num_pairs, 2)`, rows of `features`.

    Example:
    >>> pair_distances([[0.0, 0.0], [3.0, 4.0]], [[0, 1], [1, 1]]).tolist()
    [5.0, 0.0]
    """
    table, rows = np.asarray(features, float), np.asarray(pairs)
    return np.linalg.norm(table[rows[:, 0]] - table[rows[:, 1]], axis=1)


def error_rates(same: ArrayLike, distances: ArrayLike, threshold: float) -> tuple[float, float]:
    """Return the shares of pairs that a threshold gets wrong: `(false_accepts, false_rejects)`.

    A pair is accepted, taken for one class, if its distance is at most the threshold.

    Args:
        same: `(num_pairs,)` bool, with pairs of both kinds.
        distances: `(num_pairs,)`, finite.
        threshold: In the unit of the distances.

    Returns:
        The share of pairs of two classes that are accepted, and the share of pairs of one class that are rejected.

    Raises:
        ValueError: If the shapes differ, a distance is not finite, or one kind of pair is missing.

    Example:
    >>> error_rates([True, True, False, False], [0.1, 0.6, 0.5, 0.9], 0.5)
    (0.5, 0.5)
    """
    same, distances = _pairs(same, distances)
    return float(np.mean(distances[~same] <= threshold)), float(np.mean(distances[same] > threshold))


def equal_error_rate(same: ArrayLike, distances: ArrayLike) -> EqualError:
    """Find the threshold at which as large a share of one kind of pair is wrong as of the other.

    Each distance that occurs is tried; of those at which the two shares are closest to each other, the smallest counts.

    Args:
        same: `(num_pairs,)` bool, with pairs of both kinds.
        distances: `(num_pairs,)`, finite.

    Returns:
        An `EqualError` with the rate and the threshold.

    Raises:
        ValueError: If the shapes differ, a distance is not finite, or one kind of pair is missing.

    Example:
    >>> equal_error_rate([True, True, False, False], [0.1, 0.2, 0.5, 0.9])
    EqualError(rate=0.0, threshold=0.2)
    """
    same, distances = _pairs(same, distances)
    tried = np.unique(distances)
    accepts = np.searchsorted(np.sort(distances[~same]), tried, side="right") / np.sum(~same)
    rejects = 1 - np.searchsorted(np.sort(distances[same]), tried, side="right") / np.sum(same)
    # Rounded, so that equal differences stay equal whatever the sums round to
    best = int(np.argmin(np.round(np.abs(accepts - rejects), 12)))
    return EqualError(float((accepts[best] + rejects[best]) / 2), float(tried[best]))


def _pairs(same: ArrayLike, distances: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    same, distances = np.asarray(same, bool), np.asarray(distances, float)
    if same.ndim != 1 or same.shape != distances.shape or not np.isfinite(distances).all():
        msg = (
            "`same` and `distances` must be (num_pairs,), with finite distances. "
            f"Received shapes {same.shape} and {distances.shape}, {np.sum(~np.isfinite(distances))} of them not finite."
        )
        raise ValueError(msg)
    if same.all() or not same.any():
        msg = f"There must be pairs of both kinds. Received {same.sum()} of one class among {len(same)}."
        raise ValueError(msg)
    return same, distances
