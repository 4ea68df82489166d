"""The width of a band from the errors of other shops."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number
from tlkit.exercises.lesson_13_other_shops.shown import BANDS
from tlkit.exercises.trials import draws, mixed
from tlkit.forecasting import band_from_others

__all__ = ["BAND"]


def _draw(rng: np.random.Generator, number: int) -> np.ndarray:
    """Forecast minus truth, on both sides of 0, which is not their middle."""
    return rng.normal(rng.uniform(-0.5, 0.5), 1.0, number) * rng.uniform(0.1, 30)


def _rank(number: int, percent: int) -> int:
    return -(-(number + 1) * percent // 100)


def _truth(errors: np.ndarray, percent: int) -> float:
    rank = _rank(len(errors), percent)
    return float(sorted(abs(error) for error in errors.tolist())[rank - 1]) if rank <= len(errors) else math.inf


def _slips(errors: np.ndarray, percent: int) -> list[tuple[float, str]]:
    sizes, number = np.sort(np.abs(errors)), len(errors)
    plain = min(max(math.ceil(number * percent / 100) - 1, 0), number - 1)
    signed = np.sort(errors)[min(_rank(number, percent), number) - 1]
    return [
        (float(sizes[plain]), "The new error is one more: the rank is `ceil((n + 1) * share)`."),
        (float(sizes[min(_rank(number, percent), number - 1)]), "That is the next rank: rank 1 is `sorted_sizes[0]`."),
        (float(np.quantile(sizes, percent / 100)), "Take one of the errors, by its rank, with nothing in between."),
        (float(signed), "Sizes of errors are ranked, whatever their sign."),
        (_truth(errors, percent) / 2, "Half the width is that size itself: so much above, and so much below."),
        (2 * _truth(errors, percent), "Half the width is asked for: so much above, and so much below."),
        (float(sizes[max(number - _rank(number, percent), 0)]), "The share is that which the band *covers*."),
        (float(sizes[-1]), "That is the largest error: it covers more than the share."),
        (float(errors.std(ddof=1) * 1.2816), "No bell is assumed: rank the sizes of the errors."),
        (float(errors.std() * 1.2816), "No bell is assumed: rank the sizes of the errors."),
    ]


def _expect(half_width: Callable, errors: np.ndarray, percent: int, why: str) -> None:
    truth = _truth(errors, percent)
    slips = _slips(errors, percent) if math.isfinite(truth) else []
    received = one_number(half_width(errors.copy(), percent / 100), "half the width")
    told = f"{len(errors)} errors, of which {percent} % are to be covered: half the width is {truth:.5g}."
    fine = math.isclose(received, truth, rel_tol=1e-6)
    near = next((text for value, text in slips if math.isclose(value, received, rel_tol=1e-6)), why)
    require(fine, f"{told} Received: {received:.5g}. {near}")


def one_more_error_is_to_come(half_width):
    """The rank counts the error that is to come: ceil((n + 1) * share)."""
    for rng in draws(5):
        number = int(rng.integers(4, 12)) * 10
        for percent in mixed([80, 90], rng):
            _expect(
                half_width,
                _draw(rng, number - 1 - int(rng.integers(0, 3))),
                percent,
                "Rank the sizes from small to large.",
            )
            _expect(half_width, _draw(rng, number), percent, "The rank is rounded up.")


def sizes_count_not_signs(half_width):
    """Errors on both sides count by their size."""
    for rng in draws(3):
        for side in mixed([-1, 1], rng):
            errors = _draw(rng, int(rng.integers(30, 60)))
            errors[: len(errors) // 3] = side * np.abs(errors[: len(errors) // 3]) * 3
            _expect(half_width, errors, 80, "Too low by 2 and too high by 2 are as far away.")


def other_shares_are_covered(half_width):
    """Any share may be asked for."""
    for rng in draws(2):
        for percent in mixed([35, 50, 65, 95], rng):
            _expect(
                half_width,
                _draw(rng, int(rng.integers(40, 90))),
                percent,
                "Rank the sizes from small to large, and take that of rank `ceil((n + 1) * share)`.",
            )


def too_few_errors_promise_nothing(half_width):
    """With too few errors for the share, the band is infinite; with just enough, it ends at the largest."""
    for rng in draws(3):
        for number, percent in mixed([(3, 80), (8, 90), (4, 80), (9, 90), (18, 95), (19, 95)], rng):
            why = "If the rank is larger than n, no error seen is large enough: return `np.inf`."
            _expect(half_width, _draw(rng, number), percent, why)


def reconciles_the_coverage(covered, prediction):
    """Your prediction is compared with your own bands."""
    fine = isinstance(covered, dict) and set(covered) == {"own errors", "others' errors"}
    require(fine, "`covered` must hold the coverage of both bands, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.0%}" for name, values in covered.items())
    return f"You predicted {prediction!r} for bands from a shop's own errors. Measured: {told}."


BAND = Exercise(
    id="13.7",
    title="A band from the errors of others",
    points=2,
    prediction=one_of(*BANDS),
    given={
        "covered": lambda rng: {"own errors": rng.uniform(0.4, 0.7, 20), "others' errors": rng.uniform(0.7, 0.9, 20)}
    },
    kit_has=(band_from_others,),
    hints=(
        "Sort `np.abs(errors)`; the band ends at one of them.",
        "Its rank, counted from 1, is `ceil((n + 1) * share)`; if it is above n, the answer is `np.inf`.",
        "`(n + 1) * share` may be 16.000000000000004: round it to nine digits before `np.ceil`.",
    ),
    properties=(
        one_more_error_is_to_come,
        sizes_count_not_signs,
        other_shares_are_covered,
        too_few_errors_promise_nothing,
        reconciles_the_coverage,
    ),
)
