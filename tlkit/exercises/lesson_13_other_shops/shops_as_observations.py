"""An interval over shops: the weeks and origins of one shop are no independent observations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_and_ends
from tlkit.exercises.lesson_13_other_shops.shown import SPREADS
from tlkit.exercises.trials import draws, slip

__all__ = ["OVER_SHOPS"]

Case = tuple[np.ndarray, np.ndarray, np.ndarray]


def _draw(rng: np.random.Generator, num_shops: int, most: int) -> Case:
    """Errors of two ways `(num_windows, num_weeks)`, and the shop of each window: shops have different numbers."""
    sizes = rng.integers(1, most + 1, num_shops)
    names = rng.choice(90, num_shops, replace=False)
    shop = rng.permutation(np.repeat(np.arange(num_shops), sizes))
    weeks = int(rng.integers(4, 13))
    hard, gain = rng.uniform(0.2, 0.9, num_shops), rng.normal(rng.uniform(-0.1, 0.1), 0.15, num_shops)
    base = hard[shop][:, None] + 0.1 * rng.random((len(shop), weeks))
    errors = base + gain[shop][:, None] + 0.05 * rng.normal(size=base.shape)
    return errors, base, names[shop]


def _by_shop(values: np.ndarray, shop: np.ndarray) -> np.ndarray:
    return np.array([values[shop == each].mean() for each in np.unique(shop)])


def _half(values: np.ndarray, quantile: float | None = None) -> float:
    n = len(values)
    quantile = float(stats.t.ppf(0.975, n - 1)) if quantile is None else quantile
    return float(quantile * values.std(ddof=1) / np.sqrt(n))


def _expect(over_shops: Callable, case: Case, why: str) -> None:
    errors, base, shop = case
    gains, n = _by_shop(errors - base, shop), len(np.unique(shop))
    half = _half(gains)
    message = "Return three numbers: the mean, the low end and the high end."
    mean, low, high = mean_and_ends(over_shops(errors.copy(), base.copy(), shop.copy()), message)
    told = f"{len(shop)} forecasts of {n} shops: the answer was {mean:+.4f}, [{low:+.4f}, {high:+.4f}]."
    means = [
        (float(-gains.mean()), "It is the error minus that of the baseline, not the other way round."),
        (float((errors - base).mean()), "A shop with many forecasts counts as much as one with few."),
    ]
    fine = close(mean, gains.mean(), rtol=1e-5, atol=1e-9)
    require(fine, f"{told} The mean over the shops is {gains.mean():+.4f}. {slip(mean, means)}")
    require(low <= mean <= high, f"{told} The low end comes before the high end, and the mean lies between them.")
    two = np.hypot(_half(_by_shop(errors, shop)), _half(_by_shop(base, shop)))
    windows = (errors - base).mean(axis=1)
    slips = [
        (_half(windows), "The forecasts of one shop are alike: a shop is one observation."),
        (_half((errors - base).ravel()), "The weeks of one shop are alike: a shop is one observation."),
        (float(two), "Both ways met the same shops: take the differences first."),
        (half * np.sqrt(n), "Divide by the root of the number of shops: the mean is asked for, not one shop."),
        (_half(gains, float(stats.t.ppf(0.95, n - 1))), "An interval has two sides: the quantile is that at 97.5 %."),
        (_half(gains, float(stats.t.ppf(0.975, n))), "Student's t has n - 1 degrees of freedom."),
        (_half(gains, 1.96), "With few shops, Student's quantile is larger than that of a bell."),
        (half * np.sqrt((n - 1) / n), "The standard deviation of a sample needs n - 1."),
    ]
    received = (high - low) / 2
    right = close(received, half, rtol=1e-4, atol=1e-9) and close(high - mean, half, rtol=1e-4, atol=1e-9)
    require(right, f"{told} Half its width is {half:.4f}. {slip(received, slips, why)}")


def shops_are_the_observations(over_shops):
    """Each shop is one observation, however many forecasts it has."""
    for rng in draws(5):
        _expect(
            over_shops, _draw(rng, int(rng.integers(15, 40)), 6), "One mean for each shop, then Student's interval."
        )


def few_shops_need_students_quantile(over_shops):
    """With few shops, the interval is Student's."""
    for rng in draws(5):
        _expect(over_shops, _draw(rng, int(rng.integers(3, 6)), 4), "`scipy.stats.t.ppf(0.975, num_shops - 1)`.")


def hard_shops_cancel(over_shops):
    """It is paired: that some shops are harder than others does not widen it."""
    for rng in draws(5):
        errors, base, shop = _draw(rng, int(rng.integers(10, 20)), 3)
        hard = rng.uniform(0, 5, 91)[shop][:, None]
        _expect(over_shops, (errors + hard, base + hard, shop), "Take the differences first, shop by shop.")


def more_forecasts_do_not_narrow_it(over_shops):
    """The same forecasts twice leave it as it is."""
    for rng in draws(4):
        errors, base, shop = _draw(rng, int(rng.integers(6, 14)), 3)
        twice = np.vstack([errors, errors]), np.vstack([base, base]), np.concatenate([shop, shop])
        _expect(over_shops, twice, "Nothing new was seen: there are as many shops as before.")


def reconciles_the_width(by_window, prediction):
    """Your prediction is compared with your own intervals."""
    fine = isinstance(by_window, dict) and set(by_window) == {"over weeks", "over shops"}
    require(fine, "`by_window` must hold the half widths of both intervals, as measured.")
    ratio = by_window["over shops"] / by_window["over weeks"]
    return f"You predicted {prediction!r}. Over shops, your interval is {ratio:.1f} times as wide as over weeks."


OVER_SHOPS = Exercise(
    id="13.4",
    title="An interval over shops",
    points=2,
    prediction=one_of(*SPREADS),
    given={"by_window": lambda rng: {"over weeks": float(rng.uniform(0.005, 0.01)), "over shops": 0.04}},
    hints=(
        "First the differences, then one mean for each shop: `(errors - baseline)[shop == each].mean()`.",
        "Student's interval of these means; there are `len(np.unique(shop))` of them.",
        "`half = stats.t.ppf(0.975, n - 1) * gains.std(ddof=1) / np.sqrt(n)`.",
    ),
    properties=(
        shops_are_the_observations,
        few_shops_need_students_quantile,
        hard_shops_cancel,
        more_forecasts_do_not_narrow_it,
        reconciles_the_width,
    ),
)
