"""A threshold for verification: as large a share of false accepts as of false rejects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number, shares_of
from tlkit.exercises.lesson_07_few_examples.shown import THRESHOLDS
from tlkit.exercises.trials import draws, mixed
from tlkit.fewshot import equal_error_rate

__all__ = ["THRESHOLD"]


def _draw(rng: np.random.Generator, share: float, num_pairs: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Distances of pairs and whether they are of one class: these are nearer, with an overlap."""
    number = num_pairs or int(rng.integers(60, 160))
    same = rng.permutation(np.arange(number) < round(share * number))
    unit, off = float(rng.uniform(0.2, 8)), float(rng.uniform(2, 6))
    wider = rng.uniform(0.7, 2.0)
    return unit * (off + rng.normal(np.where(same, 0.0, 1.6), np.where(same, 1.0, wider))), same


def _rates(distances: np.ndarray, same: np.ndarray, threshold: float) -> tuple[float, float]:
    """Shares of pairs of two classes that are accepted, and of pairs of one class that are rejected."""
    return float(np.mean(distances[~same] <= threshold)), float(np.mean(distances[same] > threshold))


def _gap(distances: np.ndarray, same: np.ndarray, threshold: float) -> float:
    accepts, rejects = _rates(distances, same, threshold)
    return abs(accepts - rejects)


def _expect(threshold: Callable, distances: np.ndarray, same: np.ndarray, why: str) -> None:
    received = one_number(threshold(distances.copy(), same.copy()), "a threshold")
    best = min(distances, key=lambda tried: _gap(distances, same, tried))
    least = _gap(distances, same, best)
    accepts, rejects = _rates(distances, same, received)
    require(
        abs(accepts - rejects) <= least + 1e-9,
        f"At {received:.4g}, {accepts:.1%} of the pairs of two classes are accepted, and {rejects:.1%} of those of one "
        f"class rejected. At {best:.4g} the two shares differ by {least:.1%}. "
        f"{_told(received, distances, same, why)}",
    )


def _told(received: float, distances: np.ndarray, same: np.ndarray, otherwise: str) -> str:
    """What a threshold that was received is best at, if not at equal shares."""
    tried = np.unique(distances)
    accepts, rejects = (np.array([(far <= t).sum() for t in tried]) for far in (distances[~same], distances[same]))
    rejects = same.sum() - rejects
    rates = [np.mean(_rates(distances, same, t)) for t in tried]
    slips = [
        (tried[accepts + rejects == (accepts + rejects).min()], FEWEST),
        (tried[np.abs(accepts - rejects) == np.abs(accepts - rejects).min()], COUNTS),
        (np.array([rates[int(np.abs(accepts / (~same).sum() - rejects / same.sum()).argmin())]]), RATE),
    ]
    if (np.isclose(received, tried, rtol=1e-9) & (received != tried)).any():
        return "A pair whose distance is just the threshold is accepted: return a distance that occurs, unchanged."
    return next((why for values, why in slips if np.isclose(received, values, rtol=1e-9).any()), otherwise)


FEWEST = "It has the fewest errors in all, which is another aim."
COUNTS = "It makes the *counts* of the errors equal: divide each kind by the number of pairs of its kind."
RATE = "That is the share of errors. Return the threshold, which is in the unit of the distances."


def both_shares_are_equal(threshold):
    """At the threshold, the two shares are as close to each other as they can be."""
    for rng in draws(4):
        why = "Try each distance that occurs, and count both kinds of error."
        _expect(threshold, *_draw(rng, 0.5), why)


def shares_not_counts(threshold):
    """It compares shares of each kind, not counts: few pairs are of one class."""
    for rng in draws(2):
        for share in mixed([0.15, 0.85, 0.3], rng):
            why = "Divide each kind of error by the number of pairs of *its* kind."
            _expect(threshold, *_draw(rng, share), why)


def near_means_alike(threshold):
    """Small distances are accepted, in whatever unit they are."""
    for rng in draws(2):
        for unit in mixed([0.001, 1.0, 1000.0], rng):
            distances, same = _draw(rng, 0.4)
            why = "A pair is accepted if its distance is at most the threshold, which is in the unit of the distances."
            _expect(threshold, unit * distances, same, why)


def an_accepted_pair_may_lie_on_it(threshold):
    """A distance of exactly the threshold is accepted, also where distances occur twice."""
    for rng in draws(12):
        distances, same = _draw(rng, float(rng.uniform(0.3, 0.7)), int(rng.integers(20, 50)))
        coarse = np.round(distances / distances.max() * int(rng.integers(5, 10))) * float(rng.uniform(0.5, 2))
        why = "`distance <= threshold` accepts."
        _expect(threshold, coarse, same, why)


def reconciles_the_moved_threshold(moved, prediction):
    """Your prediction is compared with your own pairs."""
    values = shares_of(moved, "moved", least=2)
    return (
        f"You predicted {prediction!r}. Here, unseen classes cost {100 * values.mean():.1f} points more than promised."
    )


THRESHOLD = Exercise(
    id="7.7",
    title="A threshold with equal errors",
    points=2,
    prediction=one_of(*THRESHOLDS),
    given={"moved": lambda rng: rng.normal(0.05, 0.01, 10)},
    kit_has=(equal_error_rate,),
    hints=(
        "Two shares: `np.mean(distances[~same] <= t)` is accepted wrongly, `np.mean(distances[same] > t)` rejected.",
        "Candidates for `t` are the distances themselves: `np.unique(distances)`.",
        "`min(np.unique(distances), key=lambda t: abs(accepts(t) - rejects(t)))`.",
    ),
    properties=(
        both_shares_are_equal,
        shares_not_counts,
        near_means_alike,
        an_accepted_pair_may_lie_on_it,
        reconciles_the_moved_threshold,
    ),
)
