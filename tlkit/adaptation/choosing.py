"""How good is an adapted classifier, where no label of the target may be asked?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tlkit.adaptation.tables import as_labels, as_tables, check_at_least
from tlkit.probes import linear_probe

__all__ = ["importance_weights", "mean_entropy", "reverse_accuracy", "weighted_risk"]


def importance_weights(
    source: ArrayLike, target: ArrayLike, *, strength: float = 1e-3, largest: float = 20.0
) -> np.ndarray:
    """How much more often the target has rows like each row of the source: an estimate of `p_target / p_source`.

    A linear classifier tells the domains apart; its odds, corrected for the numbers of rows, are the ratio.

    Args:
        source: `(num_rows, num_features)`, float.
        target: `(other_num_rows, num_features)`, float.
        strength: Inverse L2 penalty of the classifier. A weak penalty makes a few weights very large.
        largest: Where weights are cut off, above 0.

    Returns:
        `(num_rows,)`, in (0, largest].

    Raises:
        ValueError: If the tables do not fit, or a setting is not above 0.

    Reference:
        Sugiyama et al. (2007), [Covariate shift adaptation by importance weighted cross
        validation](https://jmlr.org/papers/v8/sugiyama07a.html); ratio by a classifier: Bickel et al. (2009).

    Example:
    >>> weights = importance_weights([[0.0], [1.0], [2.0]], [[1.0], [2.0], [2.0]], strength=1.0)
    >>> bool(weights[0] < weights[1] < weights[2])
    True
    """
    x, z = as_tables(source, target)
    check_at_least("strength", strength, np.finfo(float).tiny)
    check_at_least("largest", largest, np.finfo(float).tiny)
    sides = np.repeat([0, 1], [len(x), len(z)])
    chance = linear_probe(np.concatenate([x, z]), sides, strength=strength).predict_proba(x)
    odds = chance[:, 1] / np.maximum(chance[:, 0], np.finfo(float).tiny)
    return np.minimum(odds * len(x) / len(z), largest)


def weighted_risk(errors: ArrayLike, weights: ArrayLike) -> float:
    """The mean error of source rows, those that look like the target counting more.

    Args:
        errors: `(num_rows,)`, a loss or 0 and 1, of rows that the classifier did not learn from.
        weights: `(num_rows,)`, at least 0, not all 0.

    Returns:
        `sum(weights * errors) / sum(weights)`, in the unit of the errors.

    Raises:
        ValueError: If the shapes differ, a weight is below 0, or all are 0.

    Example:
    >>> weighted_risk([1, 0, 0, 0], [5, 1, 1, 1])
    0.625
    """
    losses, shares = np.asarray(errors, float), np.asarray(weights, float)
    if losses.shape != shares.shape or losses.ndim != 1 or not (shares >= 0).all() or not shares.sum() > 0:
        msg = (
            "`errors` and `weights` must be (num_rows,), the weights at least 0 and not all 0. "
            f"Received shapes {losses.shape} and {shares.shape}, weights that sum to {shares.sum():g}."
        )
        raise ValueError(msg)
    return float(losses @ shares / shares.sum())


def mean_entropy(probabilities: ArrayLike) -> float:
    """How unsure a classifier is on average.

    Args:
        probabilities: `(num_rows, num_classes)`, in [0, 1], each row with the sum 1.

    Returns:
        The mean of `-sum(p log p)`, in nats: from 0, always sure, to `log(num_classes)`, never sure.

    Raises:
        ValueError: If rows are no probabilities.

    Reference:
        As a rule of choice: Morerio, Cavazza and Murino (2018), [Minimal-entropy correlation
        alignment](https://arxiv.org/abs/1711.10288).

    Example:
    >>> round(mean_entropy([[0.5, 0.5], [1.0, 0.0]]), 4)
    0.3466
    """
    p = np.asarray(probabilities, float)
    if p.ndim != 2 or not len(p) or not (p >= 0).all() or not np.allclose(p.sum(axis=1), 1, atol=1e-4):
        msg = f"`probabilities` must be (num_rows, num_classes), each row with the sum 1. Received shape {p.shape}."
        raise ValueError(msg)
    return float(-(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=1).mean())


def reverse_accuracy(
    source: ArrayLike, labels: ArrayLike, target: ArrayLike, guesses: ArrayLike, *, strength: float = 0.05
) -> float:
    """Teach a new classifier with the guesses for the target, and let it answer for the source, where labels are known.

    If the guesses are right, the way back is possible. The converse does not hold: guesses that are wrong in a
    consistent way can lead back, too.

    Args:
        source: `(num_rows, num_features)`, float: rows that the adapted classifier did not learn from.
        labels: `(num_rows,)`.
        target: `(other_num_rows, num_features)`, float.
        guesses: `(other_num_rows,)`, what the adapted classifier says of the target.
        strength: Inverse L2 penalty of the way back.

    Returns:
        Accuracy on the source, in [0, 1].

    Raises:
        ValueError: If the tables or labels do not fit.

    Reference:
        Zhong et al. (2010), [Cross validation framework to choose amongst models and datasets for transfer
        learning](https://doi.org/10.1007/978-3-642-15939-8_35); for DANN: Ganin et al. (2016).

    Example:
    >>> source, labels, target = [[0.0], [1.0], [4.0], [5.0]], [0, 0, 1, 1], [[0.5], [1.5], [4.5], [5.5]]
    >>> reverse_accuracy(source, labels, target, [0, 0, 1, 1]), reverse_accuracy(source, labels, target, [1, 1, 0, 0])
    (1.0, 0.0)
    """
    x, z = as_tables(source, target)
    truth, told = as_labels(labels, len(x)), np.asarray(guesses)
    if told.shape != (len(z),):
        msg = f"`guesses` must have one class for each of {len(z)} rows of the target. Received shape {told.shape}."
        raise ValueError(msg)
    if len(np.unique(told)) < 2:  # nothing to learn: the way back always answers the same
        return float(np.mean(truth == told[0]))
    return linear_probe(z, told, strength=strength).score(x, truth)
