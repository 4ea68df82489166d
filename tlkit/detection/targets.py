"""From boxes to what a network learns on its map, and from its map back to boxes."""

from __future__ import annotations

import numpy as np

from tlkit.detection.suppression import Detections, suppress, without_names

__all__ = ["decode_map", "draw_targets", "mirrored"]

_SPREAD = 0.7  # of the heat round a centre, in cells
SIDE = 32.0  # pixels: a box of this side has the logarithm 0
LOG_SIDES = (-4.0, 2.0)  # so small and so large a box may be


def draw_targets(boxes: np.ndarray, classes: np.ndarray, *, side: int, stride: int, num_classes: int) -> np.ndarray:
    """Return what a map of `side` x `side` cells should say of scenes.

    The cell in which the centre of a box lies has the heat 1 in the channel of its class; around it the heat falls off
    as a bell curve. In that cell stand also the place of the centre, and the logarithms of width and height. The four
    cells beside it tell the same box from where they are, with half the weight, unless a centre is nearer to them.

    Args:
        boxes: `(num_scenes, most, 4)`: left, top, right, bottom in pixels.
        classes: `(num_scenes, most)`: integers, -1 where there is no box.
        side: Cells in a row and in a column.
        stride: Pixels of a side of a cell.
        num_classes: Number of channels for heat.

    Returns:
        `(num_scenes, side, side, num_classes + 5)`, `float32`: heat in [0, 1]; how far the centre lies right of and
        below the middle of the cell, in cells; `log(width / 32)` and `log(height / 32)`; and the weight of the box: 1
        where a centre lies, 0.5 beside it, else 0.

    Raises:
        ValueError: If a class is not below `num_classes`.

    Source: [Zhou et al. (2019)](https://arxiv.org/abs/1904.07850), CenterNet, with one width of heat; the cells beside
    a centre as in [FCOS](https://arxiv.org/abs/1904.01355).
    """
    if classes.max(initial=-1) >= num_classes:
        msg = f"`classes` must be below `num_classes`, {num_classes}. Received: {classes.max()}."
        raise ValueError(msg)
    targets = np.zeros((len(boxes), side, side, num_classes + 5), np.float32)
    middle = np.arange(side) + 0.5
    for target, own_boxes, own_classes in zip(targets, boxes, classes, strict=True):
        for (left, top, right, bottom), kind in zip(own_boxes, own_classes, strict=True):
            if kind < 0:
                continue
            x, y = (left + right) / 2 / stride, (top + bottom) / 2 / stride
            row, column = min(int(y), side - 1), min(int(x), side - 1)
            distance = (middle[None] - middle[column]) ** 2 + (middle[:, None] - middle[row]) ** 2
            target[..., kind] = np.maximum(target[..., kind], np.exp(-distance / (2 * _SPREAD**2)))
            size = np.log((right - left) / SIDE), np.log((bottom - top) / SIDE)
            for at in np.argwhere(distance <= 1):
                weight = 0.5 + 0.5 * (distance[tuple(at)] == 0)
                told = target[tuple(at)][num_classes:]
                if weight > told[-1]:
                    told[:] = x - middle[at[1]], y - middle[at[0]], *size, weight
    return targets


def decode_map(
    said: np.ndarray, stride: int, *, least: float = 0.02, overlap: float | None = 0.5, at_most: int = 20
) -> Detections:
    """Return the detections on the map of one image.

    Each cell speaks for the class of its highest heat: its score is the logistic function of that.

    Args:
        said: `(side, side, num_classes + 4)`: heat before the logistic function, place and size, as `draw_targets`
            writes them.
        stride: Pixels of a side of a cell.
        least: Cells of a lower score are silent.
        overlap: For `suppress`, which sees all names as one: a cell names one class. `None` keeps all.
        at_most: So many of the highest scores are kept.
    """
    num_classes, side = said.shape[-1] - 4, said.shape[0]
    heat = said[..., :num_classes].reshape(-1, num_classes)
    scores, classes = 1 / (1 + np.exp(-heat.max(axis=1))), heat.argmax(axis=1)
    column, row = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    where = said[..., num_classes:].reshape(-1, 4)
    centre = (np.column_stack([column.ravel(), row.ravel()]) + where[:, :2]) * stride
    half = SIDE / 2 * np.exp(np.clip(where[:, 2:], *LOG_SIDES))
    found = Detections(np.hstack([centre - half, centre + half]).astype(float), scores, classes)
    found = found.take(np.argsort(-scores, kind="stable")[: 4 * at_most])
    found = found.take(found.scores >= least)
    if overlap is not None:
        found = found.take(suppress(without_names(found), overlap))
    return found.take(np.arange(min(at_most, len(found.scores))))


def mirrored(images: np.ndarray, boxes: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scenes followed by their mirror images: twice the data at no cost of labels.

    Args:
        images: `(num_scenes, height, width, 3)`.
        boxes: `(num_scenes, most, 4)`, in pixels.
        classes: `(num_scenes, most)`, -1 where there is no box: its zeros stay.
    """
    turned = boxes.copy()
    turned[..., 0], turned[..., 2] = images.shape[2] - boxes[..., 2], images.shape[2] - boxes[..., 0]
    turned[classes < 0] = 0
    return np.concatenate([images, images[:, :, ::-1]]), np.concatenate([boxes, turned]), np.tile(classes, (2, 1))
