"""After a change, old weeks count less: the level with a half-life."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_13_other_shops.shown import CHANGED
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.forecasting import forget

__all__ = ["FORGET"]


def _draw(rng: np.random.Generator) -> np.ndarray:
    """Sales of some weeks, whose level has changed once."""
    number = int(rng.integers(8, 30))
    change = np.arange(number) >= rng.integers(2, number - 2)
    return rng.uniform(3, 9) + rng.uniform(1, 3) * rng.choice([-1, 1]) * change + 0.3 * rng.normal(size=number)


def _truth(sales: np.ndarray, half_life: float) -> float:
    weights = [2.0 ** (-age / half_life) for age in range(len(sales))]
    return sum(w * y for w, y in zip(weights, sales[::-1].tolist(), strict=True)) / sum(weights)


def _slips(sales: np.ndarray, half_life: float) -> list[tuple[float, str]]:
    age = np.arange(len(sales))[::-1]
    halves = 0.5 ** (age / half_life)
    return [
        (float(np.average(sales, weights=halves[::-1])), "The *latest* week, the last one, counts most."),
        (float(np.average(sales, weights=np.exp(-age / half_life))), "A half-life halves: `0.5 ** (age / half_life)`."),
        (float(np.average(sales, weights=0.5 ** (age * min(half_life, 1e9)))), "Divide the age by the half-life."),
        (float((halves * sales).sum()), "Divide by the sum of the weights."),
        (float((halves * sales).mean()), "Divide by the sum of the weights, not by the number of weeks."),
        (float(sales.mean()), "All weeks count the same here: that is the plain mean."),
        (float(sales[-1]), "Earlier weeks count, too: that is the last value."),
        (
            float(sales[-int(np.clip(half_life, 1, len(sales))) :].mean()),
            "Weeks fade; none is cut off at the half-life.",
        ),
    ]


def _expect(level: Callable, sales: np.ndarray, half_life: float, why: str) -> None:
    truth, slips = _truth(sales, half_life), _slips(sales, half_life)
    received = one_number(level(sales.copy(), half_life), "the level")
    told = (
        f"{len(sales)} weeks with a half-life of {half_life:.3g}: the level is {truth:.5g}. Received: {received:.5g}."
    )
    require(close(received, truth, rtol=1e-5, atol=1e-7), f"{told} {slip(received, slips, why)}")


def weeks_fade_by_halves(level):
    """A week counts half as much as one that is a half-life younger."""
    for rng in draws(3):
        for half_life in mixed([1.0, 2.0, 5.0], rng):
            _expect(level, _draw(rng), half_life, "The weight of a week is `0.5 ** (age / half_life)`.")


def the_latest_counts_most(level):
    """After a change in the last weeks, it is near the new level."""
    for rng in draws(5):
        sales = rng.normal(size=int(rng.integers(9, 20)))
        sales[-3:] += rng.choice([-1, 1]) * rng.uniform(5, 20)
        _expect(level, sales, float(rng.uniform(0.5, 2)), "The age of the last week is 0.")


def without_forgetting_it_is_the_mean(level):
    """With a very long half-life, or an infinite one, it is the mean."""
    for rng in draws(3):
        for half_life in mixed([1e9, float("inf")], rng):
            _expect(level, _draw(rng), half_life, "Nothing fades: all weights are 1.")


def any_unit_and_level(level):
    """It is a mean, whatever the unit and the level, and for any half-life."""
    for rng in draws(2):
        for unit in mixed([0.01, 300.0], rng):
            _expect(level, unit * (_draw(rng) + 50), float(rng.uniform(0.3, 9)), "The weights sum to 1 after division.")


def reconciles_the_change(changed, prediction):
    """Your prediction is compared with your own bands."""
    fine = isinstance(changed, dict) and set(changed) == {"all weeks alike", "old weeks fade"}
    require(fine, "`changed` must hold the coverage of both, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.0%}" for name, values in changed.items())
    return f"You predicted {prediction!r} for the bands after a change. Measured: {told}."


FORGET = Exercise(
    id="13.8",
    title="Forget what has changed",
    points=2,
    prediction=one_of(*CHANGED),
    given={
        "changed": lambda rng: {
            "all weeks alike": rng.uniform(0.3, 0.6, 20),
            "old weeks fade": rng.uniform(0.5, 0.8, 20),
        }
    },
    kit_has=(forget,),
    hints=(
        "The last week has the age 0, the first one `len(sales) - 1`.",
        "The weight of a week is `0.5 ** (age / half_life)`.",
        "`np.average(sales, weights=0.5 ** (np.arange(len(sales))[::-1] / half_life))`.",
    ),
    properties=(
        weeks_fade_by_halves,
        the_latest_counts_most,
        without_forgetting_it_is_the_mean,
        any_unit_and_level,
        reconciles_the_change,
    ),
)
