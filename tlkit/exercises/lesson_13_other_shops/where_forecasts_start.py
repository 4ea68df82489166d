"""Rolling origins: known weeks before, asked weeks after, and none of both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.exercises.trials import draws, mixed
from tlkit.forecasting import rolling_origins

__all__ = ["ORIGINS"]


def _truth(num_weeks: int, num_known: int, horizon: int, step: int) -> list[int]:
    found, origin = [], num_weeks - horizon
    while origin >= num_known:
        found.append(origin)
        origin -= step
    return found[::-1]


def _read(origins: Callable, *case: int) -> list[int]:
    message = "Return a list of weeks, such as `[10, 13, 16]`."
    received = held(origins(*case))
    if isinstance(received, np.ndarray):
        received = received.tolist()
    fine = isinstance(received, list | tuple | range)
    require(fine, f"{message} Received: {in_words(received)}.")
    values = list(received)
    whole = all(type(each) in (int, float) and float(each).is_integer() for each in values)
    require(whole, f"{message} Received: {in_words(received)}.")
    return [int(each) for each in values]


def _expect(origins: Callable, case: tuple[int, int, int, int], why: str) -> None:
    num_weeks, num_known, horizon, step = case
    received, truth = _read(origins, *case), _truth(*case)
    told = f"{num_weeks} weeks, {num_known} known, {horizon} asked for, steps of {step}:"
    late = [each for each in received if each + horizon > num_weeks]
    require(not late, f"{told} from {late[:1]}, some weeks asked for lie after the last one, with nothing to compare.")
    early = [each for each in received if each < num_known]
    require(not early, f"{told} before {early[:1]} there are fewer than {num_known} weeks to know.")
    require(bool(received) or not truth, f"{told} the answer has no origin. {why}")
    require(received == sorted(received), f"{told} the earliest origin comes first. Received: {received[:4]}.")
    last = not truth or received[-1] == truth[-1]
    require(last, f"{told} the last forecast can end with the last week, at {truth[-1:]}. Received: {received[-1:]}.")
    require(received == truth, f"{told} the origins are {truth}. Received: {received}. {why}")


def _case(rng: np.random.Generator, spare: int, step: int) -> tuple[int, int, int, int]:
    num_known, horizon = int(rng.integers(4, 30)), int(rng.integers(2, 14))
    return num_known + horizon + spare, num_known, horizon, step


def the_last_forecast_ends_with_the_last_week(origins):
    """The last forecast ends with the last week, and none later."""
    for rng in draws(3):
        for step in mixed([2, 5], rng):
            case = _case(rng, step * int(rng.integers(2, 5)) + int(rng.integers(1, step)), step)
            _expect(origins, case, "Count back from the last possible origin, in equal steps.")


def enough_weeks_are_known(origins):
    """Before each origin, there are as many weeks as a forecast knows."""
    for rng in draws(4):
        step = int(rng.integers(2, 6))
        for spare in mixed([step - 1, 2 * step, 2 * step + 1], rng):
            _expect(origins, _case(rng, spare, step), "An origin with exactly `num_known` weeks before it is possible.")


def every_origin_is_used(origins):
    """With steps of one week, every possible origin is used."""
    for rng in draws(6):
        _expect(origins, _case(rng, int(rng.integers(3, 9)), 1), "No possible origin is left out.")


def a_short_series_has_none(origins):
    """A series that is too short has no origin, and one that is just long enough has one."""
    for rng in draws(4):
        for spare in mixed([-1, 0, -int(rng.integers(2, 9))], rng):
            step = int(rng.integers(1, 6))
            _expect(origins, _case(rng, spare, step), "With `num_known + horizon` weeks, there is just one origin.")


ORIGINS = Exercise(
    id="13.2",
    title="Rolling origins",
    points=2,
    kit_has=(rolling_origins,),
    hints=(
        "A forecast from `origin` is asked for the weeks `origin` to `origin + horizon - 1`, counted from 0.",
        "The last origin is `num_weeks - horizon`; go back by `step` while at least `num_known` weeks lie before.",
        "`sorted(range(num_weeks - horizon, num_known - 1, -step))`.",
    ),
    properties=(
        the_last_forecast_ends_with_the_last_week,
        enough_weeks_are_known,
        every_origin_is_used,
        a_short_series_has_none,
    ),
)
