"""What kind of error each detection is: naming and finding told apart."""

from __future__ import annotations

import numpy as np

from tlkit.detection.boxes import box_iou
from tlkit.detection.precision import match_detections
from tlkit.detection.suppression import Detections

__all__ = ["KINDS", "error_kinds"]

KINDS = ("right", "double", "wrong class", "loose box", "background")
_NEAR = 0.1


def error_kinds(
    found: Detections, truths: np.ndarray, classes: np.ndarray, at_least: float = 0.5
) -> tuple[list[str], int]:
    """Return the kind of each detection of an image, and how many truths no right detection finds.

    A detection is, by the first of these that fits, with overlaps as intersection over union:

    - `"right"`: matched to a truth of its class;
    - `"double"`: it overlaps a truth of its class by `at_least` so much, and a higher score has taken it;
    - `"wrong class"`: it overlaps a truth of another class by `at_least` so much;
    - `"loose box"`: it overlaps a truth of its class by 0.1 or more, and less than `at_least`;
    - `"background"`: none of these.

    Args:
        found: The detections of one image.
        truths: `(m, 4)`: left, top, right, bottom in pixels.
        classes: `(m,)`: integers.
        at_least: In (0.1, 1].

    Returns:
        A list of `KINDS`, one for each detection, and the number of missed truths.

    Source: after [Hoiem et al. (2012)](https://doi.org/10.1007/978-3-642-33712-3_25) and
    [Bolya et al. (2020)](https://arxiv.org/abs/2008.08115).

    Example:
        >>> found = Detections(np.array([[0.0, 0, 4, 4]]), np.array([0.9]), np.array([1]))
        >>> error_kinds(found, np.array([[0.0, 0, 4, 4]]), np.array([0]))
        (['wrong class'], 1)
    """
    right = np.full(len(found.scores), False)
    for kind in np.unique(found.classes):
        own = found.classes == kind
        right[own] = match_detections(found.boxes[own], found.scores[own], truths[classes == kind], at_least) >= 0
    overlap = np.hstack([box_iou(found.boxes, truths), np.zeros((len(right), 1))])
    same = np.append(classes, -1)[None] == np.asarray(found.classes)[:, None]
    in_class, of_others = np.where(same, overlap, 0).max(axis=1), np.where(same, 0, overlap).max(axis=1)
    tests = (right, in_class >= at_least, of_others >= at_least, in_class >= _NEAR)
    return np.select(tests, KINDS[:4], KINDS[4]).tolist(), len(truths) - int(right.sum())
