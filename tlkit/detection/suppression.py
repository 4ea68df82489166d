"""Detections, and keeping one of those that lie on one object."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tlkit.detection.boxes import as_boxes, box_iou

__all__ = ["Detections", "suppress", "without_names"]


class Detections(NamedTuple):
    """What a detector says of one image.

    Attributes:
        boxes: `(n, 4)`: left, top, right, bottom in pixels.
        scores: `(n,)`, in [0, 1].
        classes: `(n,)`, integers.
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray

    def take(self, rows: ArrayLike) -> Detections:
        """Return some of them, by their numbers or by a mask."""
        rows = np.asarray(rows)
        rows = rows if rows.dtype == bool else rows.astype(int)
        return Detections(self.boxes[rows], self.scores[rows], self.classes[rows])


def suppress(found: Detections, overlap: float = 0.5) -> np.ndarray:
    """Return the rows of detections that non-maximum suppression keeps, the highest score first.

    From the highest score to the lowest (of equal scores the earlier row first), a detection is kept unless its
    intersection over union with a kept one of its class is above `overlap`.

    Args:
        found: The detections of one image.
        overlap: In [0, 1].

    Returns:
        `(num_kept,)`, integers.

    Raises:
        ValueError: If the lengths differ, or `overlap` is out of its range.

    Source: [Felzenszwalb et al. (2010)](https://doi.org/10.1109/TPAMI.2009.167).

    Example:
        >>> boxes = np.array([[0, 0, 4, 4], [0, 0, 4, 5], [8, 8, 9, 9]])
        >>> suppress(Detections(boxes, np.array([0.5, 0.9, 0.2]), np.array([0, 0, 0]))).tolist()
        [1, 2]
    """
    boxes, scores, classes = as_boxes(found.boxes), np.asarray(found.scores), np.asarray(found.classes)
    if not len(boxes) == len(scores) == len(classes) or not 0 <= overlap <= 1:
        msg = (
            "There must be a score and a class for each box, and `overlap` must lie in [0, 1]. "
            f"Received {len(boxes)} boxes, {len(scores)} scores, {len(classes)} classes and {overlap}."
        )
        raise ValueError(msg)
    alike = (box_iou(boxes, boxes) > overlap) & (classes[:, None] == classes[None])
    kept: list[int] = []
    for row in np.argsort(-scores, kind="stable"):
        if not alike[row, kept].any():
            kept.append(int(row))
    return np.array(kept, int)


def without_names(found: Detections) -> Detections:
    """Return the same detections as if there were one class, 0: what finding alone is judged by."""
    return found._replace(classes=np.zeros(len(found.scores), int))
