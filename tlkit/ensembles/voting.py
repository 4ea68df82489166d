"""Soft votes, and weights for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tlkit.ensembles.chances import as_chances

__all__ = ["accuracy_weights", "soft_vote"]


def soft_vote(probabilities: ArrayLike, weights: ArrayLike | None = None) -> np.ndarray:
    """Return the weighted mean of what the members say, as `sklearn.ensemble.VotingClassifier(voting="soft")` does.

    Args:
        probabilities: `(num_members, num_images, num_classes)`, at least 0; each row sums to 1.
        weights: `(num_members,)`, at least 0 and not all 0; only their ratios count. `None` means equal weights.

    Returns:
        `(num_images, num_classes)` probabilities.

    Raises:
        ValueError: If the probabilities are none, or a weight is missing, negative or not finite, or all are 0.

    Example:
    >>> soft_vote([[[0.9, 0.1]], [[0.3, 0.7]]]).round(2).tolist()
    [[0.6, 0.4]]
    >>> soft_vote([[[0.9, 0.1]], [[0.3, 0.7]]], weights=[1, 3]).round(2).tolist()
    [[0.45, 0.55]]
    """
    chances = as_chances(probabilities, 3)
    shares = np.ones(len(chances)) if weights is None else np.asarray(weights, float)
    fine = shares.shape == (len(chances),) and np.isfinite(shares).all() and (shares >= 0).all()
    if not fine or shares.sum() == 0:
        msg = f"`weights` must be {len(chances)} numbers of at least 0, not all of them 0. Received: {shares.tolist()}."
        raise ValueError(msg)
    return np.average(chances, axis=0, weights=shares)


def accuracy_weights(accuracies: ArrayLike, num_classes: int) -> np.ndarray:
    """Return weights for a vote: the squared distance of each accuracy from chance, 0 for what is below it.

    The square is a choice of ours and no optimum. The accuracies must be of rows that the member did not learn from
    (out of fold): a member that knows its rows by heart is right about all of them, and so is any other such member.

    Args:
        accuracies: `(num_members,)`, shares in [0, 1].
        num_classes: At least 2; chance is `1 / num_classes`.

    Returns:
        `(num_members,)`, summing to 1; equal weights if no member is better than chance.

    Raises:
        ValueError: If an accuracy is outside [0, 1], or `num_classes` is below 2.

    Example:
    >>> accuracy_weights([0.9, 0.7, 0.4], num_classes=2).round(2).tolist()
    [0.8, 0.2, 0.0]
    """
    shares = np.asarray(accuracies, float)
    if shares.ndim != 1 or not len(shares) or not ((shares >= 0) & (shares <= 1)).all():
        msg = f"`accuracies` must be shares in [0, 1], one for each member. Received: {shares.tolist()}."
        raise ValueError(msg)
    if num_classes < 2:
        msg = f"`num_classes` must be at least 2. Received: {num_classes}."
        raise ValueError(msg)
    squares = np.round(np.maximum(shares - 1 / num_classes, 0) ** 2, 12)
    return squares / squares.sum() if squares.any() else np.full(len(shares), 1 / len(shares))
