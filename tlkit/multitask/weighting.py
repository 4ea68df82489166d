"""Weights for the losses of several tasks: by uncertainty, and by the size of gradients."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["gradient_norm_weights", "uncertainty_weights"]

FLOOR = 1e-2  # losses and norms below count as this much: a task that is learned must not drown the others


def uncertainty_weights(losses: ArrayLike, *, floor: float = FLOOR) -> np.ndarray:
    """Return the weights that learning by uncertainty tends to: one half over each loss.

    The method learns a logarithm of a variance `s` for each task along with the network, and minimises the sum of
    `exp(-s) * loss + s / 2`. For a given loss, that is least at `exp(-s) = 1 / (2 * loss)`, the weight. So a task
    whose loss is large, because it is hard or because it is measured in a small unit, counts less.

    Args:
        losses: `(..., num_tasks)`, at least 0, each in its task's unit.
        floor: The least loss that is taken into account, above 0.

    Returns:
        `(..., num_tasks)`: the weights, each in one over the unit of its loss.

    Raises:
        ValueError: If a loss is below 0 or not a number, or if `floor` is not above 0.

    Reference:
        Kendall, Gal and Cipolla (2018), [Multi-task learning using uncertainty to weigh
        losses](https://arxiv.org/abs/1705.07115), equation 7, with one half for each task's logarithm.

    Example:
    >>> uncertainty_weights([2.0, 0.5])
    array([0.25, 1.  ])
    """
    return 0.5 / np.maximum(_not_below_zero(losses, "losses"), _above_zero(floor))


def gradient_norm_weights(norms: ArrayLike, *, floor: float = 1e-6) -> np.ndarray:
    """Return the weights that make the tasks' gradients on the trunk equally long; they add up to the number of tasks.

    Args:
        norms: `(..., num_tasks)`: the length of the gradient of each unweighted loss by the shared weights, at least 0.
        floor: The least length that is taken into account, above 0.

    Returns:
        `(..., num_tasks)`: the weights, without a unit.

    Raises:
        ValueError: If a length is below 0 or not a number, or if `floor` is not above 0.

    Reference:
        Chen, Badrinarayanan, Lee and Rabinovich (2018), [GradNorm](https://arxiv.org/abs/1711.02257), with alpha 0,
        solved at each step rather than learned.

    Example:
    >>> weights = gradient_norm_weights([3.0, 1.0])
    >>> weights, weights * [3.0, 1.0]
    (array([0.5, 1.5]), array([1.5, 1.5]))
    """
    inverse = 1 / np.maximum(_not_below_zero(norms, "norms"), _above_zero(floor))
    return inverse.shape[-1] * inverse / inverse.sum(axis=-1, keepdims=True)


def _not_below_zero(values: ArrayLike, name: str) -> np.ndarray:
    found = np.asarray(values, float)
    if not found.ndim or not (found >= 0).all():
        msg = f"`{name}` must be one number for each task, at least 0. Received: {found.tolist()}."
        raise ValueError(msg)
    return found


def _above_zero(floor: float) -> float:
    if not floor > 0:
        msg = f"`floor` must be above 0. Received: {floor!r}."
        raise ValueError(msg)
    return floor
