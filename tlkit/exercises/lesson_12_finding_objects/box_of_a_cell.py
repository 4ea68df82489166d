"""From what a cell says back to a box."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, numbers_of
from tlkit.detection import decode_map
from tlkit.exercises.trials import draws, mixed

__all__ = ["DECODE"]


def _draw(rng: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells `(number, 2)`, and what they say, `(number, 4)`: also places outside the own cell."""
    cells = rng.integers(0, 12, (number, 2))
    cells[0] = rng.choice(12, 2, replace=False)
    return cells, np.hstack([rng.uniform(-1.4, 1.4, (number, 2)), rng.uniform(-1.5, 0.8, (number, 2))])


def _truth(cells: np.ndarray, said: np.ndarray, stride: int) -> np.ndarray:
    found = []
    for (row, column), (x, y, width, height) in zip(cells.tolist(), said.tolist(), strict=True):
        centre = stride * (column + 0.5 + x), stride * (row + 0.5 + y)
        half = 16 * np.exp(width), 16 * np.exp(height)
        found.append([centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]])
    return np.array(found)


def _slips(cells: np.ndarray, said: np.ndarray, stride: int) -> list[tuple[np.ndarray, str]]:
    truth = _truth(cells, said, stride)
    centre, sides = (truth[:, :2] + truth[:, 2:]) / 2, truth[:, 2:] - truth[:, :2]
    plain = np.hstack([centre - said[:, 2:] / 2, centre + said[:, 2:] / 2])
    units = np.hstack([centre - np.exp(said[:, 2:]) / 2, centre + np.exp(said[:, 2:]) / 2])
    strides = np.hstack([centre - stride * np.exp(said[:, 2:]) / 2, centre + stride * np.exp(said[:, 2:]) / 2])
    pixels = truth - np.tile(said[:, :2] * (stride - 1), 2)
    return [
        (_truth(cells[:, ::-1], said, stride), "A cell is told as row, column: the row gives y, the column gives x."),
        (truth - stride / 2, "Places are counted from the middle of the cell: add half a cell."),
        (np.hstack([centre - sides, centre + sides]), "Half the width lies on each side of the centre."),
        (np.hstack([centre, centre + sides]), "The cell tells the centre: the box begins half a width before it."),
        (np.hstack([centre, sides]), "Left, top, right, bottom are asked for, not a centre and sizes."),
        (np.hstack([centre - sides / 2, sides]), "Right and bottom are asked for, not width and height."),
        (plain, "Sizes are logarithms: take `np.exp` of them."),
        (units, "A size of 0 stands for 32 pixels: multiply by 32."),
        (strides, "Sizes are counted in units of 32 pixels, whatever the stride."),
        (truth / stride, "Pixels are asked for, not cells."),
        (_truth(cells, said[:, [1, 0, 2, 3]], stride), "Of the four numbers, x comes first, then y."),
        (_truth(cells, said[:, [0, 1, 3, 2]], stride), "Of the four numbers, the log width is the third."),
        (np.maximum(truth, 0), "A box may reach over the edge of the image: nothing is cut off."),
        (pixels, "The place is counted in cells, too: multiply it by the stride."),
    ]


def _expect(boxes: Callable, case: tuple[np.ndarray, np.ndarray, int], why: str) -> None:
    cells, said, stride = case
    truth, slips = _truth(*case), _slips(*case)
    message = f"For {len(cells)} cells, return an array ({len(cells)}, 4): left, top, right, bottom."
    received = numbers_of(boxes(cells.copy(), said.copy(), stride), truth.shape, message)
    if close(received, truth, rtol=1e-4, atol=1e-3):
        return
    told = next((text for value, text in slips if close(received, value, rtol=1e-4, atol=1e-3)), why)
    row = int(np.argmax(abs(received - truth).max(axis=1)))
    what = f"The cell {cells[row].tolist()} that says {said[row].round(2).tolist()}, with a stride of {stride}"
    require(False, f"{what}, means {truth[row].round(1).tolist()}, not {received[row].round(1).tolist()}. {told}")


def the_centre_lies_where_the_cell_says(boxes):
    """The centre lies as far from the middle of the cell as the cell says."""
    for rng in draws(4):
        cells, said = _draw(rng, int(rng.integers(2, 7)))
        said[:, 2:] = 0
        _expect(
            boxes, (cells, said, int(rng.choice([4, 8, 16]))), "The middle of a cell is at `index + 0.5`, in cells."
        )


def width_and_height_are_exponentials(boxes):
    """Width and height are 32 pixels times the exponential of what the cell says."""
    for rng in draws(4):
        cells, said = _draw(rng, int(rng.integers(2, 7)))
        said[:, :2] = 0
        _expect(boxes, (cells, said, int(rng.choice([4, 8, 16]))), "`32 * np.exp(...)`, half of it on each side.")


def any_stride(boxes):
    """It holds for maps of every stride, and for one cell as for many."""
    for rng in draws(2):
        for stride in mixed([4, 8, 16, 32], rng):
            _expect(boxes, (*_draw(rng, int(rng.choice([1, 9]))), stride), "The stride scales places, and not sizes.")


DECODE = Exercise(
    id="12.3",
    title="From cells to boxes",
    points=2,
    kit_has=(decode_map,),
    hints=(
        "Undo exercise 12.2 step by step, from its last step to its first.",
        "The centre is `stride * (column + 0.5 + x)` and `stride * (row + 0.5 + y)`; the width is `32 * np.exp(...)`.",
        "`np.hstack([centre - sides / 2, centre + sides / 2])`, with `cells[:, ::-1]` to have x first.",
    ),
    properties=(the_centre_lies_where_the_cell_says, width_and_height_are_exponentials, any_stride),
)
