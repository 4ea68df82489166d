"""Out of bag: a bagged team judged on the rows that its members did not draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_09_several_networks.shown import MANY
from tlkit.exercises.trials import draws

__all__ = ["OUT_OF_BAG"]


def _draw(rng: np.random.Generator, num_members: int, seen_by_all: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Chances `(num_members, num_rows, num_classes)`, and how often each member drew each row."""
    rows, classes = int(rng.integers(12, 30)), int(rng.integers(2, 6))
    values = np.exp(1.5 * rng.normal(size=(num_members, rows, classes)))
    drawn = np.stack([np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(num_members)])
    told_by_one = np.flatnonzero((drawn > 0).all(axis=0))
    drawn[rng.integers(0, num_members, len(told_by_one)), told_by_one] = 0
    full = rng.permutation(rows)[:seen_by_all]
    drawn[:, full] = rng.integers(1, 4, (num_members, len(full)))
    return values / values.sum(axis=2, keepdims=True), drawn


def _mean(chances: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weighted mean over the members for each row, 0 where all weights are."""
    total = weights.sum(axis=0)[:, None]
    return np.einsum("mn,mnc->nc", weights, chances) / np.where(total > 0, total, 1)


def _truth(chances: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return _mean(chances, (drawn == 0).astype(float))


def _reason(found: np.ndarray, chances: np.ndarray, drawn: np.ndarray, why: str) -> str:
    free = (drawn == 0).astype(float)
    slips = [
        (chances.mean(axis=0), "All members told each row, also those that learned from it."),
        (_mean(chances, 1 - free), "These are the members that *did* draw the row: turn the mask round."),
        (_mean(chances, (drawn <= 1).astype(float)), "A row that was drawn once was drawn: only 0 leaves it out."),
        (_mean(chances, (drawn != 1).astype(float)), "A row that was drawn twice was drawn: only 0 leaves it out."),
        (np.einsum("mn,mnc->nc", free, chances), "Divide by the number of members that did not draw the row."),
        (
            np.einsum("mn,mnc->nc", free, chances) / len(chances),
            "Divide by the number of members that did not draw the row, not by all members.",
        ),
    ]
    return next((text for values, text in slips if close(found, values, rtol=1e-6, atol=1e-9)), why)


def _expect(out_of_bag: Callable, chances: np.ndarray, drawn: np.ndarray, why: str) -> None:
    shape, truth = chances.shape[1:], _truth(chances, drawn)
    received = out_of_bag(chances.copy(), drawn.copy())
    found = numbers_of(received, shape, f"{shape[0]} rows need a table of chances of shape {shape}.")
    gone = int(np.isnan(found).any(axis=1).sum())
    told = f"{gone} rows have the chances `nan`. Where all members drew a row, all its chances are 0."
    require(gone == 0, told)
    wrong = ~np.isclose(found, truth, rtol=1e-6, atol=1e-9).all(axis=1)
    told = f"{wrong.sum()} of {len(wrong)} rows have other chances. {_reason(found, chances, drawn, why)}"
    require(not wrong.any(), told)


def only_others_tell_a_row(out_of_bag):
    """Each row is told by the members that did not draw it."""
    for rng in draws(4):
        why = "`drawn[member, row] == 0` says that a member did not learn from a row."
        _expect(out_of_bag, *_draw(rng, int(rng.integers(8, 14))), why)


def few_members_are_few(out_of_bag):
    """The mean is over as many members as there are for that row."""
    for rng in draws(4):
        why = "Rows differ in how many members left them out."
        _expect(out_of_bag, *_draw(rng, int(rng.integers(2, 5))), why)


def a_row_that_all_drew_is_not_told(out_of_bag):
    """Where all members drew a row, its chances are 0."""
    for rng in draws(4):
        why = "If nobody left a row out, nobody can tell it: all its chances are 0."
        _expect(out_of_bag, *_draw(rng, int(rng.integers(3, 7)), int(rng.integers(2, 6))), why)


def reconciles_the_best(by_kind, prediction):
    """Your prediction is compared with your own runs."""
    require(isinstance(by_kind, dict) and len(by_kind) > 0, "`by_kind` must hold the gains of each kind, as measured.")
    told = ", ".join(f"{name} {100 * np.mean(values):+.1f} points" for name, values in by_kind.items())
    return f"You predicted {prediction!r}. Against one logistic regression: {told}."


OUT_OF_BAG = Exercise(
    id="9.4",
    title="Out of bag",
    points=2,
    prediction=one_of(*MANY),
    given={"by_kind": lambda rng: {name: rng.normal(-0.1, 0.05, 8) for name in MANY[:3]}},
    hints=(
        "`free = drawn == 0` is `(num_members, num_rows)`: who may tell which row.",
        "`(free[:, :, None] * chances).sum(axis=0)` sums over those members; divide by `free.sum(axis=0)`.",
        "`np.maximum(free.sum(axis=0), 1)[:, None]` never divides by 0, and leaves the chances of such rows at 0.",
    ),
    properties=(
        only_others_tell_a_row,
        few_members_are_few,
        a_row_that_all_drew_is_not_told,
        reconciles_the_best,
    ),
)
