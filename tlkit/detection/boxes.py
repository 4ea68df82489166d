"""Boxes as left, top, right, bottom in pixels, and how much of two boxes is common."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["as_boxes", "box_iou"]


def as_boxes(boxes: ArrayLike, name: str = "boxes") -> np.ndarray:
    """Return boxes as `(n, 4)`, `float64`.

    Raises:
        ValueError: If they have another shape, are not finite, or end before they begin.
    """
    values = np.asarray(boxes, float)
    values = values.reshape(0, 4) if values.size == 0 else values
    if values.ndim != 2 or values.shape[1] != 4 or not np.isfinite(values).all():
        msg = f"`{name}` must be finite and of shape (n, 4): left, top, right, bottom. Received shape {values.shape}."
        raise ValueError(msg)
    if (values[:, 2:] < values[:, :2]).any():
        wrong = values[(values[:, 2:] < values[:, :2]).any(axis=1)][0].tolist()
        msg = f"`{name}` must hold left, top, right, bottom, not widths and heights. Received a box that is {wrong}."
        raise ValueError(msg)
    return values


def box_iou(boxes: ArrayLike, others: ArrayLike) -> np.ndarray:
    """Return the intersection over union of each box with each other one.

    Args:
        boxes: `(n, 4)`: left, top, right, bottom, in any unit.
        others: `(m, 4)`, in the same unit.

    Returns:
        `(n, m)`, `float64` in [0, 1]. Boxes that only touch, and those without area, have 0 with every box.

    Raises:
        ValueError: If boxes are not finite, of another shape, or end before they begin.

    Source: [Jaccard (1901)](https://doi.org/10.5169/seals-266450), for boxes by
    [Everingham et al. (2010)](https://doi.org/10.1007/s11263-009-0275-4).

    Example:
        >>> box_iou([[0, 0, 4, 4]], [[2, 0, 6, 4], [4, 0, 8, 4]]).round(2).tolist()
        [[0.33, 0.0]]
    """
    first, second = as_boxes(boxes)[:, None], as_boxes(others, "others")[None]
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    common = np.clip(sides, 0, None).prod(axis=-1)
    union = (first[..., 2:] - first[..., :2]).prod(axis=-1) + (second[..., 2:] - second[..., :2]).prod(axis=-1) - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)
