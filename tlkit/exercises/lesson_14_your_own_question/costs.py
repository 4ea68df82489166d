"""A threshold that is chosen by what errors cost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number
from tlkit.exercises.lesson_14_your_own_question.shown import NUM_DEALS, SIDES
from tlkit.exercises.trials import draws, mixed

__all__ = ["WHAT_ERRORS_COST"]


def _cost(threshold: float, scores: np.ndarray, is_it: np.ndarray, missed: float, alarm: float) -> float:
    """The cost of all errors, if a score of the threshold or above is an alarm."""
    said = scores >= threshold
    return float(missed * (is_it & ~said).sum() + alarm * (said & ~is_it).sum())


def _expect(choose: Callable, scores: np.ndarray, is_it: np.ndarray, missed: float, alarm: float, message: str) -> None:
    candidates = [*np.unique(scores).tolist(), np.inf]
    best = min(_cost(each, scores, is_it, missed, alarm) for each in candidates)
    received = one_number(choose(scores.copy(), is_it.copy(), missed, alarm), "a threshold")
    cost = _cost(received, scores, is_it, missed, alarm)
    require(
        cost <= best + 1e-9,
        f"{len(scores)} photos, {int(is_it.sum())} of the class; {missed:g} for one that is missed, {alarm:g} for a "
        f"false alarm. With the threshold {received:.3g}, errors cost {cost:g}; {best:g} is possible. {message}",
    )


def _overlapping(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scores on a scale of their own, and whether a photo is of the class: higher scores mean that it more often is."""
    number = int(rng.integers(60, 120))
    is_it = rng.random(number) < rng.uniform(0.3, 0.5)
    while not 0 < is_it.sum() < number:
        is_it = rng.random(number) < 0.4
    scores = rng.normal(size=number) + 1.2 * is_it
    return rng.uniform(1, 20) * (scores + rng.uniform(-30, 30)), is_it


def the_costlier_error_decides(choose):
    """It finds the cheapest threshold, whichever error costs more, on any scale of scores."""
    for rng in draws(2):
        for missed, alarm in mixed([(5, 1), (1, 5), (2, 1), (1, 3)], rng):
            factor = float(rng.uniform(0.5, 3))
            why = (
                "Multiply the number of each kind of error by its cost, for each threshold, and take the smallest sum."
            )
            _expect(choose, *_overlapping(rng), missed * factor, alarm * factor, why)


def a_score_at_the_threshold_is_an_alarm(choose):
    """A score that equals the threshold is an alarm."""
    for rng in draws(3):
        low, step = int(rng.integers(-50, 50)), int(rng.integers(1, 9))
        levels = low + step * np.arange(int(rng.integers(3, 6)))
        cut = int(rng.integers(1, len(levels)))
        scores = rng.permutation(np.repeat(levels, int(rng.integers(2, 5)))).astype(float)
        is_it = scores >= levels[cut]
        why = "A score of the threshold or above is an alarm, `>=`; here, one threshold makes no error at all."
        _expect(choose, scores, is_it, 3.0, 2.0, why)


def never_or_always_may_be_cheapest(choose):
    """It raises no alarm at all, or always one, where that is cheapest, and only there."""
    for rng in draws(4):
        for missed, alarm in mixed([(1, 1000), (1000, 1), (1, 1)], rng):
            number = int(rng.integers(20, 50))
            scores = rng.permutation(number) * rng.uniform(0.5, 2) + rng.uniform(-200, 200)
            is_it = rng.random(number) < 0.5
            extreme = np.argmax(scores) if alarm > missed else np.argmin(scores)
            is_it[extreme] = missed > alarm  # the most confident photo is the costly error
            if missed == alarm:
                is_it = scores >= np.sort(scores)[number // 2]  # told apart without an error
            why = "A threshold above all scores raises no alarm, one below all of them always does: try these, too."
            _expect(choose, scores, is_it, missed, alarm, why)


def reconciles_the_thresholds(thresholds, prediction):
    """Your prediction is compared with your own thresholds."""
    values = np.asarray(thresholds, float)
    require(values.shape == (NUM_DEALS,), f"`thresholds` must be {NUM_DEALS} numbers. Received: {values.shape}.")
    return f"You predicted {prediction!r}. Here, half of the thresholds are below {np.median(values):.2f}."


WHAT_ERRORS_COST = Exercise(
    id="14.6",
    title="What errors cost",
    points=2,
    prediction=one_of(*SIDES),
    given={"thresholds": lambda rng: rng.uniform(0.05, 0.6, NUM_DEALS)},
    hints=(
        "Only the scores themselves matter as thresholds, and one that is above all of them.",
        "For one threshold: `said = scores >= t`; missed are `is_it & ~said`, false alarms are `said & ~is_it`.",
        "`min([*scores, np.inf], key=cost)`, where `cost(t)` is the sum of both errors times their costs.",
    ),
    properties=(
        the_costlier_error_decides,
        a_score_at_the_threshold_is_an_alarm,
        never_or_always_may_be_cheapest,
        reconciles_the_thresholds,
    ),
)
