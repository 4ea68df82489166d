"""Which shifts of the photos hurt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_14_your_own_question.shown import NUM_DEALS, SHIFTS
from tlkit.exercises.lesson_14_your_own_question.verdicts import half_width, spread_of
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["WHICH_SHIFTS_HURT"]

_TRIES = 300


def _losses(places: list[float], unit: float, num_seeds: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """For each shift, by a new name, its loss in each deal."""
    sizes = rng.permutation(np.geomspace(0.002, 0.02, len(places)) * rng.uniform(0.9, 1.1))
    return {
        name: size * (place * unit + spread_of(num_seeds, rng))
        for name, place, size in zip(random_names(len(places), rng), places, sizes, strict=True)
    }


def _hurt(losses: dict[str, np.ndarray], half: float, middle: Callable) -> list[str]:
    """Return the shifts that hurt, that with the largest mean, or median, first."""
    hurt = [name for name, loss in losses.items() if loss.mean() > loss.std(ddof=1) * half]
    return sorted(hurt, key=lambda name: -float(middle(losses[name])))


def _expect(
    harmful: Callable,
    places: list[float],
    rng: np.random.Generator,
    why: str,
    *,
    naive: bool = False,
    skewed: bool = False,
) -> None:
    """Expect the shifts whose interval lies below 0, the worst first.

    Args:
        harmful: The answer.
        places: For each shift, its mean loss in half widths of its interval, negative for a gain; not near 1.
        rng: Draws names, sizes and deals.
        why: What a wrong answer has misunderstood.
        naive: Whether the half width that counts for the place is Student's, which knows nothing of the overlap.
        skewed: Whether the medians of the losses are in another order than the means.
    """
    num_seeds, num_train = int(rng.integers(5, 10)), int(rng.integers(80, 300))
    num_report = int(num_train * rng.uniform(0.2, 0.4))
    half = half_width(num_seeds, num_train, num_report)
    unit = float(stats.t.ppf(0.975, num_seeds - 1) / np.sqrt(num_seeds)) if naive else half
    luck = rng.permutation(np.linspace(0.45, 0.7, num_seeds))  # some deals are easy for every run
    losses = _losses(places, unit, num_seeds, rng)
    for _ in range(_TRIES * skewed):
        if _hurt(losses, half, np.mean) != _hurt(losses, half, np.median):
            break
        losses = _losses(places, unit, num_seeds, rng)
    truth = _hurt(losses, half, np.mean)
    scores = {name: luck - loss for name, loss in losses.items()}
    received = held(harmful(luck.copy(), {name: each.copy() for name, each in scores.items()}, num_train, num_report))
    fine = isinstance(received, list | tuple) and all(isinstance(name, str) for name in received)
    require(fine, f"Return a list of names. Received: {in_words(received)}.")
    told = ", ".join(f"{name} {-100 * each.mean():+.2f} points" for name, each in losses.items())
    if set(received) == set(truth) and len(received) == len(truth):
        why = "Order them by the mean change, the most negative first."
    require(list(received) == truth, f"{told}: {truth} hurt, the worst first. Received {list(received)}. {why}")


def names_the_harmful_ones(harmful):
    """It names the shifts whose whole interval lies below 0, and no others."""
    for rng in draws(3):
        places = mixed([2.5, 1.6, 0.4, -0.3, -2.0], rng)
        _expect(harmful, places, rng, "A shift hurts if the whole interval of its change lies below 0.")


def the_worst_comes_first(harmful):
    """The one with the largest mean loss comes first."""
    for rng in draws(3):
        places = mixed([1.5, 2.0, 3.0, 6.0, 0.2], rng)
        why = "A shift hurts if the whole interval of its change lies below 0."
        _expect(harmful, places, rng, why, skewed=True)


def the_edge_is_sharp(harmful):
    """Its intervals are those of 95 %, with the spread of few deals estimated as it should be."""
    for rng in draws(4):
        places = mixed([1.03, 1.04, 0.97, 0.96, 5.0], rng)
        why = "The interval is that of 95 %, with n - 1 in the deviation and in the degrees of freedom."
        _expect(harmful, places, rng, why)


def deals_are_paired(harmful):
    """It sees small losses that all deals share, though the deals themselves differ."""
    for rng in draws(3):
        places = mixed([1.1, 1.3, 0.8, -1.3, 1.8], rng)
        why = "Luck makes the deals differ by 25 points. Subtract deal by deal first, and it cancels."
        _expect(harmful, places, rng, why)


def knows_that_deals_overlap(harmful):
    """It knows that deals of the same photos overlap."""
    for rng in draws(3):
        places = mixed([1.1, 1.2, 1.15, 4.0, 5.0], rng)
        _expect(harmful, places, rng, "Deals share photos: Student's interval is too narrow here.", naive=True)


def reconciles_the_shifts(changes, prediction):
    """Your prediction is compared with your own shifts."""
    fine = isinstance(changes, dict) and changes and set(changes) <= set(SHIFTS)
    require(fine, f"`changes` must hold a change for each of {list(SHIFTS)}, as measured.")
    means = {name: float(np.mean(change)) for name, change in changes.items()}
    order = sorted(means, key=lambda name: means[name])
    told = ", ".join(f"{name} {100 * means[name]:+.1f}" for name in order)
    return f"You predicted that {prediction!r} costs most. Here, in points: {told}."


WHICH_SHIFTS_HURT = Exercise(
    id="14.7",
    title="Which shifts hurt?",
    points=2,
    prediction=one_of(*SHIFTS),
    given={"changes": lambda rng: {name: rng.normal(-0.1, 0.1, NUM_DEALS).tolist() for name in SHIFTS}},
    hints=(
        "For each shift, subtract the scores without a shift, deal by deal.",
        "`corrected_interval(change, num_train, num_report)` has `mean`, `low` and `high`.",
        "Keep the names with `high < 0`, and sort them by `mean`.",
    ),
    properties=(
        names_the_harmful_ones,
        the_worst_comes_first,
        the_edge_is_sharp,
        deals_are_paired,
        knows_that_deals_overlap,
        reconciles_the_shifts,
    ),
)
