"""Average precision by the definition of COCO: matching, precision and recall, and the mean over 101 recalls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlkit.detection.boxes import as_boxes, box_iou
from tlkit.detection.suppression import Detections

__all__ = ["average_precision", "match_detections", "mean_average_precision", "precision_recall", "share_named"]

RECALLS = np.linspace(0, 1, 101)
_AT_MOST = 100  # detections of an image and a class, as COCO counts


def match_detections(boxes: np.ndarray, scores: np.ndarray, truths: np.ndarray, at_least: float = 0.5) -> np.ndarray:
    """Return which truth each detection of an image and a class finds.

    From the highest score to the lowest (of equal scores the earlier row first), each detection takes the truth that it
    overlaps most among those not yet taken, if their intersection over union is `at_least` so much.

    Args:
        boxes: `(n, 4)`: left, top, right, bottom in pixels.
        scores: `(n,)`.
        truths: `(m, 4)`.
        at_least: In (0, 1].

    Returns:
        `(n,)`, integers: the row of the truth, or -1.

    Raises:
        ValueError: If boxes and scores differ in number, or boxes end before they begin.

    Source: `COCOeval.evaluateImg` of [pycocotools](https://github.com/cocodataset/cocoapi), without crowds. Of truths
    with the same overlap the last is taken, as there.

    Example:
        >>> boxes = np.array([[0, 0, 4, 4], [0, 0, 4, 3]])
        >>> match_detections(boxes, np.array([0.3, 0.9]), boxes[:1]).tolist()
        [-1, 0]
    """
    if len(as_boxes(boxes)) != len(scores):
        msg = f"There must be a score for each box. Received {len(boxes)} boxes and {len(scores)} scores."
        raise ValueError(msg)
    overlap = box_iou(boxes, truths)
    found = np.full(len(scores), -1)
    for row in np.argsort(-np.asarray(scores), kind="stable") if overlap.size else ():
        best = overlap.shape[1] - 1 - int(overlap[row, ::-1].argmax())
        if overlap[row, best] >= min(at_least, 1 - 1e-10):
            found[row] = best
            overlap[:, best] = -1
    return found


def precision_recall(hits: np.ndarray, scores: np.ndarray, num_truths: int) -> tuple[np.ndarray, np.ndarray]:
    """Return precision and recall after each detection, from the highest score to the lowest.

    Args:
        hits: `(n,)`: whether each detection finds a truth.
        scores: `(n,)`.
        num_truths: How many there are to be found, at least 1.

    Returns:
        Two arrays `(n,)`, `float64` in [0, 1].

    Raises:
        ValueError: If there is no truth.
    """
    if num_truths < 1:
        msg = f"`num_truths` must be at least 1: without truths there is no recall. Received: {num_truths}."
        raise ValueError(msg)
    right = np.cumsum(np.asarray(hits, bool)[np.argsort(-np.asarray(scores), kind="stable")])
    return right / np.arange(1, len(right) + 1), right / num_truths


def average_precision(hits: np.ndarray, scores: np.ndarray, num_truths: int) -> float:
    """Return the mean of the best precisions that can be had at the recalls 0, 0.01, ..., 1 or more.

    Args:
        hits: `(n,)`: whether each detection finds a truth.
        scores: `(n,)`.
        num_truths: How many there are to be found.

    Returns:
        In [0, 1]; a recall that is never reached counts as precision 0. NaN if there is no truth.

    Source: `COCOeval.accumulate` of [pycocotools](https://github.com/cocodataset/cocoapi).

    Example:
        >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]), 2).__round__(4)
        0.835
    """
    if num_truths == 0:
        return float("nan")
    precision, recall = precision_recall(hits, scores, num_truths)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(best[np.searchsorted(recall, RECALLS, side="left")].mean())


def mean_average_precision(
    found: Sequence[Detections], boxes: np.ndarray, classes: np.ndarray, at_least: float | Sequence[float] = 0.5
) -> float:
    """Return the average precision of detections in many images, the mean over classes and over thresholds.

    Args:
        found: The detections of each image.
        boxes: `(num_images, most, 4)`: the truths.
        classes: `(num_images, most)`: integers, -1 where there is no box.
        at_least: The intersection over union from which a truth counts as found, one or several.

    Returns:
        In [0, 1]. Classes without a truth are left out; NaN if there is no truth at all.

    Raises:
        ValueError: If there are not as many images in all.
    """
    if not len(found) == len(boxes) == len(classes):
        msg = f"All must tell of the same images. Received: {len(found)}, {len(boxes)} and {len(classes)} of them."
        raise ValueError(msg)
    kinds, thresholds = np.unique(classes[classes >= 0]), np.atleast_1d(at_least)
    each = [_precision_of(found, boxes, classes, kind, threshold) for kind in kinds for threshold in thresholds]
    return float(np.mean(each)) if each else float("nan")


def _precision_of(
    found: Sequence[Detections], boxes: np.ndarray, classes: np.ndarray, kind: int, at_least: float
) -> float:
    hits, scores = [np.empty(0, bool)], [np.empty(0)]
    for said, truths, own in zip(found, boxes, classes, strict=True):
        mine = said.take(said.classes == kind)
        mine = mine.take(np.argsort(-mine.scores, kind="stable")[:_AT_MOST])
        hits.append(match_detections(mine.boxes, mine.scores, truths[own == kind], at_least) >= 0)
        scores.append(mine.scores)
    return average_precision(np.concatenate(hits), np.concatenate(scores), int((classes == kind).sum()))


def share_named(found: Sequence[Detections], boxes: np.ndarray, classes: np.ndarray, at_least: float = 0.5) -> float:
    """Return the share of found truths that have the right name: naming alone, in [0, 1].

    A truth is found by a detection that overlaps it, whatever the names; the arguments are those of
    `mean_average_precision`. NaN if nothing is found.
    """
    right: list[bool] = []
    for said, truths, own in zip(found, boxes, classes, strict=True):
        rows = match_detections(said.boxes, said.scores, truths[own >= 0], at_least)
        right += (said.classes[rows >= 0] == own[own >= 0][rows[rows >= 0]]).tolist()
    return float(np.mean(right)) if right else float("nan")
