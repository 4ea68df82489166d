"""What the test photos say beside the score: how sure the model may be, where it errs, what is new to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

__all__ = ["Bin", "calibration", "expected_calibration_error", "strangeness", "worst_errors"]

FEWEST_OF_A_BIN = 10


@dataclass(frozen=True)
class Bin:
    """Photos of which the model was about as sure.

    Attributes:
        confidence: Mean probability of the class that it named, in [0, 1].
        accuracy: Share of these photos that it named correctly.
        num_photos: How many they are.
    """

    confidence: float
    accuracy: float
    num_photos: int


def calibration(labels: np.ndarray, probabilities: np.ndarray, *, most_bins: int = 10) -> list[Bin]:
    """Compare how sure a model is with how often it is right, in bins of as many photos each.

    Args:
        labels: `(num_photos,)`.
        probabilities: `(num_photos, num_classes)`, in [0, 1].
        most_bins: Fewer are made where they would hold under ten photos.

    Example:
        >>> calibration(np.zeros(10, int), np.tile([0.9, 0.1], (10, 1)))
        [Bin(confidence=0.9, accuracy=1.0, num_photos=10)]
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    num_bins = max(1, min(most_bins, len(labels) // FEWEST_OF_A_BIN))
    parts = np.array_split(order, num_bins)
    return [Bin(round(float(confidence[p].mean()), 6), float(right[p].mean()), len(p)) for p in parts]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance of confidence from accuracy, photo by photo (Guo et al., 2017, arXiv:1706.04599)."""
    total = sum(each.num_photos for each in bins)
    return sum(each.num_photos * abs(each.confidence - each.accuracy) for each in bins) / total


def worst_errors(labels: np.ndarray, probabilities: np.ndarray, most: int = 12) -> np.ndarray:
    """The rows of the errors of which the model was surest, the surest first."""
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-confidence[wrong], kind="stable")][:most]


def strangeness(known: np.ndarray, new: np.ndarray, *, neighbours: int = 5) -> tuple[np.ndarray, float]:
    """How far photos are from those that were learned from, and from where on that is unusual.

    The distance to the k-th nearest neighbour of features of length one (Sun et al., 2022, "Out-of-distribution
    detection with deep nearest neighbors", arXiv:2204.06507).

    Args:
        known: `(num_known, num_features)`: features of the photos that were learned from.
        new: `(num_new, num_features)`.
        neighbours: The k.

    Returns:
        `(num_new,)`, 0 or more; and the distance that 1 in 100 of the known photos has from the others.
    """
    known, new = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for x in (known, new))
    count = min(neighbours, len(known) - 1)
    nearest = NearestNeighbors(n_neighbors=count + 1).fit(known)
    among_themselves = nearest.kneighbors(known)[0][:, count]  # the first is the photo itself
    distances = nearest.kneighbors(new, n_neighbors=count)[0][:, count - 1]
    return distances, float(np.quantile(among_themselves, 0.99))
