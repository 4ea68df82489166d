"""The pinball loss, whose least mean is at a quantile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_13_other_shops.shown import BEST
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.forecasting import PinballLoss

__all__ = ["PINBALL"]

Case = tuple[np.ndarray, np.ndarray, float]


def _draw(rng: np.random.Generator, level: float) -> Case:
    """Sales, forecasts of a quantile, some too low and some too high, and its level."""
    number, off = int(rng.integers(20, 60)), rng.uniform(2, 9)
    sales = off + rng.normal(size=number)
    return sales, off + rng.normal(0.2, 1.2, number), level


def _truth(sales: np.ndarray, said: np.ndarray, level: float) -> float:
    costs = [level * (y - q) if y >= q else (1 - level) * (q - y) for y, q in zip(sales, said, strict=True)]
    return float(np.mean(costs))


def _slips(sales: np.ndarray, said: np.ndarray, level: float) -> list[tuple[float, str]]:
    number, missing = len(sales), sales - said
    low = missing >= 0
    return [
        (number * _truth(sales, said, level), "It is the mean over the weeks, not their sum."),
        (_truth(sales, said, 1 - level), "The sides are exchanged: too *low* a forecast costs `level` times the gap."),
        (2 * _truth(sales, said, level), "There is no factor of 2 in this form."),
        (float(np.abs(missing).mean()), "Both sides cost the same here: that is the absolute error."),
        (float((level * missing).mean()), "Too high a forecast costs something, too: no cost is negative."),
        (float((level * np.abs(missing)).mean()), "Too high a forecast costs `1 - level` times the gap."),
        (float(np.where(low, level * missing, 0).mean()), "Too high a forecast costs `1 - level` times the gap."),
        (float(np.where(low, level, 1 - level).mean()), "It is the gap that counts, not only its side."),
        (float((np.where(low, level, 1 - level) * missing**2).mean()), "The gap is not squared: that is an expectile."),
    ]


def _expect(pinball: Callable, case: Case, why: str) -> None:
    sales, said, level = case
    truth, slips = _truth(*case), _slips(*case)
    received = one_number(pinball(sales.copy(), said.copy(), level), "the mean loss")
    fine = close(received, truth, rtol=1e-4, atol=1e-6)
    told = f"For the level {level:.2f}, the loss is {truth:.5g}. Received: {received:.5g}."
    require(fine, f"{told} {slip(received, slips, why)}")


def both_sides_cost(pinball):
    """It is the mean cost, and too low a forecast costs otherwise than too high a one."""
    for rng in draws(3):
        for level in mixed([0.1, 0.3, 0.9], rng):
            _expect(pinball, _draw(rng, level), "Weigh what is missing by `level`, what is too much by `1 - level`.")


def all_too_low_costs_the_level(pinball):
    """Where all forecasts are too low, or all too high, only one side counts."""
    for rng in draws(3):
        for side in mixed([-1, 1], rng):
            sales, said, level = _draw(rng, float(rng.uniform(0.55, 0.95)))
            said = sales + side * np.abs(sales - said)
            _expect(pinball, (sales, said, level), "Look at which side of the sales the forecast lies.")


def the_middle_is_half_the_absolute_error(pinball):
    """At the level 0.5, it is half the mean absolute error, in any unit."""
    for rng in draws(2):
        for unit in mixed([0.01, 1.0, 500.0], rng):
            sales, said, _ = _draw(rng, 0.5)
            _expect(pinball, (unit * sales, unit * said, 0.5), "Half the gap, on either side.")


def the_quantile_costs_least(pinball):
    """Among constant forecasts, the quantile costs least: three of them are compared."""
    for rng in draws(3):
        for level in mixed([0.2, 0.8], rng):
            sales = _draw(rng, level)[0]
            for share in mixed([level - 0.15, level, level + 0.15], rng):
                _expect(
                    pinball,
                    (sales, np.full(len(sales), np.quantile(sales, share)), level),
                    "Weigh what is missing by `level`, what is too much by `1 - level`.",
                )


def reconciles_the_best_way(by_way, prediction):
    """Your prediction is compared with your own forecasts."""
    fine = isinstance(by_way, dict) and set(by_way) == set(BEST)
    require(fine, f"`by_way` must hold the errors of {', '.join(BEST)}, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.3f}" for name, values in by_way.items())
    return f"You predicted {prediction!r}. In your forecasts with 16 weeks: {told}."


PINBALL = Exercise(
    id="13.6",
    title="The pinball loss",
    points=2,
    prediction=one_of(*BEST),
    given={"by_way": lambda rng: {name: rng.uniform(0.2, 0.4, 20) for name in BEST}},
    kit_has=(PinballLoss,),
    hints=(
        "What is missing is `sales - said`; it is positive where the forecast was too low.",
        "Too low costs `level * missing`, too high costs `(1 - level) * -missing`.",
        "`np.mean(np.maximum(level * missing, (level - 1) * missing))`.",
    ),
    properties=(
        both_sides_cost,
        all_too_low_costs_the_level,
        the_middle_is_half_the_absolute_error,
        the_quantile_costs_least,
        reconciles_the_best_way,
    ),
)
