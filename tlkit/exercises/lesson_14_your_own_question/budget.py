"""A comparison that keeps to its budget."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.exercises.trials import draws, random_names

__all__ = ["KEEP_THE_BUDGET"]

Costs = dict[str, tuple[int, int]]
Total = Callable[[int, int, int], int]
_TRIES = 500


def _all_seeds(first: int, later: int, seeds: int) -> int:
    return first + (seeds - 1) * later


def _greedy(
    costs: Costs, seeds: int, budget: int, *, total: Total = _all_seeds, key: Callable | None = None, room: int = 0
) -> list[str]:
    """The contestants that fit, one after the other; `room` must be left."""
    taken, spent = [], 0
    for name in costs if key is None else sorted(costs, key=key):
        cost = total(*costs[name], seeds)
        if spent + cost + room <= budget:
            taken.append(name)
            spent += cost
    return taken


def _until_the_first(costs: Costs, seeds: int, budget: int) -> list[str]:
    taken, spent = [], 0
    for name, (first, later) in costs.items():
        spent += _all_seeds(first, later, seeds)
        if spent > budget:
            break
        taken.append(name)
    return taken


def _each_alone(costs: Costs, seeds: int, budget: int) -> list[str]:
    return [name for name in costs if _all_seeds(*costs[name], seeds) <= budget]


def _expect(keep_budget: Callable, slips: list[Callable], message: str, *, is_full: bool = False) -> None:
    """Try an answer where each slip would choose otherwise."""
    for rng in draws(4):
        costs, seeds, budget = _draw(rng, slips, is_full=is_full)
        truth = _greedy(costs, seeds, budget)
        received = held(keep_budget(dict(costs), seeds, budget))
        fine = isinstance(received, list | tuple) and all(isinstance(name, str) for name in received)
        require(fine, f"Return a list of names. Received: {in_words(received)}.")
        listed = ", ".join(f"{name} {first} + {later} for each later seed" for name, (first, later) in costs.items())
        if set(received) == set(truth) and len(received) == len(truth):
            message = "The names are right; put them in the order of the plan, the most important first."
        require(
            list(received) == truth,
            f"{seeds} seeds, {budget} seconds; {listed}: {truth} fit. Received {list(received)}. {message}",
        )


def _draw(rng: np.random.Generator, slips: list[Callable], *, is_full: bool) -> tuple[Costs, int, int]:
    tries = 0
    while True:
        tries += 1
        names, seeds = random_names(int(rng.integers(4, 8)), rng), int(rng.integers(3, 8))
        costs = {name: (int(rng.integers(10, 60)), int(rng.integers(1, 10))) for name in names}
        totals = [_all_seeds(*costs[name], seeds) for name in names]
        budget = int(rng.integers(min(totals), sum(totals)))
        if is_full:
            budget = sum(totals[: int(rng.integers(2, len(names)))])
        truth = _greedy(costs, seeds, budget)
        tells = 1 < len(truth) < len(names) and all(slip(costs, seeds, budget) != truth for slip in slips)
        if tells or tries == _TRIES:
            return costs, seeds, budget


def counts_every_seed(keep_budget):
    """It counts the first run once, and each later seed at its own cost."""
    totals = [lambda first, later, seeds: first, lambda first, later, seeds: first * seeds]
    totals += [lambda first, later, seeds: later * seeds, lambda first, later, seeds: first + seeds * later]
    slips = [lambda *case, total=total: _greedy(*case, total=total) for total in totals]
    why = "The first run costs more, since a graph is built; it counts once, and each of the other seeds costs `later`."
    _expect(keep_budget, slips[:2], why)
    _expect(keep_budget, slips[2:], why)


def goes_on_after_one_that_does_not_fit(keep_budget):
    """Where one does not fit, a later one may."""
    _expect(keep_budget, [_until_the_first], "One that does not fit is left out, and the next one is tried.")


def keeps_the_order_of_the_plan(keep_budget):
    """The order of the plan decides, not the cost."""

    def cheapest(costs: Costs, seeds: int, budget: int) -> list[str]:
        return _greedy(costs, seeds, budget, key=lambda name: _all_seeds(*costs[name], seeds))

    why = "The names come in the order of the plan, the most important first; the cheapest ones are not preferred."
    _expect(keep_budget, [lambda *case: [name for name in case[0] if name in cheapest(*case)], cheapest], why)


def a_full_budget_is_kept(keep_budget):
    """Spending all of the budget is allowed, and nothing beyond."""
    why = "What is spent adds up, and a contestant that just fits is taken."
    _expect(keep_budget, [_each_alone, lambda *case: _greedy(*case, room=1)], why, is_full=True)


KEEP_THE_BUDGET = Exercise(
    id="14.4",
    title="A budget kept",
    points=2,
    hints=(
        "What does one contestant cost with all its seeds? The first run costs more than the others.",
        "Go through `costs.items()` in order, and keep a sum of what is spent. Leave out what does not fit; go on.",
        "`cost = first + (num_seeds - 1) * later`, then `if spent + cost <= budget:` take it.",
    ),
    properties=(
        counts_every_seed,
        goes_on_after_one_that_does_not_fit,
        keeps_the_order_of_the_plan,
        a_full_budget_is_kept,
    ),
)
