"""A fair time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.received import one_number
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["FAIR_TIME"]


def _expect_seconds(fair_time: Callable, calls: np.ndarray, num_warmup: int, message: str) -> None:
    """Expect the median of what follows the warm-up; say which other number was received."""
    timed = calls[num_warmup:]
    truth = float(np.median(timed))
    told = f"For calls of {', '.join(f'{call:.4g}' for call in calls)} s, the first {num_warmup} of them for warm-up, "
    received = one_number(fair_time(calls, num_warmup), "of seconds")
    slips = [
        (np.mean(timed), "That is the mean, which one call ruins: take the median."),
        (np.min(timed), "That is the fastest, which is luck: take the median."),
        (np.median(np.sort(calls)[num_warmup:]), "Leave out the first calls as they come: do not sort before you cut."),
        (np.median(np.sort(calls)[: len(timed)]), "Leave out the first calls as they come, not the slowest ones."),
        (np.sort(timed)[len(timed) // 2], "An even number of calls has two in the middle: take their mean."),
        (np.sort(timed)[(len(timed) - 1) // 2], "An even number of calls has two in the middle: take their mean."),
        (np.median(calls), "That is the median of all calls: leave out the first ones."),
    ]
    why = slip(received, slips, message)
    require(math.isclose(received, truth, rel_tol=1e-6), f"{told}it is {truth:.6g} s. Received {received:.6g}. {why}")


def drops_what_came_first(fair_time):
    """The warm-up is what came first, however long it took."""
    for rng in draws(4):
        num_warmup, unit = int(rng.integers(0, 4)), float(rng.uniform(1, 2))
        first = unit * rng.permutation([90.0, 1.0, 0.5])[:num_warmup]
        later = unit * rng.permutation(np.arange(3.0, 3.0 + 2 * rng.integers(3, 6) + 1))
        message = "Leave out the first calls as they come, and all of them."
        _expect_seconds(fair_time, np.concatenate([first, later]), num_warmup, message)


def takes_the_middle(fair_time):
    """One call interrupted by another program changes nothing."""
    for rng in draws(3):
        later = float(rng.uniform(1, 3)) + rng.permutation([*rng.uniform(-0.3, 0.3, 2 * rng.integers(2, 5)), 60.0])
        _expect_seconds(fair_time, np.concatenate([[9.0], later]), 1, "Take the median of what follows the warm-up.")


def averages_the_middle_two(fair_time):
    """For an even number of calls, it is the mean of the two in the middle."""
    for rng in draws(3):
        later = np.cumsum(rng.uniform(0.5, 2, 2 * rng.integers(3, 6)))
        calls = np.concatenate([[50.0], rng.permutation(later)])
        _expect_seconds(fair_time, calls, 1, "An even number of calls has two in the middle: take their mean.")


def five_or_nothing(fair_time):
    """Fewer than five timed calls are not a measurement, and five are."""
    rng = hidden_rng()
    for left in mixed([0, 3, 4, 5, 5], rng):
        num_warmup = int(rng.integers(1, 5))
        calls = rng.uniform(0.5, 2, num_warmup + left)
        if left >= 5:
            _expect_seconds(fair_time, calls, num_warmup, "Five calls were left, which is enough.")
            continue
        received = fair_time(calls, num_warmup)
        require(
            received is None,
            f"Only {left} calls were left after the warm-up; received {in_words(received)}. Return `None`: that is too "
            "few.",
        )


FAIR_TIME = Exercise(
    id="4.1",
    title="A fair time",
    points=2,
    hints=(
        "Do three things: leave out the first calls, see whether enough are left, and take the middle of those.",
        "`seconds[num_warmup:]` are the calls that count. NumPy knows the median.",
        "`timed = seconds[num_warmup:]`; `None` if `len(timed) < 5`, otherwise `float(np.median(timed))`.",
    ),
    properties=(
        drops_what_came_first,
        takes_the_middle,
        averages_the_middle_two,
        five_or_nothing,
    ),
)
