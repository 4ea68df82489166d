"""A split that keeps groups whole, and what a split of single photos pretends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_14_your_own_question.shown import LEAKS, NUM_DEALS
from tlkit.exercises.trials import draws, mixed

__all__ = ["WHOLE_GROUPS"]


@dataclass(frozen=True)
class _Case:
    """Photos with groups and classes whose numbers have gaps, in no order."""

    groups: np.ndarray
    labels: np.ndarray
    share: float
    seed: int

    def held(self, hold_out: Callable, seed: int | None = None) -> np.ndarray:
        """Return what an answer holds out, `(num_photos,)`, bool."""
        number = len(self.groups)
        seed = self.seed if seed is None else seed
        received = numbers_of(
            hold_out(self.groups.copy(), self.labels.copy(), self.share, seed),
            (number,),
            f"{number} photos need {number} values, `True` for each photo that is held out.",
        )
        require(np.isin(received, (0, 1)).all(), "Return `True` or `False` for each photo, not rows or groups.")
        found = received.astype(bool)
        for label in np.unique(self.labels):
            of_class = found[self.labels == label]
            require(
                of_class.any() and not of_class.all(),
                f"Class {label} has photos on one side only. Go through the classes one by one.",
            )
        return found


def _draw(rng: np.random.Generator) -> _Case:
    classes = int(rng.integers(2, 5))
    sizes = [rng.integers(1, 6, int(rng.integers(8, 13))) for _ in range(classes)]
    numbers = rng.choice(900, sum(map(len, sizes)), replace=False)
    groups = np.repeat(numbers, np.concatenate(sizes))
    labels = np.repeat(rng.choice(30, classes, replace=False), [part.sum() for part in sizes])
    order = rng.permutation(len(groups))
    return _Case(groups[order], labels[order], float(rng.uniform(0.15, 0.35)), int(rng.integers(10_000)))


def keeps_groups_whole(hold_out):
    """No group is on both sides, and each class is on each side."""
    for rng in draws(4):
        case = _draw(rng)
        held = case.held(hold_out)
        torn = np.intersect1d(case.groups[held], case.groups[~held])
        require(
            len(torn) == 0,
            f"{len(torn)} of {len(np.unique(case.groups))} groups have photos on both sides. Mix the *groups*, and "
            "hold out all photos of those that you take.",
        )


def _draw_pairs(rng: np.random.Generator) -> _Case:
    """Groups of two photos, of which a quarter is exactly a number of groups."""
    per_class = 4 * int(rng.integers(2, 4))
    numbers = rng.choice(900, 2 * per_class, replace=False)
    order = rng.permutation(4 * per_class)
    labels = np.repeat(rng.choice(30, 2, replace=False), 2 * per_class)
    return _Case(np.repeat(numbers, 2)[order], labels[order], 0.25, int(rng.integers(10_000)))


def _draw_unequal(rng: np.random.Generator) -> _Case:
    """Groups of which no two of a class have the same size."""
    sizes = np.concatenate([rng.permutation(np.arange(1, 10)) for _ in range(2)])
    order = rng.permutation(sizes.sum())
    labels = np.repeat(rng.choice(30, 2, replace=False), sizes.sum() // 2)
    return _Case(np.repeat(rng.choice(900, 18, replace=False), sizes)[order], labels[order], 0.3, 0)


def holds_out_the_share(hold_out):
    """Of each class, it holds out the share that was asked for, up to one group."""
    for rng in draws(4):
        for draw in mixed([_draw, _draw, _draw_pairs], rng):
            _expect_share(hold_out, draw(rng))


def _expect_share(hold_out: Callable, case: _Case) -> None:
    held = case.held(hold_out)
    for label in np.unique(case.labels):
        mine = case.labels == label
        out, number = int((held & mine).sum()), int(mine.sum())
        largest = max(int((case.groups[mine] == group).sum()) for group in np.unique(case.groups[held & mine]))
        wanted = case.share * number
        told = f"Of class {label}, {out} of {number} photos were held out; {case.share:.0%} are {wanted:.1f}."
        require(out >= wanted - 1e-9, f"{told} Go on until at least the share of the *photos* is held out.")
        require(out - largest < wanted, f"{told} Stop as soon as the share is reached: one group less was enough.")


def the_seed_decides(hold_out):
    """The same seed gives the same split, and other seeds give others."""
    for draw, rng in zip((_draw, _draw_unequal), draws(2), strict=True):
        case = draw(rng)
        seeds = rng.choice(10_000, 6, replace=False).tolist()
        found = [case.held(hold_out, seed).tolist() for seed in seeds]
        different = len({tuple(each) for each in found})
        require(
            different >= 4,
            f"Six seeds gave {different} different splits. Draw the order of the groups, whatever their size, with "
            "`np.random.default_rng(seed)`: a comparison needs several deals.",
        )
        again = case.held(hold_out, seeds[0]).tolist()
        require(again == found[0], "The same seed gave another split: nobody could repeat your study.")


def reconciles_the_leak(leak, prediction):
    """Your prediction is compared with your own measurement."""
    values = np.asarray(leak, float)
    require(values.shape == (NUM_DEALS,), f"`leak` must be {NUM_DEALS} differences. Received shape {values.shape}.")
    return f"You predicted {prediction!r}. Here, torn groups add {100 * values.mean():+.1f} points on average."


WHOLE_GROUPS = Exercise(
    id="14.3",
    title="A split that keeps groups whole",
    points=2,
    prediction=one_of(*LEAKS),
    given={"leak": lambda rng: rng.normal(0.1, 0.05, NUM_DEALS)},
    hints=(
        "Go through the classes. The groups of a class are `np.unique(groups[labels == label])`.",
        "`np.random.default_rng(seed).permutation(...)` gives them an order; hold out one after the other.",
        "`for group in order: if held[mine].sum() < share * mine.sum(): held |= groups == group`.",
    ),
    properties=(keeps_groups_whole, holds_out_the_share, the_seed_decides, reconciles_the_leak),
)
