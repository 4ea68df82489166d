"""A ridge regression that is shrunk to the coefficients of others, in place of zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_13_other_shops.shown import OTHERS
from tlkit.exercises.trials import draws, mixed
from tlkit.forecasting import RidgeTowards

__all__ = ["SHRUNK"]

Case = tuple[np.ndarray, np.ndarray, float, np.ndarray]


def _draw(rng: np.random.Generator, penalty: float, num_weeks: int | None = None) -> Case:
    """Features, sales, the penalty and coefficients of others, which are nowhere near 0."""
    width = int(rng.integers(2, 6))
    number = int(rng.integers(12, 30)) if num_weeks is None else num_weeks
    towards = rng.normal(size=width) * 2 + rng.choice([-3.0, 3.0], width)
    own = towards + rng.normal(size=width)
    x = rng.normal(size=(number, width)) * rng.uniform(0.5, 2)
    return x, x @ own + 0.3 * rng.normal(size=number), penalty, towards


def _solve(x: np.ndarray, y: np.ndarray, penalty: float, towards: np.ndarray) -> np.ndarray:
    """By least squares on rows that stand for the penalty: another way than the solution's."""
    root = np.sqrt(penalty)
    rows = np.vstack([x, root * np.eye(x.shape[1])])
    return np.linalg.lstsq(rows, np.concatenate([y, root * towards]), rcond=None)[0]


def _with_intercept(x: np.ndarray, y: np.ndarray, penalty: float, towards: np.ndarray) -> np.ndarray:
    """A mistake: features and sales are centred first."""
    return _solve(x - x.mean(axis=0), y - y.mean(), penalty, towards)


def _slips(x: np.ndarray, y: np.ndarray, penalty: float, towards: np.ndarray) -> list[tuple[np.ndarray, str]]:
    to_zero = _solve(x, y, penalty, 0 * towards)
    plain = _solve(x, y, 0.0, towards) if len(x) >= x.shape[1] else to_zero
    return [
        (to_zero, "This one is shrunk to zero: the penalty is on the distance from `towards`."),
        (plain, "The penalty is missing."),
        (towards.copy(), "The shop's own weeks count, too."),
        (_solve(x, y, penalty, -towards), "It is shrunk to the opposite of `towards`: look at the signs."),
        (to_zero + towards, "Shrink what is left: fit `sales - features @ towards`, and add `towards` afterwards."),
        (_solve(x, y, penalty, towards) - towards, "These are the changes: add `towards` to them."),
        (_with_intercept(x, y, penalty, towards), "Nothing is centred, and there is no intercept."),
        (_solve(x, y, penalty**2, towards), "The penalty counts once, not squared."),
        (
            _solve(x, y, penalty * len(x), towards),
            "The squares are summed over the weeks, so the penalty stays as it is.",
        ),
        (
            _solve(x, y, penalty / len(x), towards),
            "The squares are summed over the weeks, so the penalty stays as it is.",
        ),
    ]


def _expect(shrunk: Callable, case: Case, why: str) -> None:
    x, y, penalty, towards = case
    truth, slips = _solve(*case), _slips(*case)
    width = x.shape[1]
    message = f"Return {width} coefficients, one for each feature."
    received = numbers_of(shrunk(x.copy(), y.copy(), penalty, towards.copy()), (width,), message)
    if close(received, truth, rtol=1e-4, atol=1e-6):
        return
    told = next((text for value, text in slips if close(received, value, rtol=1e-4, atol=1e-6)), why)
    require(False, f"With a penalty of {penalty:.4g}: {received.round(3)}, and the best is {truth.round(3)}. {told}")


def balances_own_weeks_and_others(shrunk):
    """It has the least sum of squared errors and of the penalty times the squared distance to the others."""
    for rng in draws(3):
        for penalty in mixed([0.5, 4.0, 30.0], rng):
            _expect(shrunk, _draw(rng, penalty * rng.uniform(0.7, 1.4)), "It weighs own weeks against the others.")


def a_large_penalty_gives_the_others(shrunk):
    """A very large penalty gives the coefficients of the others, a very small one the shop's own."""
    for rng in draws(3):
        for penalty in mixed([1e7, 1e-4], rng):
            _expect(shrunk, _draw(rng, penalty), "The larger the penalty, the nearer to `towards`.")


def few_weeks_are_enough(shrunk):
    """It has an answer with fewer weeks than features."""
    for rng in draws(5):
        case = _draw(rng, float(rng.uniform(0.5, 5)), num_weeks=int(rng.integers(1, 3)))
        _expect(shrunk, case, "With few weeks, the penalty makes the solution unique.")


def all_zero_is_plain_ridge(shrunk):
    """If the others' coefficients are zero, it is plain ridge regression, with no intercept."""
    for rng in draws(5):
        x, y, penalty, towards = _draw(rng, float(rng.uniform(0.5, 20)))
        offset = rng.uniform(1, 4)
        _expect(shrunk, (x, y + offset, penalty, 0 * towards), "Nothing is centred: a constant would be a feature.")


def reconciles_own_or_others(by_ridge, prediction):
    """Your prediction is compared with your own forecasts."""
    fine = isinstance(by_ridge, dict) and set(by_ridge) == set(OTHERS)
    require(fine, f"`by_ridge` must hold the errors of {', '.join(OTHERS)}, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.3f}" for name, values in by_ridge.items())
    return f"You predicted {prediction!r}. In your forecasts with 8 weeks: {told}."


SHRUNK = Exercise(
    id="13.3",
    title="A ridge shrunk to the others'",
    points=3,
    prediction=one_of(*OTHERS),
    given={"by_ridge": lambda rng: {name: rng.uniform(0.2, 0.4, 20) for name in OTHERS}},
    kit_has=(RidgeTowards,),
    hints=(
        "Write the coefficients as `towards + change`; the penalty is on the change.",
        "So the change is a plain ridge regression of `sales - features @ towards`.",
        "`np.linalg.solve(x.T @ x + penalty * np.eye(width), x.T @ (y - x @ towards))`, and add `towards`.",
    ),
    properties=(
        balances_own_weeks_and_others,
        a_large_penalty_gives_the_others,
        few_weeks_are_enough,
        all_zero_is_plain_ridge,
        reconciles_own_or_others,
    ),
)
