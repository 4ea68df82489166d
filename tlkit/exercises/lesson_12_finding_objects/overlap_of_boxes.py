"""Intersection over union, for batches of boxes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.detection import box_iou
from tlkit.exercises.lesson_12_finding_objects.box_draws import draw_boxes, overlaps, shaken
from tlkit.exercises.lesson_12_finding_objects.shown import SHIFTED
from tlkit.exercises.trials import draws, mixed

__all__ = ["IOU"]


def _slips(boxes: np.ndarray, others: np.ndarray) -> list[tuple[np.ndarray, str]]:
    a, b = boxes[:, None], others[None]
    gaps = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    common = np.clip(gaps, 0, None).prod(-1)
    first, second = (a[..., 2:] - a[..., :2]).prod(-1), (b[..., 2:] - b[..., :2]).prod(-1)
    whole = np.clip(gaps + 1, 0, None).prod(-1)
    union, small = first + second - common, "A union may be small, but not 0: divide by it all the same."
    uncut, apart = gaps.prod(-1), "Boxes that lie apart have no area in common: cut at 0."
    rest = first + second - uncut
    with_one = [(each[..., 2:] - each[..., :2] + 1).prod(-1) for each in (a, b)]
    with np.errstate(all="ignore"):
        return [
            (uncut / rest, apart),
            (np.where(rest > 0, uncut / rest, 0), apart),
            (common / (first + second), "The common area is in both areas: subtract it once from their sum."),
            (common / np.minimum(first, second), "Divide by the union, not by the smaller box."),
            (common / np.maximum(first, second), "Divide by the union, not by the larger box."),
            (common / (first + 0 * second), "Divide by the union, not by the first box."),
            (common / (0 * first + second), "Divide by the union, not by the second box."),
            (common / np.maximum(union, 1), small),
            (np.where(union > 1, common / union, 0), small),
            (common, "This is the common area: divide it by that of the union."),
            (
                2 * common / (first + second),
                "This is the Dice coefficient: twice the common area, divided by the sum of the areas.",
            ),
            (
                whole / (with_one[0] + with_one[1] - whole),
                "No pixel is added: right minus left is the width, since edges lie between pixels.",
            ),
        ]


def _expect(iou: Callable, boxes: np.ndarray, others: np.ndarray, why: str) -> None:
    truth, slips = overlaps(boxes, others), _slips(boxes, others)
    shape = truth.shape
    message = f"With {shape[0]} boxes and {shape[1]} others, return an array {shape}: one row for each box."
    received = numbers_of(iou(boxes.copy(), others.copy()), shape, message)
    holes = "0 divided by 0 is not a number: boxes without area have 0."
    require(not np.isnan(received).any(), holes)
    if close(received, truth, rtol=1e-4, atol=1e-7):
        return
    row, column = np.argwhere(~np.isclose(received, truth, rtol=1e-4, atol=1e-7))[0]
    told = next((text for value, text in slips if close(received, value, rtol=1e-5, atol=1e-7)), why)
    pair = f"{boxes[row].round(2).tolist()} and {others[column].round(2).tolist()}"
    require(False, f"{pair} have {truth[row, column]:.4g}, not {received[row, column]:.4g}. {told}")


def divides_the_common_area_by_the_union(iou):
    """It is the common area divided by the area of the union, for boxes that overlap."""
    for rng in draws(4):
        boxes = draw_boxes(rng, int(rng.integers(2, 6)))
        boxes[0] /= 48  # its area is below 1
        rows = rng.permutation([0, 1, *rng.integers(0, len(boxes), int(rng.integers(0, 5)))])
        _expect(iou, boxes, shaken(rng, boxes[rows], 0.3), "Look at the corners of the common part once more.")


def boxes_apart_have_nothing_in_common(iou):
    """Boxes that lie apart, in one direction or in both, have 0."""
    for rng in draws(4):
        box = draw_boxes(rng, 1, 40)
        step = 50 * rng.uniform(1, 2)
        moves = np.array(mixed([(step, 0), (0, step), (step, step), (1, 1)], rng), float)
        _expect(iou, box, box + np.tile(moves, 2), "A negative width times a negative height is no area.")


def touching_boxes_have_none(iou):
    """Boxes that share an edge or a corner only have 0, and boxes that are alike have 1."""
    for rng in draws(4):
        box = rng.integers(2, 40, (1, 2)).astype(float)
        sides = rng.integers(3, 30, (1, 2)).astype(float)
        boxes = np.hstack([box, box + sides])
        moves = np.array(mixed([(sides[0, 0], 0), (0, sides[0, 1]), tuple(sides[0]), (0, 0), (1, 0)], rng), float)
        _expect(iou, boxes, boxes + np.tile(moves, 2), "Where boxes only touch, the common part has no area.")


def boxes_without_area_have_none(iou):
    """A box without width or height has 0 with every box, also with itself."""
    for rng in draws(4):
        boxes = draw_boxes(rng, 4)
        flat = boxes.copy()
        flat[0, 2], flat[1, 3], flat[2, 2:] = flat[0, 0], flat[1, 1], flat[2, :2]
        order = rng.permutation(4)
        _expect(iou, flat[order], np.vstack([flat, boxes])[rng.permutation(8)], "Without area there is no overlap.")


def reconciles_the_shift(shift, prediction):
    """Your prediction is compared with the two boxes."""
    fine = isinstance(shift, float) and 0 < shift < 1
    require(fine, "`shift` must be the overlap of the two boxes, as computed.")
    return f"You predicted {prediction!r}. A quarter of a side off in both directions leaves {shift:.2f}."


IOU = Exercise(
    id="12.1",
    title="Intersection over union",
    points=2,
    prediction=one_of(*SHIFTED),
    given={"shift": lambda rng: float(rng.uniform(0.2, 0.8))},
    kit_has=(box_iou,),
    hints=(
        "The common part begins at the larger left and top, and ends at the smaller right and bottom.",
        "`boxes[:, None]` and `others[None]` let NumPy pair all with all; cut widths and heights at 0.",
        "`common / (area[:, None] + other_area[None] - common)`, and 0 where the union is 0.",
    ),
    properties=(
        divides_the_common_area_by_the_union,
        boxes_apart_have_nothing_in_common,
        touching_boxes_have_none,
        boxes_without_area_have_none,
        reconciles_the_shift,
    ),
)
