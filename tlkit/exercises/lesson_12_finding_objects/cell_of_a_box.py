"""Which cell of the map is responsible for a box, and what it should say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.detection import draw_targets
from tlkit.exercises.lesson_12_finding_objects.box_draws import draw_boxes
from tlkit.exercises.lesson_12_finding_objects.shown import LEVELS
from tlkit.exercises.trials import draws, mixed

__all__ = ["CELLS"]

PARTS = ("row", "column", "x", "y", "log width", "log height")


def _truth(boxes: np.ndarray, stride: int) -> np.ndarray:
    found = []
    for left, top, right, bottom in boxes.tolist():
        x, y = (left + right) / 2 / stride, (top + bottom) / 2 / stride
        row, column = int(y // 1), int(x // 1)
        sizes = np.log((right - left) / 32), np.log((bottom - top) / 32)
        found.append([row, column, x - column - 0.5, y - row - 0.5, *sizes])
    return np.array(found, float)


def _why(part: int, box: np.ndarray, stride: int, received: np.ndarray, truth: np.ndarray) -> str:
    """What is misunderstood in one of the six numbers."""
    x, y = box[[0, 2]].mean(), box[[1, 3]].mean()
    width, height = box[2] - box[0], box[3] - box[1]
    value, next_one = received[part], "A centre on the edge between two cells lies in the right or lower one."
    slips = {
        0: [
            (truth[1], "Rows go down: the row comes from the y of the centre, the column from its x."),
            *[(y / stride - 1, next_one)] * bool(y % stride == 0),
            (box[1] // stride, "The cell is that of the *centre*, not of the corner."),
            (round(y / stride), "A cell begins at its upper left edge: round down."),
            (y / stride, "A row is a whole number: round down."),
            (y // 1, "Pixels are counted in cells of `stride` pixels."),
        ],
        1: [
            (truth[0], "Rows go down: the row comes from the y of the centre, the column from its x."),
            *[(x / stride - 1, next_one)] * bool(x % stride == 0),
            (box[0] // stride, "The cell is that of the *centre*, not of the corner."),
            (round(x / stride), "A cell begins at its left edge: round down."),
            (x / stride, "A column is a whole number: round down."),
            (x // 1, "Pixels are counted in cells of `stride` pixels."),
        ],
        2: [
            (truth[2] + 0.5, "It is counted from the *middle* of the cell, which lies half a cell to the right."),
            (truth[3], "x comes first: it says how far to the right, and y how far down."),
            (truth[2] * stride, "The place is counted in cells, not in pixels."),
            (-truth[2], "The place is that of the centre, seen from the middle of the cell, not the other way round."),
        ],
        3: [
            (truth[3] + 0.5, "It is counted from the *middle* of the cell, which lies half a cell lower."),
            (truth[3] * stride, "The place is counted in cells, not in pixels."),
            (-truth[3], "The place is that of the centre, seen from the middle of the cell, not the other way round."),
        ],
        4: [
            (np.log(width), "Sizes are counted in units of 32 pixels."),
            (width / 32, "The logarithm is missing."),
            (np.log(width / stride), "Sizes are counted in units of 32 pixels, whatever the stride."),
            (np.log2(width / 32), "The natural logarithm is asked for."),
            (np.log(height / 32), "The width comes first."),
        ],
        5: [
            (np.log(height), "Sizes are counted in units of 32 pixels."),
            (height / 32, "The logarithm is missing."),
            (np.log(height / stride), "Sizes are counted in units of 32 pixels, whatever the stride."),
            (np.log2(height / 32), "The natural logarithm is asked for."),
        ],
    }
    return next((text for slip, text in slips[part] if close(value, slip, rtol=1e-4, atol=1e-5)), "")


def _expect(cells: Callable, boxes: np.ndarray, stride: int, why: str) -> None:
    truth = _truth(boxes, stride)
    message = f"For {len(boxes)} boxes, return an array ({len(boxes)}, 6): {', '.join(PARTS)}."
    received = numbers_of(cells(boxes.copy(), stride), truth.shape, message)
    wrong = np.argwhere(~np.isclose(received, truth, rtol=1e-4, atol=1e-5))
    if not len(wrong):
        return
    row, part = wrong[0]
    told = _why(int(part), boxes[row], stride, received[row], truth[row]) or why
    box = boxes[row].round(2).tolist()
    what = f"{PARTS[part]!r} of the box {box} with a stride of {stride}"
    require(False, f"{what} is {truth[row, part]:.4g}, not {received[row, part]:.4g}. {told}")


def the_cell_holds_the_centre(cells):
    """Row and column are those of the cell that holds the centre of the box."""
    for rng in draws(4):
        for stride in mixed([8, 16, 4], rng):
            _expect(cells, draw_boxes(rng, int(rng.integers(2, 6))), stride, "A cell is `stride` pixels wide and high.")


def a_centre_on_an_edge_is_in_the_next_cell(cells):
    """A centre on the edge between two cells belongs to the right or lower one: half a cell before its middle."""
    for rng in draws(4):
        stride = int(rng.choice([8, 16]))
        centre = stride * rng.integers(2, 5, (3, 2)).astype(float)
        centre[0, 0] += rng.uniform(1, stride - 1)
        half = rng.integers(2, 12, (3, 2)).astype(float)
        boxes = np.hstack([centre - half, centre + half])
        _expect(cells, boxes, stride, "A cell begins at its own edge: round down.")


def sizes_are_logarithms(cells):
    """A box of 32 pixels has the logarithm 0; twice and half as large a one lie as far above as below it."""
    for rng in draws(4):
        stride, centre = int(rng.choice([4, 8, 16])), rng.uniform(40, 56, (3, 2))
        half = 16 * np.array(mixed([1.0, 2.0, 0.5], rng))[:, None] * np.array([1, rng.uniform(0.5, 0.9)])
        _expect(cells, np.hstack([centre - half, centre + half]), stride, "`log(width / 32)` and `log(height / 32)`.")


def reconciles_the_level(by_level, prediction):
    """Your prediction is compared with your own detectors."""
    fine = isinstance(by_level, dict) and set(by_level) == set(LEVELS)
    require(fine, f"`by_level` must hold the average precision of {', '.join(LEVELS)}, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.3f}" for name, values in by_level.items())
    return f"You predicted {prediction!r}. Average precision in your runs: {told}."


CELLS = Exercise(
    id="12.2",
    title="From boxes to cells",
    points=2,
    prediction=one_of(*LEVELS),
    given={"by_level": lambda rng: {name: rng.uniform(0.1, 0.5, 3) for name in LEVELS}},
    kit_has=(draw_targets,),
    hints=(
        "The centre is `(boxes[:, :2] + boxes[:, 2:]) / 2`: x first, then y. Divide it by the stride.",
        "The whole part says the cell (y the row, x the column); the rest, minus 0.5, says where in it.",
        "`np.column_stack([row, column, x - column - 0.5, y - row - 0.5, np.log(width / 32), np.log(height / 32)])`.",
    ),
    properties=(
        the_cell_holds_the_centre,
        a_centre_on_an_edge_is_in_the_next_cell,
        sizes_are_logarithms,
        reconciles_the_level,
    ),
)
