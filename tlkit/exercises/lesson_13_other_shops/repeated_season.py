"""What every forecast has to beat: the last season, repeated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_13_other_shops.shown import NAIVE
from tlkit.exercises.trials import draws, mixed
from tlkit.forecasting import repeat_season

__all__ = ["SEASON"]


def _truth(sales: np.ndarray, season: int, horizon: int) -> np.ndarray:
    last = sales[len(sales) - season :]
    return np.array([last[week % season] for week in range(horizon)])


def _slips(sales: np.ndarray, season: int, horizon: int) -> list[tuple[np.ndarray, str]]:
    last, weeks = sales[-season:], np.arange(horizon)
    return [
        (np.full(horizon, sales[-1]), "This is the last value; the season before it counts, too."),
        (np.full(horizon, last.mean()), "This is the mean of the last season: each place keeps its own value."),
        (np.resize(last[::-1], horizon), "The season runs backwards."),
        (np.resize(sales[:season], horizon), "This is the *first* season of the known weeks."),
        (last[(weeks + 1) % season], "It is one week off: the first forecast is the first value of the last season."),
        (last[(weeks - 1) % season], "It is one week off: the first forecast is the first value of the last season."),
        (last[(weeks + len(sales)) % season], "The season is counted back from the last known week."),
    ]


def _expect(seasonal: Callable, sales: np.ndarray, season: int, horizon: int, why: str) -> None:
    truth, slips = _truth(sales, season, horizon), _slips(sales, season, horizon)
    message = f"Return {horizon} numbers, one for each week to come."
    received = numbers_of(seasonal(sales.copy(), season, horizon), (horizon,), message)
    told = next((text for value, text in slips if close(received, value)), why)
    if not close(received, truth):
        week = int(np.argmax(np.abs(received - truth)))
        require(False, f"In week {week + 1} of {horizon}, with a season of {season}: {received[week]:.4g}. {told}")


def _sales(rng: np.random.Generator, season: int) -> np.ndarray:
    number = season * int(rng.integers(2, 5)) + int(rng.integers(1, season)) if season > 1 else int(rng.integers(4, 20))
    return rng.normal(size=number) * rng.uniform(0.1, 50)


def the_last_season_comes_again(seasonal):
    """Each week to come gets the value of the same place in the last season."""
    for rng in draws(3):
        for season in mixed([4, 7], rng):
            _expect(seasonal, _sales(rng, season), season, season, "Take the last `season` values, in their order.")


def it_repeats_beyond_one_season(seasonal):
    """It goes on after one season, as often as it takes."""
    for rng in draws(3):
        for season in mixed([3, 5], rng):
            horizon = season * int(rng.integers(2, 4)) + int(rng.integers(1, season))
            _expect(seasonal, _sales(rng, season), season, horizon, "After the season's last place comes its first.")


def a_short_horizon_needs_its_first_weeks(seasonal):
    """If fewer weeks than a season are asked for, it is the season's first ones."""
    for rng in draws(6):
        season = int(rng.integers(4, 9))
        horizon = int(rng.integers(2, season))
        _expect(seasonal, _sales(rng, season), season, horizon, "The season starts at its first place.")


def a_season_of_one_is_the_last_value(seasonal):
    """With a season of one week, it is the last value."""
    for rng in draws(6):
        horizon = int(rng.integers(2, 9))
        _expect(seasonal, _sales(rng, 1), 1, horizon, "A season of one week repeats the last value.")


def reconciles_the_naive_rule(naive, prediction):
    """Your prediction is compared with your own forecasts."""
    fine = isinstance(naive, dict) and set(naive) == set(NAIVE)
    require(fine, f"`naive` must hold the errors of {', '.join(NAIVE)}, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.3f}" for name, values in naive.items())
    return f"You predicted {prediction!r}. In your forecasts: {told}."


SEASON = Exercise(
    id="13.1",
    title="The last season, repeated",
    points=2,
    prediction=one_of(*NAIVE),
    given={"naive": lambda rng: {name: rng.uniform(0.2, 0.6, 20) for name in NAIVE}},
    kit_has=(repeat_season,),
    hints=(
        "The last season is `sales[-season:]`.",
        "Week `w` to come, counted from 0, has the place `w % season` in it.",
        "`sales[-season:][np.arange(horizon) % season]`.",
    ),
    properties=(
        the_last_season_comes_again,
        it_repeats_beyond_one_season,
        a_short_horizon_needs_its_first_weeks,
        a_season_of_one_is_the_last_value,
        reconciles_the_naive_rule,
    ),
)
