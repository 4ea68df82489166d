"""How good a network is: an accuracy with its interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_00_orientation.shown import WIDTHS
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import draws, mixed

__all__ = ["ACCURACY_INTERVAL"]


def _interval(accuracy_interval: Callable, num_right: int, num_images: int) -> tuple[float, float]:
    """The interval for that many right answers, in random order."""
    return _bounds(accuracy_interval(hidden_rng().permutation(np.arange(num_images) < num_right)))


def _bounds(received: object) -> tuple[float, float]:
    """Read a pair, or what has the names `low` and `high`, as an interval object of SciPy or of this kit."""
    if isinstance(received, dict) and {"low", "high"} <= set(received):
        received = received["low"], received["high"]
    low, high = numbers_of(received, (2,), "Return two numbers, `low, high`.")
    require(
        -1e-9 <= low <= high <= 1 + 1e-9,
        f"A share lies in [0, 1], and `low` is not above `high`. Received {low:.2f}, {high:.2f}.",
    )
    return float(low), float(high)


def _widest(num_right: int, num_images: int) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934), which errs on the wide side."""
    interval = stats.binomtest(num_right, num_images).proportion_ci(method="exact")
    return interval.low, interval.high


def _expect_width(interval: tuple[float, float], num_right: int, num_images: int, at_most: float) -> None:
    low, high = _widest(num_right, num_images)
    limit = at_most * (high - low)
    require(
        interval[1] - interval[0] <= limit,
        f"{num_right} right out of {num_images} gave [{interval[0]:.3f}, {interval[1]:.3f}], which is wider than the "
        f"widest of the usual 95 % intervals, [{low:.3f}, {high:.3f}]. Do you use another level than 95 %, or a bound "
        "that holds for any accuracy?",
    )


def is_never_certain(accuracy_interval):
    """Ten right answers out of ten do not make it infallible."""
    for rng in draws(4):
        num_images = int(rng.integers(8, 14))
        for num_right in mixed([0, num_images], rng):
            low, high = _interval(accuracy_interval, num_right, num_images)
            require(
                high - low > 0.1,
                f"{num_right} right out of {num_images} gave [{low:.2f}, {high:.2f}]. So few images cannot make you "
                "that certain: sqrt(p (1 - p) / n) is 0 here, which is wrong. Take another formula.",
            )
            share = num_right / num_images
            require(low <= share + 0.05 and high >= share - 0.05, f"A share of {share:g} gave [{low:.2f}, {high:.2f}].")
            _expect_width((low, high), num_right, num_images, 1.3)


def covers_the_truth(accuracy_interval):
    """It contains the true accuracy in about 95 of 100 cases."""
    num_images = int(hidden_rng().integers(30, 50))
    counts = np.arange(num_images + 1)
    bounds = np.array([_interval(accuracy_interval, int(count), num_images) for count in counts])
    truths = np.linspace(0.2, 0.9, 141)
    holds = (bounds[:, :1] <= truths) & (truths <= bounds[:, 1:])
    covered = float((stats.binom.pmf(counts[:, None], num_images, truths) * holds).sum(axis=0).mean())
    require(
        covered > 0.935,
        f"Networks that are right 20 to 90 % of the time were asked {num_images} times: the interval contains the "
        f"true share in {covered:.0%} of cases. For 95 % you need 1.96 standard errors on each side.",
    )


def is_as_wide_as_needed(accuracy_interval):
    """It is as wide as 95 % demands, and no wider."""
    for rng in draws(4):
        num_images = int(rng.integers(1500, 4000))  # so many that all good formulas agree
        num_right = int(num_images * rng.uniform(0.15, 0.95))
        low, high = _interval(accuracy_interval, num_right, num_images)
        found = f"{num_right} right out of {num_images} gave [{low:.3f}, {high:.3f}]"
        require(low < num_right / num_images < high, f"{found}, which does not contain the share itself.")
        _expect_width((low, high), num_right, num_images, 1.06)
        error = np.sqrt(num_right * (num_images - num_right) / num_images**3)
        require(high - low > 0.994 * 2 * 1.96 * error, f"{found}, narrower than 1.96 standard errors on each side.")


def narrows_with_images(accuracy_interval):
    """Sixteen times as many images make it four times narrower."""
    for rng in draws(2):
        num_images = int(rng.integers(80, 150))
        num_right = int(num_images * rng.uniform(0.4, 0.8))
        few = _interval(accuracy_interval, num_right, num_images)
        many = _interval(accuracy_interval, 16 * num_right, 16 * num_images)
        ratio = (few[1] - few[0]) / max(many[1] - many[0], 1e-12)
        require(
            3.5 < ratio < 4.5,
            f"Sixteen times as many images made it {ratio:.1f} times narrower; it should be 4. The standard "
            "*error* is the standard deviation, divided by the square root of the number of images.",
        )


def reconciles_the_width(accuracy_interval, right, prediction):
    """You predicted first."""
    answers = np.asarray(right)
    fine = answers.ndim == 1 and len(answers) > 1 and np.isin(answers, (0, 1)).all()
    require(fine, f"`right` must hold true or false for each validation image. Received shape {answers.shape}.")
    low, high = _bounds(accuracy_interval(answers.astype(bool)))
    measured = WIDTHS[0] if high - low < 0.05 else WIDTHS[1] if high - low <= 0.1 else WIDTHS[2]
    return f"You predicted {prediction!r}. By your own interval the width is {measured!r}."


def _draw_right(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(size=130) < rng.uniform(0.5, 0.8)


ACCURACY_INTERVAL = Exercise(
    id="0.6",
    title="How good is it, really?",
    points=1,
    prediction=one_of(*WIDTHS),
    given={"right": _draw_right},
    hints=(
        "Wilson's interval stays sensible even for ten out of ten. SciPy has it, in `scipy.stats.binomtest`.",
        '`binomtest(num_right, num_images).proportion_ci(method="wilson")` has `low` and `high`.',
        "`num_right` is `int(sum(right))`, `num_images` is `len(right)`. Return `interval.low, interval.high`.",
    ),
    properties=(
        is_never_certain,
        covers_the_truth,
        is_as_wide_as_needed,
        narrows_with_images,
        reconciles_the_width,
    ),
)
