"""Numbers that the notebook measures: how `tlkit grade` draws them, and how an exercise reads them."""

from __future__ import annotations

import math

import numpy as np

from tlkit.checks.exercise import require
from tlkit.checks.received import one_number

__all__ = ["draw_numbers", "measured_numbers"]


def measured_numbers(values: object, names: tuple[str, ...], argument: str, what: str) -> list[float]:
    """Return the positive numbers that a notebook measured, in the order of `names`.

    Raises:
        CheckFailed: If one is missing or is not a positive number; the message calls them `argument` and `what`.
    """
    fine = isinstance(values, dict) and all(name in values for name in names)
    require(fine, f"`{argument}` must hold {what}: {list(names)}.")
    numbers = [one_number(values[name]) for name in names] if isinstance(values, dict) else []
    good = all(number > 0 and math.isfinite(number) for number in numbers)
    require(good, f"`{argument}` must hold positive numbers, as measured. Received {numbers}.")
    return numbers


def draw_numbers(*names: str):
    """Return a function that draws a positive number for each name, as a notebook measures them."""

    def draw(rng: np.random.Generator) -> dict[str, float]:
        return {name: float(rng.uniform(0.001, 5)) for name in names}

    return draw
