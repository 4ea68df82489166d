"""The mean of the weights of several networks: one network at the price of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["average_weights"]


def average_weights(models: Sequence[Any]) -> list[np.ndarray]:
    """Return the mean of each weight over models of one architecture, a *uniform soup*.

    This makes sense for models that were tuned from one start. Networks that learned from different starts have their
    units in another order, and the mean of two unlike units is neither of them.

    Args:
        models: Keras models, or anything with `get_weights()`; at least one. They stay as they are.

    Returns:
        Arrays for `set_weights` of a model of the same architecture, in the order and types of `get_weights()`.

    Raises:
        ValueError: If there is no model, or the shapes of the weights differ.

    Reference:
        Wortsman et al. (2022), [Model soups](https://arxiv.org/abs/2203.05482).

    Example:
    >>> class Line:
    ...     def __init__(self, slope):
    ...         self.slope = slope
    ...     def get_weights(self):
    ...         return [np.array([self.slope])]
    >>> average_weights([Line(1.0), Line(4.0)])
    [array([2.5])]
    """
    weights = [model.get_weights() for model in models]
    shapes = {tuple(np.shape(each) for each in one) for one in weights}
    if len(shapes) != 1:
        msg = (
            f"`models` must be at least one model, all of one architecture. Received {len(weights)} models with "
            f"{len(shapes)} different lists of shapes."
        )
        raise ValueError(msg)
    return [np.mean(same, axis=0, dtype=np.float64).astype(same[0].dtype) for same in zip(*weights, strict=True)]
