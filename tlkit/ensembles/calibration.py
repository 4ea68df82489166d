"""Whether a probability is what it says, and one number, the temperature, that mends it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from tlkit.ensembles.chances import as_chances, as_classes

__all__ = ["calibration_error", "fit_temperature", "soften"]

_LEAST = 1e-12  # in place of a probability of 0, whose logarithm is infinite
_RANGE = (np.log(0.02), np.log(50.0))  # of the logarithm of a temperature


def soften(probabilities: ArrayLike, temperature: float) -> np.ndarray:
    """Divide the logarithms of probabilities by a temperature, and scale them to sum to 1 again.

    Above 1 they become less sure, below 1 surer; the likeliest class stays the same. For the softmax of logits it is
    the softmax of `logits / temperature`.

    Args:
        probabilities: `(num_images, num_classes)`, at least 0; each row sums to 1.
        temperature: Above 0.

    Returns:
        `(num_images, num_classes)` probabilities.

    Raises:
        ValueError: If the probabilities are none, or the temperature is not above 0.

    Example:
    >>> soften([[0.9, 0.1]], 2).round(2).tolist()
    [[0.75, 0.25]]
    """
    if not temperature > 0:
        msg = f"`temperature` must be above 0. Received: {temperature}."
        raise ValueError(msg)
    return softmax(_logarithms(probabilities) / temperature, axis=1)


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return the temperature at which the labels are likeliest, in [0.02, 50].

    Choose it on images that the model has not learned from, such as a validation part. Probabilities below 1e-12 count
    as 1e-12.

    Args:
        probabilities: `(num_images, num_classes)`, at least 0; each row sums to 1.
        labels: `(num_images,)`, integers that name columns of the probabilities.

    Raises:
        ValueError: If the probabilities are none, or labels don't fit.

    Reference:
        Guo et al. (2017), [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599).

    Example:
    >>> labels = [0, 0, 0, 1]  # three of four right, but said with 95 %
    >>> round(fit_temperature([[0.95, 0.05]] * 4, labels), 2)
    2.68
    """
    logarithms = _logarithms(probabilities)
    classes = as_classes(labels, *logarithms.shape)
    rows = np.arange(len(classes))

    def cost(log_temperature: float) -> float:
        return -float(log_softmax(logarithms / np.exp(log_temperature), axis=1)[rows, classes].mean())

    return float(np.exp(minimize_scalar(cost, bounds=_RANGE, method="bounded", options={"xatol": 1e-6}).x))


def calibration_error(probabilities: ArrayLike, labels: ArrayLike, *, num_bins: int = 10) -> float:
    """Return the expected calibration error: how far the sureness of answers is from the share that is right.

    Answers are sorted into bins of equal width by their largest probability; the distances of mean sureness from
    accuracy are averaged over the bins, weighted by how many answers they have.

    Args:
        probabilities: `(num_images, num_classes)`, at least 0; each row sums to 1.
        labels: `(num_images,)`, integers that name columns of the probabilities.
        num_bins: At least 1. A bin has its upper edge, and not its lower one.

    Returns:
        A share in [0, 1].

    Raises:
        ValueError: If the probabilities are none, labels don't fit, or `num_bins` is below 1.

    Reference:
        Naeini, Cooper and Hauskrecht (2015), [Obtaining well calibrated probabilities using Bayesian
        binning](https://doi.org/10.1609/aaai.v29i1.9602).

    Example:
    >>> round(calibration_error([[0.95, 0.05]] * 4, [0, 0, 0, 1]), 2)
    0.2
    """
    chances = as_chances(probabilities, 2)
    right = chances.argmax(axis=1) == as_classes(labels, *chances.shape)
    if num_bins < 1:
        msg = f"`num_bins` must be at least 1. Received: {num_bins}."
        raise ValueError(msg)
    sure = chances.max(axis=1)
    bins = np.clip(np.ceil(sure * num_bins).astype(int) - 1, 0, num_bins - 1)
    gaps = np.bincount(bins, weights=sure - right, minlength=num_bins)
    return float(np.abs(gaps).sum() / len(sure))


def _logarithms(probabilities: ArrayLike) -> np.ndarray:
    return np.log(np.maximum(as_chances(probabilities, 2), _LEAST))
