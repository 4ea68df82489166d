"""InfoNCE: each of a pair is to be found among all others, in both directions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_10_words.shown import FOUND
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.text import info_nce

__all__ = ["CONTRAST"]

Case = tuple[np.ndarray, np.ndarray, float]


def _draw(rng: np.random.Generator, scale: float) -> Case:
    """Vectors of pairs with lengths far from 1, and how sharply they are told apart."""
    number, width = int(rng.integers(4, 9)), int(rng.integers(3, 7))
    one = rng.normal(size=(number, width))
    other = one + rng.uniform(0.5, 1.5) * rng.normal(size=one.shape)
    lengths = rng.uniform(0.3, 4, (2, number, 1))
    return one * lengths[0], other * lengths[1], scale


def _one_way(scores: np.ndarray) -> float:
    """The mean cost to find entry k of row k, row by row."""
    costs = [math.log(sum(math.exp(value - row[k]) for value in row)) for k, row in enumerate(scores.tolist())]
    return sum(costs) / len(costs)


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.sqrt((one**2).sum(axis=1))[:, None] * np.sqrt((other**2).sum(axis=1))
    return one @ other.T / lengths


def _truth(one: np.ndarray, other: np.ndarray, scale: float) -> float:
    scores = scale * _cosines(one, other)
    return (_one_way(scores) + _one_way(scores.T)) / 2


def _slips(one: np.ndarray, other: np.ndarray, scale: float) -> list[tuple[float, str]]:
    cosines, number = _cosines(one, other), len(one)
    scores = scale * cosines
    bare = scale * (one @ other.T)
    bare = bare - bare.max() if np.ptp(bare) > 600 else bare
    without = np.where(np.eye(number, dtype=bool), -1e9, scores)
    own = np.diag(scores)
    others_only = float(np.mean([np.log(np.exp(row - s).sum()) for row, s in zip(without, own, strict=True)]))
    safe = np.ptp(bare) < 600
    return [
        (_one_way(scores), "That is one direction: look for the other's partner, too, and take the mean of both."),
        (_one_way(scores.T), "That is the second direction only: take the mean of both."),
        (2 * _truth(one, other, scale), "Take the mean of both directions, not their sum."),
        (number * _truth(one, other, scale), "It is the mean over the pairs, not their sum."),
        (
            (_one_way(bare) + _one_way(bare.T)) / 2 if safe else math.inf,
            "A cosine is asked for: divide by both lengths.",
        ),
        (_truth(one, other, 1.0), "The scale is missing."),
        (_truth(one, other, 1 / scale), "The cosines are multiplied by the scale: it is one over a temperature."),
        (float(-own.mean()), "The others are missing: without them, all vectors may fall together."),
        (float((1 - np.diag(cosines)).mean()), "The others are missing: this only draws partners together."),
        (others_only, "The right partner stands in the sum, too."),
        (-_truth(one, other, scale), "Take minus the logarithm: a loss is at least 0."),
        (_truth(one, other, scale) / math.log(2), "The logarithm is the natural one."),
    ]


def _expect(contrast: Callable, case: Case, why: str) -> None:
    one, other, scale = case
    truth, slips = _truth(*case), _slips(*case)
    received = one_number(contrast(one.copy(), other.copy(), scale), "the mean loss")
    told = f"{len(one)} pairs with a scale of {scale:.3g}: the loss is {truth:.5g}. Received: {received:.5g}."
    require(close(received, truth, rtol=1e-4, atol=1e-6), f"{told} {slip(received, slips, why)}")


def partners_are_found_both_ways(contrast):
    """It is the mean cost to find a partner among all, in both directions."""
    for rng in draws(3):
        for scale in mixed([1.5, 5.0, 20.0], rng):
            case = _draw(rng, scale * rng.uniform(0.8, 1.2))
            _expect(contrast, case, "The softmax goes over a row of scores, and then over a column.")


def lengths_do_not_count(contrast):
    """Only directions count: a vector may be as long as it likes."""
    for rng in draws(4):
        one, other, scale = _draw(rng, float(rng.uniform(2, 9)))
        longer = rng.uniform(0.1, 30, (len(one), 1))
        _expect(contrast, (one * longer, other, scale), "Divide each vector by its length.")


def nothing_told_apart_costs_the_logarithm(contrast):
    """Where all vectors point the same way, it is the logarithm of the number of pairs."""
    for rng in draws(4):
        number, direction = int(rng.integers(3, 40)), rng.normal(size=4)
        same = direction * rng.uniform(0.5, 2, (number, 1))
        _expect(contrast, (same, same[::-1].copy(), float(rng.uniform(1, 9))), "With no difference, each is a guess.")


def reconciles_the_found(found, prediction):
    """Your prediction is compared with your own pairs."""
    fine = isinstance(found, dict) and set(found) == {"random", "glosses"}
    require(fine, "`found` must hold the share of meanings found by both networks, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.0%}" for name, values in found.items())
    return f"You predicted {prediction!r} for the network at random. Measured: {told}."


CONTRAST = Exercise(
    id="10.5",
    title="Which belongs to which",
    points=3,
    prediction=one_of(*FOUND),
    given={"found": lambda rng: {"random": rng.uniform(0.1, 0.5, 5), "glosses": rng.uniform(0.6, 0.8, 5)}},
    kit_has=(info_nce,),
    hints=(
        "Divide each vector by its length; then `scale * one @ other.T` holds the scores of all pairs.",
        "In each row, the cost is minus the log-softmax at the place of the row's own partner: the diagonal.",
        "`-(np.diag(log_softmax(s, axis=1)).mean() + np.diag(log_softmax(s, axis=0)).mean()) / 2`.",
    ),
    properties=(
        partners_are_found_both_ways,
        lengths_do_not_count,
        nothing_told_apart_costs_the_logarithm,
        reconciles_the_found,
    ),
)
