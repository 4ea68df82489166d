"""A greedy soup: the mean of the weights of those networks that make it better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_09_several_networks.shown import SOUPS
from tlkit.exercises.trials import draws, mixed

__all__ = ["SOUP"]

Weights = list[np.ndarray]


@dataclass(frozen=True)
class _Case:
    """Networks as lists of arrays, and the weights that would be best: the nearer, the higher the score."""

    members: list[Weights]
    best: Weights

    def score(self, weights: Weights) -> float:
        """Return the validated accuracy of a network, in (0, 1]."""
        parts = [np.asarray(held(each), float) for each in held(weights)]
        squares = sum(float(((a - b) ** 2).sum()) for a, b in zip(parts, self.best, strict=True))
        return round(1 / (1 + squares), 12)

    def mean(self, places: list[int]) -> Weights:
        """Return the mean of some members."""
        return [np.mean(same, axis=0) for same in zip(*(self.members[place] for place in places), strict=True)]

    def order(self) -> list[int]:
        """Return the places of the members, the best first."""
        return sorted(range(len(self.members)), key=lambda place: -self.score(self.members[place]))

    def greedy(self, order: list[int], *, strict: bool = False, stop: bool = False) -> list[int]:
        """Return the members that a greedy soup keeps; `strict` and `stop` are mistakes."""
        kept = [order[0]]
        for place in order[1:]:
            now, then = self.score(self.mean(kept)), self.score(self.mean([*kept, place]))
            if then > now or (then == now and not strict):
                kept.append(place)
            elif stop:
                break
        return kept


def _shapes(rng: np.random.Generator) -> list[tuple[int, ...]]:
    width = int(rng.integers(2, 5))
    return [(width, 3), (3,), (3, 2)]


def _draw(rng: np.random.Generator, around: float, num_members: int) -> _Case:
    """Members around the best weights; the larger `around`, the more unequal they are."""
    shapes = _shapes(rng)
    best = [rng.normal(size=shape) for shape in shapes]
    scales = around * rng.permutation(np.linspace(0.6, 1.8, num_members))
    members = [[each + scale * rng.normal(size=each.shape) for each in best] for scale in scales]
    return _Case(members, best)


def _read(soup: Callable, case: _Case) -> Weights:
    copies = [[each.copy() for each in member] for member in case.members]
    received = held(soup(copies, case.score))
    told = f"Return a list of {len(case.best)} arrays, one for each array of a network."
    require(isinstance(received, list | tuple) and len(received) == len(case.best), told)
    return [numbers_of(part, own.shape, told) for part, own in zip(received, case.best, strict=True)]


def _same(a: Weights, b: Weights) -> bool:
    return all(close(x, y, rtol=1e-6) for x, y in zip(a, b, strict=True))


def _running(case: _Case) -> Weights:
    """A mean of two, again and again: the last member gets half of the weight."""
    order = case.order()
    now = case.members[order[0]]
    for place in order[1:]:
        tried = [(a + b) / 2 for a, b in zip(now, case.members[place], strict=True)]
        now = tried if case.score(tried) >= case.score(now) else now
    return now


def _expect(soup: Callable, case: _Case, why: str) -> None:
    order, found = case.order(), _read(soup, case)
    wanted, given, everybody = case.greedy(order), list(range(len(order))), list(range(len(order)))
    slips = [
        (case.mean(case.greedy(order, strict=True)), "An equal score is good enough: `>=`, not `>`."),
        (case.mean(case.greedy(order[::-1])), "Begin with the best member, not with the worst."),
        (case.mean(everybody), "That is the mean of all members. Keep only those that make the soup no worse."),
        (case.mean(wanted[:1]), "That is the best member alone. Try to add the others, one by one."),
        (case.mean(case.greedy(given)), "Sort the members by their own scores first, the best first."),
        (case.mean(case.greedy(order, stop=True)), "Go on after one that harms: a later one may help."),
        (_running(case), "Take the mean of *all* kept members anew, not of the soup so far and one more."),
    ]
    reason = next((text for values, text in slips if _same(found, values)), why)
    told = f"The soup keeps {len(wanted)} of {len(order)} members and scores {case.score(case.mean(wanted)):.4f}"
    require(_same(found, case.mean(wanted)), f"{told}; yours scores {case.score(found):.4f}. {reason}")


def what_helps_is_kept(soup):
    """Members that make the soup better are kept, and the others are left out."""
    for rng in draws(6):
        _expect(soup, _draw(rng, float(rng.uniform(0.3, 1.2)), int(rng.integers(5, 9))), "Add what is no worse.")


def the_best_comes_first(soup):
    """The members are tried in the order of their own scores, whatever their places."""
    for rng in draws(4):
        case = _draw(rng, 0.6, int(rng.integers(5, 8)))
        for order in (case.order(), case.order()[::-1], mixed(case.order(), rng)):
            _expect(soup, _Case([case.members[i] for i in order], case.best), "Begin with the best member.")


def one_that_harms_is_left_out(soup):
    """Members far off are left out, even if most are."""
    for rng in draws(4):
        case = _draw(rng, 0.4, int(rng.integers(3, 5)))
        far = [[each + 6 * rng.normal(size=each.shape) for each in case.best] for _ in range(int(rng.integers(2, 5)))]
        _expect(soup, _Case(mixed([*case.members, *far], rng), case.best), "It may not make the soup worse.")


def a_copy_is_kept(soup):
    """A member that leaves the score as it is, is kept, and counts in the mean."""
    for rng in draws(4):
        case = _draw(rng, 0.5, 4)
        first = case.members[case.order()[0]]
        copies = [[each.copy() for each in first] for _ in range(int(rng.integers(1, 4)))]
        _expect(soup, _Case(mixed([*case.members, *copies], rng), case.best), "No worse is good enough.")


def reconciles_the_soup(apart, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(apart, float)
    require(values.ndim == 1 and len(values) > 1, "`apart` must hold one difference for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, the mean of own starts lies {100 * values.mean():+.1f} points off."


SOUP = Exercise(
    id="9.5",
    title="A greedy soup",
    points=3,
    prediction=one_of(*SOUPS),
    given={"apart": lambda rng: rng.normal(-0.6, 0.05, 8)},
    hints=(
        "`sorted(members, key=score, reverse=True)` are the members, the best first. `kept` begins with its first one.",
        "The mean of some: `[np.mean(same, axis=0) for same in zip(*some)]`.",
        "For each other member: if `score(mean(kept + [member])) >= score(mean(kept))`, append it to `kept`.",
    ),
    properties=(
        what_helps_is_kept,
        the_best_comes_first,
        one_that_harms_is_left_out,
        a_copy_is_kept,
        reconciles_the_soup,
    ),
)
