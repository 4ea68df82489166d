"""Which windows of other shops may teach, if nothing of the future may be known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_13_other_shops.shown import LEAKS
from tlkit.exercises.trials import draws, mixed

__all__ = ["ALLOWED"]


@dataclass(frozen=True)
class _Case:
    """Windows of several shops, the shop to forecast, and the week from which."""

    windows: list[dict[str, int]]
    target: int
    origin: int

    def said(self, allowed: Callable) -> set[int]:
        """Return the places that an answer returned."""
        message = "Return the places of windows in the list, such as `[0, 3]`."
        received = held(allowed([dict(each) for each in self.windows], self.target, self.origin))
        values = received.tolist() if isinstance(received, np.ndarray) else received
        require(isinstance(values, list | tuple | set), f"{message} Received: {in_words(received)}.")
        exist = all(type(each) in (int, float) and each in range(len(self.windows)) for each in values)
        require(exist and len(set(values)) == len(list(values)), f"{message} Received: {in_words(received)}.")
        return {int(each) for each in values}


def _window(rng: np.random.Generator, kind: str, target: int, origin: int, others: np.ndarray) -> dict[str, int]:
    """A window that is past, just past, that starts in the future, reaches into it, or is the target's own."""
    length = int(rng.integers(10, 20))
    last = {
        "past": origin - int(rng.integers(2, 20)),
        "just past": origin - 1,
        "just begun": origin,
        "reaches into it": origin + int(rng.integers(1, length - 1)),
        "later": origin + length + int(rng.integers(0, 9)),
        "own": origin - int(rng.integers(1, 20)),
    }[kind]
    shop = target if kind == "own" else int(rng.choice(others))
    return {"shop": shop, "first": last - length + 1, "last": last}


def _draw(rng: np.random.Generator, kinds: Sequence[str]) -> tuple[_Case, list[str]]:
    names, origin = rng.choice(90, 6, replace=False), int(rng.integers(50, 90))
    target, others, order = int(names[0]), names[1:], mixed(kinds, rng)
    return _Case([_window(rng, kind, target, origin, others) for kind in order], target, origin), order


def _expect(allowed: Callable, rng: np.random.Generator, kinds: Sequence[str], why: str) -> None:
    case, order = _draw(rng, kinds)
    received = case.said(allowed)
    for place, kind in enumerate(order):
        window, right = case.windows[place], kind in ("past", "just past")
        told = f"Forecasts of shop {case.target} start in week {case.origin}; window {place} is {window}."
        require((place in received) == right, f"{told} It {'may' if right else 'may not'} teach. {why}")


def the_past_of_others_may_teach(allowed):
    """Windows of other shops that end before the forecast may teach, later ones may not."""
    for rng in draws(3):
        _expect(allowed, rng, ["past"] * 5 + ["later"] * 5, "Compare its last week with the origin.")


def a_window_may_not_reach_into_the_future(allowed):
    """A window that starts before the forecast, and ends after it has begun, may not."""
    for rng in draws(3):
        why = "Shops share the weather, holidays and promotions: its last weeks are weeks to be forecast."
        _expect(allowed, rng, ["past"] * 5 + ["reaches into it"] * 5, why)


def the_week_before_is_the_last_one(allowed):
    """The last week that may teach is the one before the origin, which is itself to be forecast."""
    for rng in draws(3):
        why = "The first week to be forecast is the origin itself."
        _expect(allowed, rng, ["just past"] * 5 + ["just begun"] * 5, why)


def its_own_windows_are_no_source(allowed):
    """Windows of the shop itself are no source of others: it is a new shop."""
    for rng in draws(3):
        _expect(allowed, rng, ["past"] * 5 + ["own"] * 5, "Only other shops are a source; the shop is a new one.")


def reconciles_the_leak(leaked, prediction):
    """Your prediction is compared with your own forecasts."""
    fine = isinstance(leaked, dict) and set(leaked) == {"honest", "leaking"}
    require(fine, "`leaked` must hold the errors of `honest` and of `leaking`, as measured.")
    share = 1 - np.mean(leaked["leaking"]) / np.mean(leaked["honest"])
    return f"You predicted {prediction!r}. In your forecasts, the leak made the error {share:.0%} smaller."


ALLOWED = Exercise(
    id="13.5",
    title="No week of the future",
    points=2,
    prediction=one_of(*LEAKS),
    given={"leaked": lambda rng: {"honest": rng.uniform(0.3, 0.5, 20), "leaking": rng.uniform(0.2, 0.4, 20)}},
    hints=(
        "Two conditions: another shop, and a last week before the origin.",
        'A window\'s last week is `window["last"]`, and it belongs to the window.',
        '`[i for i, w in enumerate(windows) if w["shop"] != target and w["last"] < origin]`.',
    ),
    properties=(
        the_past_of_others_may_teach,
        a_window_may_not_reach_into_the_future,
        the_week_before_is_the_last_one,
        its_own_windows_are_no_source,
        reconciles_the_leak,
    ),
)
