"""Boxes that no answer has seen: left, top, right, bottom in pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["draw_boxes", "overlap_of", "overlaps", "shaken"]


def draw_boxes(rng: np.random.Generator, number: int, side: float = 96) -> np.ndarray:
    """Boxes of many sizes anywhere in a square, `(number, 4)`, no two values alike."""
    sides = rng.uniform(0.1, 0.6, (number, 2)) * side
    corner = rng.uniform(0, side - sides)
    return np.hstack([corner, corner + sides])


def shaken(rng: np.random.Generator, boxes: np.ndarray, by: float = 0.08) -> np.ndarray:
    """The same boxes, each edge moved by a small share of the box's sides."""
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    return boxes + rng.uniform(-by, by, boxes.shape) * sides


def overlap_of(box: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes, in plain Python."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    common = max(width, 0) * max(height, 0)
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (box, other)]
    union = sum(areas) - common
    return common / union if union > 0 else 0.0


def overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """All of them, `(len(boxes), len(others))`."""
    found = [[overlap_of(box, other) for other in others.tolist()] for box in boxes.tolist()]
    return np.array(found, float).reshape(len(boxes), len(others))
