"""Chances of classes, checked once for all functions that take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["as_chances", "as_classes"]


def as_chances(values: ArrayLike, num_axes: int, name: str = "probabilities") -> np.ndarray:
    """Return probabilities as float64; raise `ValueError` unless their last axis sums to 1.

    Args:
        values: `(..., num_classes)`, at least 0.
        num_axes: How many axes it must have.
        name: Its name in the message.
    """
    chances = np.asarray(values, float)
    if chances.ndim != num_axes or 0 in chances.shape:
        msg = f"`{name}` must have {num_axes} axes, none of them empty. Received shape {chances.shape}."
        raise ValueError(msg)
    sums = chances.sum(axis=-1)
    if not (chances >= 0).all() or not np.allclose(sums, 1, atol=1e-4):
        msg = (
            f"`{name}` must be at least 0 and sum to 1 over the classes. Received values in [{chances.min():.3g}, "
            f"{chances.max():.3g}] and sums in [{sums.min():.3g}, {sums.max():.3g}]."
        )
        raise ValueError(msg)
    return chances


def as_classes(labels: ArrayLike, num_images: int, num_classes: int) -> np.ndarray:
    """Return labels as integers; raise `ValueError` unless they are columns of the chances, one for each image."""
    classes = np.asarray(labels)
    fine = classes.shape == (num_images,) and classes.dtype.kind in "iu"
    if not fine or classes.min() < 0 or classes.max() >= num_classes:
        msg = (
            f"`labels` must be {num_images} integers from 0 to {num_classes - 1}, the columns of the probabilities. "
            f"Received {classes.dtype} of shape {classes.shape}."
        )
        raise ValueError(msg)
    return classes
