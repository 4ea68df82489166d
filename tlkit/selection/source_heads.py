"""Scores that read what the source's own head says about the target's images: LEEP and NCE."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tlkit.selection.labelled_table import read_labelled

__all__ = ["leep", "nce"]


def leep(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Log expected empirical prediction: how well target labels follow from the source head's probabilities.

    With θ(x)_z, the probability that the head gives to source class z, the target labels define an empirical
    P(y | z) = Σ_i [y_i = y] θ(x_i)_z / Σ_i θ(x_i)_z. The score is the mean log of Σ_z P(y_i | z) θ(x_i)_z. It costs one
    pass of each labelled image through the network, and needs its head: a cut network, or one without a head, has none.

    Args:
        probabilities: `(num_images, num_source_classes)`, each row in [0, 1] with sum 1.
        labels: `(num_images,)`, the target's labels.

    Returns:
        In nats, at most 0; higher is better. A head that says the same of each image scores -H(Y).

    Raises:
        ValueError: If the shapes do not fit, or the rows are no probabilities.

    Reference:
        Nguyen et al. (2020), [LEEP](https://arxiv.org/abs/2002.12462), equations 1 and 2.

    Example:
    >>> sure = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    >>> leep(sure, [0, 0, 1, 1]), round(leep(sure, [0, 1, 0, 1]), 3)
    (0.0, -0.693)
    """
    p, y, num_classes = _read_probabilities(probabilities, labels)
    joint = np.eye(num_classes)[y].T @ p / len(y)  # (classes, source classes)
    given = joint / np.maximum(joint.sum(axis=0), np.finfo(float).tiny)
    return float(np.log((p @ given.T)[np.arange(len(y)), y]).mean())


def nce(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Negative conditional entropy: what a target label still leaves open if the source head's *answer* is known.

    The answer z is the most probable source class; the score is -H(Y | Z), from the counts of (y, z). Costs and needs
    are those of `leep`.

    Args:
        probabilities: `(num_images, num_source_classes)`, each row in [0, 1] with sum 1.
        labels: `(num_images,)`, the target's labels.

    Returns:
        In nats, at most 0; higher is better. It is 0, too, if each image has an answer of its own: with few images and
        many source classes, it flatters.

    Raises:
        ValueError: If the shapes do not fit, or the rows are no probabilities.

    Reference:
        Tran, Nguyen and Hassner (2019), [Transferability and hardness of supervised classification
        tasks](https://arxiv.org/abs/1908.08142), section 3.

    Example:
    >>> round(nce([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]], [0, 1, 1, 1]), 3)
    -0.347
    """
    p, y, num_classes = _read_probabilities(probabilities, labels)
    counts = np.eye(num_classes)[y].T @ np.eye(p.shape[1])[p.argmax(axis=1)]  # (classes, source classes)
    seen = counts > 0
    given = counts / np.maximum(counts.sum(axis=0), 1)
    return float((counts[seen] * np.log(given[seen])).sum() / len(y)) + 0.0


def _read_probabilities(probabilities: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray, int]:
    p, y, num_classes = read_labelled(probabilities, labels, "probabilities")
    if p.min() < 0 or np.abs(p.sum(axis=1) - 1).max() > 1e-3:
        msg = (
            "`probabilities` must be at least 0, and each row must sum to 1. Received a smallest value of "
            f"{p.min():.3g} and sums from {p.sum(axis=1).min():.3g} to {p.sum(axis=1).max():.3g}. Pass logits through "
            "a softmax first."
        )
        raise ValueError(msg)
    return p, y, num_classes
