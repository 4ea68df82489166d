"""Reads a table and its labels, and refuses what no score can be computed from."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["read_labelled"]


def read_labelled(table: ArrayLike, labels: ArrayLike, name: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Return a table as float64, labels as 0, 1, ..., and the number of classes that occur.

    Args:
        table: `(num_images, num_columns)`, finite numbers.
        labels: `(num_images,)`, any values that can be sorted; at least two different ones.
        name: What the caller calls the table.

    Returns:
        `(num_images, num_columns)` float64, `(num_images,)` integers in [0, num_classes), and `num_classes`.

    Raises:
        ValueError: If the shapes do not fit, a number is not finite, or there is a single class.
    """
    values, kinds = np.asarray(table, float), np.asarray(labels)
    if values.ndim != 2 or kinds.shape != (len(values),):
        msg = (
            f"`{name}` must be (num_images, num_columns), `labels` (num_images,). Received shapes {values.shape} and "
            f"{kinds.shape}. Average a feature map over its positions: `features.mean(axis=(1, 2))`."
        )
        raise ValueError(msg)
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        msg = f"`{name}` must hold finite numbers. Received {bad} that are not. Did the network overflow?"
        raise ValueError(msg)
    names, numbers = np.unique(kinds, return_inverse=True)
    if len(names) < 2:
        msg = f"`labels` must name at least 2 classes. Received {names.tolist()}. Draw images of each class."
        raise ValueError(msg)
    return values, numbers, len(names)
