"""A verdict that is read from an interval, against the smallest gain that pays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_14_your_own_question.shown import SMALLEST, VERDICTS
from tlkit.exercises.trials import draws, mixed

__all__ = ["DOES_IT_PAY", "half_width", "spread_of"]

MISSPELT = f"Return one of {', '.join(map(repr, VERDICTS))}."


def half_width(num_seeds: int, num_train: int, num_report: int) -> float:
    """Half of the corrected 95 % interval of a mean of values whose standard deviation is 1."""
    return float(stats.t.ppf(0.975, num_seeds - 1) * np.sqrt(1 / num_seeds + num_report / num_train))


def spread_of(num_seeds: int, rng: np.random.Generator) -> np.ndarray:
    """Values with a mean of 0 and a standard deviation of 1, `(num_seeds,)`."""
    values = rng.normal(size=num_seeds)
    return (values - values.mean()) / values.std(ddof=1)


def _expect(verdict: Callable, rng: np.random.Generator, place: float, why: str, *, naive: bool = False) -> None:
    """Expect the verdict on differences whose mean lies `place` half widths from the smallest gain.

    Args:
        verdict: The answer.
        rng: Draws the seeds and the sizes.
        place: Not near 1 or -1.
        why: What a wrong verdict has misunderstood.
        naive: Whether the half width that counts for the place is Student's, which knows nothing of the overlap.
    """
    num_seeds, num_train = int(rng.integers(4, 9)), int(rng.integers(80, 300))
    num_report = int(num_train * rng.uniform(0.2, 0.4))
    smallest, size = float(rng.uniform(0.02, 0.08)), float(rng.uniform(0.004, 0.03))
    half = half_width(num_seeds, num_train, num_report)
    unit = float(stats.t.ppf(0.975, num_seeds - 1) / np.sqrt(num_seeds)) if naive else half
    mean = smallest + place * size * unit
    differences = mean + size * spread_of(num_seeds, rng)
    low, high = mean - size * half, mean + size * half
    truth = "pays" if low >= smallest else "too little" if high < smallest else "undecided"
    received = held(verdict(differences.copy(), num_train, num_report, smallest))
    require(received in VERDICTS, f"{MISSPELT} Received: {in_words(received)}.")
    require(
        received == truth,
        f"{num_seeds} deals, {num_train} photos to learn from, {num_report} to report on: the mean gain is "
        f"{100 * mean:.2f} points, its interval [{100 * low:.2f}, {100 * high:.2f}]; at least {100 * smallest:.2f} "
        f"points pay: {truth!r}. The verdict was {received!r}. {why}",
    )


def the_whole_interval_counts(verdict):
    """It pays if the whole interval pays, and is too little if none of it does."""
    for rng in draws(2):
        for place in mixed([2.0, 1.4, 0.6, 0.0, -0.6, -1.4, -2.0], rng):
            _expect(verdict, rng, place, "Look at both ends of the interval: the mean alone decides nothing.")


def deals_of_the_same_photos_overlap(verdict):
    """It knows that deals of the same photos overlap."""
    for rng in draws(2):
        for place in mixed([1.08, -1.08, 1.2, -1.2, 3.5, -3.5], rng):
            why = "Deals share photos, so Student's interval is too narrow here; `corrected_interval` widens it."
            _expect(verdict, rng, place, why, naive=True)


def the_edge_is_sharp(verdict):
    """Its interval is that of 95 %, with the spread of few deals estimated as it should be."""
    for rng in draws(3):
        for place in mixed([1.03, 0.97, -0.97, -1.03], rng):
            why = "The interval is that of 95 %, with n - 1 in the deviation and in the degrees of freedom."
            _expect(verdict, rng, place, why)


def a_small_gain_does_not_pay(verdict):
    """A gain that is sure, but smaller than the plan asks for, is too little."""
    for rng in draws(4):
        num_train, num_report = int(rng.integers(200, 300)), int(rng.integers(50, 80))
        smallest = float(rng.uniform(0.04, 0.08))
        for part, truth in mixed([(0.5, "too little"), (-1.0, "too little"), (1.5, "pays")], rng):
            gains = part * smallest + 0.001 * spread_of(int(rng.integers(5, 9)), rng)
            received = held(verdict(gains, num_train, num_report, smallest))
            require(
                received == truth,
                f"A steady gain of {100 * part * smallest:.1f} points, where {100 * smallest:.1f} pay, gave "
                f"{in_words(received)}, not {truth!r}. Compare the interval with the smallest gain, not with 0.",
            )


def reconciles_the_verdict(verdict, found, prediction):
    """Your prediction is compared with your own study."""
    keys = ("differences", "num_train", "num_report", "smallest")
    require(isinstance(found, dict) and set(found) == set(keys), f"`found` must hold {list(keys)}, as measured.")
    values = np.asarray(found["differences"], float)
    require(values.ndim == 1 and len(values) > 1, "`found['differences']` must hold a difference for each deal.")
    said = held(verdict(values, found["num_train"], found["num_report"], found["smallest"]))
    return f"You predicted {prediction!r}. Your study gains {100 * values.mean():+.1f} points on average: {said!r}."


def _draw_found(rng: np.random.Generator) -> dict[str, object]:
    sizes = {"num_train": 200, "num_report": 50, "smallest": SMALLEST}
    return {"differences": rng.normal(0.1, 0.03, 5), **sizes}


DOES_IT_PAY = Exercise(
    id="14.5",
    title="Does it pay?",
    points=3,
    prediction=one_of(*VERDICTS),
    given={"found": _draw_found},
    hints=(
        "Three cases: the whole interval pays, none of it does, or it holds the smallest gain.",
        "`corrected_interval(differences, num_train, num_report)` has `low` and `high`.",
        '"pays" if `low >= smallest`, "too little" if `high < smallest`, otherwise "undecided".',
    ),
    properties=(
        the_whole_interval_counts,
        deals_of_the_same_photos_overlap,
        the_edge_is_sharp,
        a_small_gain_does_not_pay,
        reconciles_the_verdict,
    ),
)
