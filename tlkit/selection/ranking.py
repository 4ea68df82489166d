"""Judges a score by what was measured afterwards, and counts what it cost."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from tlkit.measure import Interval, mean_interval

__all__ = ["foretell", "images_seen", "regret", "taus_of_draws", "weighted_tau"]


def weighted_tau(truth: ArrayLike, score: ArrayLike) -> float:
    """Kendall's tau with weights: do two rankings agree, above all about the best candidates?

    Each pair of candidates agrees (1), disagrees (-1) or is tied in one of the rankings (0). It weighs
    1 / (1 + r) + 1 / (1 + s), where r and s are the ranks of the two by the truth, and 0 is the best.

    Args:
        truth: `(num_candidates,)`: what was measured, more is better. Equal ones are ranked in their order.
        score: `(num_candidates,)`: what was foretold, more is better.

    Returns:
        In [-1, 1]; 0 where all scores, or all truths, are equal.

    Raises:
        ValueError: If the shapes do not fit, a number is not finite, or there are fewer than two candidates.

    Reference:
        Vigna (2015), [A weighted correlation index for rankings with ties](https://arxiv.org/abs/1404.3325).

    Example:
    >>> weighted_tau([0.9, 0.8, 0.1], [3, 2, 1]), round(weighted_tau([0.9, 0.8, 0.1], [2, 3, 1]), 3)
    (1.0, 0.182)
    """
    a, b = _read_pair(truth, score)
    ranks = np.empty(len(a))
    ranks[np.argsort(-a, kind="stable")] = np.arange(len(a))
    weights = 1 / (1 + ranks)
    pairs = np.triu(weights[:, None] + weights[None], 1)
    signs = [np.sign(values[:, None] - values[None]) for values in (a, b)]
    sizes = [(pairs * sign**2).sum() for sign in signs]
    return float((pairs * signs[0] * signs[1]).sum() / np.sqrt(sizes[0] * sizes[1])) if min(sizes) > 0 else 0.0


def regret(truth: ArrayLike, score: ArrayLike) -> float:
    """What is lost if the candidate with the best score is taken: the best truth minus the truth of that one.

    Args:
        truth: `(num_candidates,)`: what was measured, more is better.
        score: `(num_candidates,)`: what was foretold, more is better; the first of equal ones is taken.

    Returns:
        At least 0, in the unit of the truth.

    Raises:
        ValueError: As `weighted_tau`.

    Example:
    >>> round(regret([0.5, 0.9, 0.8], [1, 2, 3]), 3)
    0.1
    """
    a, b = _read_pair(truth, score)
    return float(a.max() - a[b.argmax()])


def foretell(truths: ArrayLike, scores: ArrayLike) -> Interval:
    """How well a score foretells the truth of *other* draws: the mean weighted tau, with Student's 95 % interval.

    A score and an accuracy of one draw saw the same labelled images, so that they share its luck. Each draw's scores
    are compared with the mean truth of all others.

    Args:
        truths: `(num_draws, num_candidates)`, at least 2 draws: what was measured with each draw of labels.
        scores: `(num_draws, num_candidates)`: the scores of the same draws.

    Returns:
        An `Interval` over draws, in units of tau. It speaks of other draws of the same target; for other targets, take
        an interval over targets.

    Raises:
        ValueError: If the shapes do not fit, or there is a single draw.

    Example:
    >>> print(foretell([[0.9, 0.5, 0.1], [0.8, 0.6, 0.2]], [[3, 2, 1], [9, 5, 2]]))
    1 [1, 1], 2 seeds
    """
    return mean_interval(taus_of_draws(truths, scores), percent=False)


def taus_of_draws(truths: ArrayLike, scores: ArrayLike) -> np.ndarray:
    """The weighted tau of each draw's scores with the mean truth of all other draws, whose interval `foretell` gives.

    Args:
        truths: `(num_draws, num_candidates)`, at least 2 draws: what was measured with each draw of labels.
        scores: `(num_draws, num_candidates)`: the scores of the same draws.

    Returns:
        `(num_draws,)`, in [-1, 1].

    Raises:
        ValueError: If the shapes do not fit, or there is a single draw.

    Example:
    >>> taus_of_draws([[0.9, 0.5, 0.1], [0.8, 0.6, 0.2]], [[3, 2, 1], [2, 5, 9]]).tolist()
    [1.0, -1.0]
    """
    a, b = np.asarray(truths, float), np.asarray(scores, float)
    if a.ndim != 2 or a.shape != b.shape or len(a) < 2:
        msg = (
            "`truths` and `scores` must be (num_draws, num_candidates), at least 2 draws. Received shapes "
            f"{a.shape} and {b.shape}."
        )
        raise ValueError(msg)
    others = (a.sum(axis=0) - a) / (len(a) - 1)
    return np.array([weighted_tau(one, two) for one, two in zip(others, b, strict=True)])


def images_seen(candidates: Iterable[tuple[str, str]], num_images: int, *, epochs: int = 0) -> int:
    """How many images go through a network forwards until each candidate has its score, or is trained.

    A score on frozen features needs one pass of each labelled image through each *network*: all cuts of a network are
    read from the same pass. A candidate that is fine-tuned sees each image in each epoch, and shares with no other.

    Args:
        candidates: `(network, cut)` pairs; one that is named twice counts once.
        num_images: Labelled images, at least 0.
        epochs: 0 for scores on frozen features, otherwise passes over the images in each fine-tuning.

    Returns:
        A whole number of images. A step backwards costs about two more passes and is not counted.

    Raises:
        ValueError: If a count is negative.

    Example:
    >>> cuts = [("photos", "end"), ("photos", "middle"), ("glyphs", "end")]
    >>> images_seen(cuts, 100), images_seen(cuts, 100, epochs=10)
    (200, 3000)
    """
    if num_images < 0 or epochs < 0:
        msg = f"`num_images` and `epochs` must be at least 0. Received: {num_images!r} and {epochs!r}."
        raise ValueError(msg)
    different = set(candidates)
    return num_images * (len(different) * epochs if epochs else len({network for network, _ in different}))


def _read_pair(truth: ArrayLike, score: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(truth, float), np.asarray(score, float)
    if a.ndim != 1 or a.shape != b.shape or len(a) < 2 or not np.isfinite([a, b]).all():
        msg = (
            "`truth` and `score` must be finite numbers, one for each of at least 2 candidates. Received shapes "
            f"{a.shape} and {b.shape}. Leave out candidates for which a score cannot be computed."
        )
        raise ValueError(msg)
    return a, b
