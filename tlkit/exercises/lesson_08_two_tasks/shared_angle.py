"""The cosine of the angle between two tasks' gradients, over all weights that they share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_08_two_tasks.shown import ANGLES
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["COSINE"]

Gradients = list[np.ndarray]
ADDED = "A small number in the denominator falsifies the cosine of small gradients: ask whether a length is 0."


def _draw(rng: np.random.Generator, turn: float) -> tuple[Gradients, Gradients]:
    """Gradients of two losses by some arrays of weights of different shapes and sizes; `turn` is about their cosine."""
    size, width = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    shapes = mixed([(size, width), (width,), (width, int(rng.integers(2, 5))), (2, 2, width)], rng)
    scales = float(rng.choice([1e-4, 1.0])) * np.array(mixed([0.1, 1.0, 3.0, 0.5], rng))
    a = [scale * (rng.normal(size=shape) + 0.4) for scale, shape in zip(scales, shapes, strict=True)]
    a[int(rng.integers(4))][..., 0] = 0.0  # a unit that has learned all it can
    b = [float(rng.uniform(0.2, 5)) * (turn * each + scale * (1 - abs(turn)) * rng.normal(size=each.shape))
         for each, scale in zip(a, scales, strict=True)]  # fmt: skip
    return a, b


def _flat(gradients: Gradients) -> np.ndarray:
    return np.concatenate([each.ravel() for each in gradients])


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def _slips(a: Gradients, b: Gradients) -> list[tuple[float, str]]:
    x, y = _flat(a), _flat(b)
    cosine = _cosine(x, y)
    each = [_cosine(p.ravel(), q.ravel()) for p, q in zip(a, b, strict=True)]
    return [
        (float(np.mean(each)), "The arrays are parts of one long vector: a small array must not count as a large one."),
        (each[0], "All arrays count, not only the first."),
        (float(x @ y), "Divide by both lengths: the cosine does not depend on the size of a loss."),
        (float(x @ y / (x @ x)), "Divide by the lengths of both gradients, not twice by that of one."),
        (float(np.corrcoef(x, y)[0, 1]), "A correlation takes the means away first; a cosine does not."),
        (float(np.arccos(np.clip(cosine, -1, 1))), "The cosine is asked for, not the angle."),
        (1 - cosine, "The cosine is asked for, not the distance, which is 1 minus the cosine."),
        (abs(cosine), "The sign says whether the two agree."),
        *((value, ADDED) for value in _with_a_small_number(x, y)),
    ]


def _with_a_small_number(x: np.ndarray, y: np.ndarray) -> list[float]:
    """The cosines of those who add a small number to the denominator, or let it be no smaller than that."""
    first, second = float(np.linalg.norm(x)), float(np.linalg.norm(y))
    product = first * second
    small = [10.0**-power for power in range(4, 17)]
    ways = [(product + each, (first + each) * (second + each), max(product, each)) for each in small]
    return [float(x @ y) / denominator for way in ways for denominator in way]


def _expect(cosine: Callable, a: Gradients, b: Gradients, why: str) -> None:
    truth = _cosine(_flat(a), _flat(b))
    received = one_number(cosine([x.copy() for x in a], [x.copy() for x in b]), "the cosine")
    fine = close(received, truth, rtol=1e-4, atol=1e-6)
    require(fine, f"The cosine is {truth:.5f}. Received: {received:.5f}. {slip(received, _slips(a, b), why)}")


def all_weights_are_one_vector(cosine):
    """All arrays together are one long vector."""
    for rng in draws(2):
        for turn in mixed([0.6, -0.5, 0.1], rng):
            why = "The sum of all products, divided by the root of both sums of squares."
            _expect(cosine, *_draw(rng, turn), why)


def size_does_not_count(cosine):
    """A loss in another unit has the same angle."""
    for rng in draws(3):
        a, b = _draw(rng, float(rng.choice([-0.5, 0.5])))
        factor = float(rng.uniform(20, 90))
        _expect(cosine, a, [factor * each for each in b], "One loss was multiplied by a number, which turns nothing.")


def opposite_gradients_have_minus_one(cosine):
    """Gradients in one direction have 1, opposite ones have -1."""
    for rng in draws(3):
        for sign in mixed([1.0, -1.0], rng):
            a, _ = _draw(rng, 0.5)
            factor = sign * float(rng.uniform(0.5, 4))
            _expect(cosine, a, [factor * each for each in a], "One gradient is a multiple of the other.")


def no_gradient_has_no_angle(cosine):
    """A gradient of 0 has a cosine of 0 with everything, and other gradients keep theirs."""
    for rng in draws(3):
        a, b = _draw(rng, 0.5)
        zero = [np.zeros_like(each) for each in a]
        for pair in mixed([(a, zero), (zero, a)], rng):
            received = one_number(cosine(*([x.copy() for x in each] for each in pair)), "the cosine")
            require(close(received, 0.0), f"One gradient is 0, and so is the cosine. Received: {received:.5f}.")
        _expect(cosine, a, b, "Only a gradient of length 0 has no angle.")


def reconciles_the_angle(cosines, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(cosines, float)
    require(values.ndim == 1 and len(values) > 1, "`cosines` must hold one mean cosine for each seed.")
    return f"You predicted {prediction!r}. In your runs, the mean cosine is {values.mean():+.3f}."


COSINE = Exercise(
    id="8.5",
    title="The angle between two gradients",
    points=2,
    prediction=one_of(*ANGLES),
    given={"cosines": lambda rng: rng.normal(-0.05, 0.02, 20)},
    hints=(
        "Make each list one long vector first: `np.concatenate([each.ravel() for each in a])`.",
        "`x @ y` is the sum of all products, and `np.linalg.norm(x)` a length.",
        "`x @ y / (np.linalg.norm(x) * np.linalg.norm(y))`, and 0 if a length is 0.",
    ),
    properties=(
        all_weights_are_one_vector,
        size_does_not_count,
        opposite_gradients_have_minus_one,
        no_gradient_has_no_angle,
        reconciles_the_angle,
    ),
)
