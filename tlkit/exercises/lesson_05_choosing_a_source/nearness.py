"""The proxy A-distance, from the answers of a classifier of domains."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_05_choosing_a_source.shown import NEAREST
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.selection import proxy_a_distance

__all__ = ["HOW_FAR_APART"]


EACH_FIRST = "Take the error of each domain first: else, always naming the larger one looks far."
FORMULA = "It is 2 (1 - 2 e), but at least 0; e is the mean of the errors of the two domains."


def _errors(answers: np.ndarray, domains: np.ndarray) -> list[float]:
    return [float((answers[domains == name] != name).mean()) for name in np.unique(domains)]


def _distance(answers: np.ndarray, domains: np.ndarray) -> float:
    return max(0.0, 2 * (1 - 2 * float(np.mean(_errors(answers, domains)))))


def _slips(answers: np.ndarray, domains: np.ndarray) -> list[tuple[float, str]]:
    error, even = float((answers != domains).mean()), float(np.mean(_errors(answers, domains)))
    return [
        (2 * (1 - 2 * error), EACH_FIRST),
        (max(0.0, 2 * (1 - 2 * error)), EACH_FIRST),
        (2 * (1 - 2 * even), "Worse than guessing is luck: the distance is at least 0."),
        (2 * abs(1 - 2 * even), "Worse than guessing is luck, and no distance: 0, not its absolute value."),
        (1 - 2 * even, "From 0 to 2: twice 1 minus twice the error."),
        (max(0.0, 1 - 2 * even), "From 0 to 2: twice 1 minus twice the error."),
        (even, "That is the error. The distance is large where the error is small."),
        (2 * (1 - even), "A guess has an error of one half, so the error counts twice."),
        (1 - even, "That is the accuracy. The distance of a guess is 0."),
    ]


def _case(rng: np.random.Generator, errors: tuple[float, float], sizes: tuple[int, int]) -> tuple:
    names = rng.choice(50, 2, replace=False)
    domains = np.repeat(names, sizes)
    wrong = np.concatenate(
        [rng.permutation(np.arange(size) < round(share * size)) for share, size in zip(errors, sizes, strict=True)]
    )
    answers = np.where(wrong, names.sum() - domains, domains)
    order = rng.permutation(len(domains))
    return answers[order], domains[order]


def _expect(answer: Callable, case: tuple) -> None:
    answers, domains = case
    truth, names = _distance(answers, domains), np.unique(domains)
    numbered = (
        f"The domains have the numbers {names[0]} and {names[1]} here, not 0 and 1: take them from "
        "`np.unique(domains)`. A mean of no answers is `nan`, and `max(0, nan)` is 0."
    )
    received = one_number(answer(answers.copy(), domains.copy()), "a distance", if_nan=numbered)
    slips = [(0.0, numbered), *_slips(answers, domains)]
    shares = " and ".join(f"{error:.1%}" for error in _errors(answers, domains))
    require(
        close(received, truth, rtol=1e-6, atol=1e-9),
        f"Errors of {shares} in the two domains: the distance is {truth:.4f}, and {received:.4f} came. "
        f"{slip(received, slips, FORMULA)}",
    )


def _sizes(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(20, 60)), int(rng.integers(80, 200))


def goes_from_0_to_2(distance):
    """A classifier that guesses means 0, and one without errors means 2."""
    for rng in draws(2):
        clear, ends = [(0.1, 0.1), (0.3, 0.2)], [(0.0, 0.0), (0.5, 0.5)]  # the ends tell few mistakes apart
        for errors in (*mixed(clear, rng), *mixed(ends, rng)):
            _expect(distance, _case(rng, errors, _sizes(rng)))


def is_not_fooled_by_sizes(distance):
    """Always naming the larger domain is a guess."""
    for rng in draws(2):
        for errors in (*mixed([(0.6, 0.05), (0.05, 0.3)], rng), (1.0, 0.0)):
            _expect(distance, _case(rng, errors, _sizes(rng)))


def luck_is_not_a_distance(distance):
    """Fewer right answers than a guess has are bad luck: the distance is 0."""
    for rng in draws(2):
        for errors in mixed([(0.6, 0.7), (0.9, 0.3), (0.2, 0.3)], rng):
            _expect(distance, _case(rng, errors, _sizes(rng)))


def reconciles_the_nearest(nearest, prediction):
    """Your prediction is compared with your own measurement."""
    fine = isinstance(nearest, dict) and nearest and all(type(value) is bool for value in nearest.values())
    require(fine, "`nearest` must say of each target, with True or False, whether the nearest domain won, as measured.")
    told = ", ".join(f"{target}: {'yes' if won else 'no'}" for target, won in nearest.items())
    return f"You predicted {prediction!r}. Did the nearest domain transfer best? {told}."


HOW_FAR_APART = Exercise(
    id="5.5",
    title="How far apart are two domains?",
    points=2,
    prediction=one_of(*NEAREST),
    given={"nearest": lambda rng: {"digits": True, "textures": False}},
    kit_has=(proxy_a_distance,),
    hints=(
        "`np.unique(domains)` has two names. What share of the answers is wrong in each?",
        "e is the mean of the two shares, so that a large domain counts no more than a small one.",
        "`max(0.0, 2 * (1 - 2 * e))`.",
    ),
    properties=(goes_from_0_to_2, is_not_fooled_by_sizes, luck_is_not_a_distance, reconciles_the_nearest),
)
