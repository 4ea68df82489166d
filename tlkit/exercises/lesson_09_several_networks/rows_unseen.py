"""Answers out of fold: no row is told by a model that has learned from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_09_several_networks.shown import LEAKS
from tlkit.exercises.trials import draws, mixed

__all__ = ["OUT_OF_FOLD"]


@dataclass
class _Case:
    """A table, its labels and folds, and a learner that notes what it learned from."""

    table: np.ndarray
    labels: np.ndarray
    folds: np.ndarray
    num_classes: int
    learned: list[np.ndarray] = field(default_factory=list)

    def fit(self, table: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """Learn as a kernel rule does: the chances of a row come from all learned rows, the nearest most of all."""
        rows, numbers = np.array(table, float), np.array(labels)
        self.learned.append(rows[:, 0].copy())

        def predict(asked: np.ndarray) -> np.ndarray:
            squares = ((np.array(asked, float)[:, None, 1:] - rows[None, :, 1:]) ** 2).sum(axis=2)
            chances = np.exp(-squares) @ np.eye(self.num_classes)[numbers] + 0.01
            return chances / chances.sum(axis=1, keepdims=True)

        return predict

    def truth(self) -> np.ndarray:
        """The answers out of fold."""
        found = np.empty((len(self.table), self.num_classes))
        for name in np.unique(self.folds):
            held = self.folds == name
            found[held] = self.fit(self.table[~held], self.labels[~held])(self.table[held])
        self.learned.clear()
        return found

    def within(self) -> np.ndarray:
        """The answers of one model about the rows that it has learned from."""
        found = self.fit(self.table, self.labels)(self.table)
        self.learned.clear()
        return found

    def of_own_fold(self) -> np.ndarray:
        """The answers of models that have learned from the asked fold only."""
        found = np.empty((len(self.table), self.num_classes))
        for name in np.unique(self.folds):
            held = self.folds == name
            found[held] = self.fit(self.table[held], self.labels[held])(self.table[held])
        self.learned.clear()
        return found


def _draw(rng: np.random.Generator, sizes: list[int]) -> _Case:
    """Folds of these sizes, numbered with gaps, their rows mixed; column 0 names the row."""
    numbers = rng.choice(50, len(sizes), replace=False)
    folds = rng.permutation(np.repeat(numbers, sizes))
    num_classes = int(rng.integers(3, 5))
    labels = rng.permutation(np.arange(len(folds)) % num_classes)
    table = np.column_stack([rng.permutation(len(folds)), rng.normal(size=(len(folds), 2))])
    return _Case(table, labels, folds, num_classes)


def _answers(out_of_fold: Callable, case: _Case) -> np.ndarray:
    shape = (len(case.table), case.num_classes)
    received = out_of_fold(case.fit, case.table.copy(), case.labels.copy(), case.folds.copy())
    message = f"{shape[0]} rows need a table of chances of shape {shape}, in the order of the rows."
    return numbers_of(received, shape, message)


def _expect(out_of_fold: Callable, case: _Case, why: str) -> None:
    truth, within, own = case.truth(), case.within(), case.of_own_fold()
    found = _answers(out_of_fold, case)
    wrong = ~np.isclose(found, truth, rtol=1e-6).all(axis=1)
    reason = why
    if close(found, within):
        reason = "These are the answers of a model that has learned from all rows: each row has seen itself."
    elif close(found, own):
        reason = "The model of a fold learned from that fold only. It must learn from all *others*."
    elif close(np.sort(found, axis=0), np.sort(truth, axis=0)):
        reason = "The answers are right, but not in the order of the rows: put them back with a mask."
    require(not wrong.any(), f"{wrong.sum()} of {len(wrong)} rows have other chances than out of fold. {reason}")


def no_row_has_seen_itself(out_of_fold):
    """Each row is told by a model that has not learned from it."""
    for rng in draws(4):
        case = _draw(rng, [int(rng.integers(4, 9))] * int(rng.integers(3, 6)))
        _expect(out_of_fold, case, "Learn from `folds != fold`, ask about `folds == fold`.")


def folds_may_be_of_any_size(out_of_fold):
    """Folds differ in size, and their numbers have gaps."""
    for rng in draws(3):
        sizes = mixed([1, 3, 12, int(rng.integers(5, 9))], rng)
        _expect(out_of_fold, _draw(rng, sizes), "`np.unique(folds)` are the folds there are.")


def the_model_learns_from_all_other_rows(out_of_fold):
    """Each model learns from all rows of the other folds, and there is one model for each fold."""
    for rng in draws(3):
        case = _draw(rng, [int(rng.integers(3, 8)) for _ in range(int(rng.integers(3, 6)))])
        truth = case.truth()
        found = _answers(out_of_fold, case)
        names = np.unique(case.folds)
        wanted = sorted(sorted(case.table[case.folds != name, 0].tolist()) for name in names)
        learned = sorted(sorted(rows.tolist()) for rows in case.learned)
        told = f"{len(names)} folds need {len(names)} models, each of which learns from all rows of the other folds."
        sizes = sorted(map(len, learned))
        require(learned == wanted, f"{told} Yours learned from {sizes} rows; wanted: {sorted(map(len, wanted))}.")
        require(close(found, truth), "Each row's chances come from the model that has not learned from its fold.")


def reconciles_the_leak(leaks, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(leaks, float)
    require(values.ndim == 1 and len(values) > 1, "`leaks` must hold one difference for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, the leak costs {100 * values.mean():.1f} points."


OUT_OF_FOLD = Exercise(
    id="9.3",
    title="Answers out of fold",
    points=3,
    prediction=one_of(*LEAKS),
    given={"leaks": lambda rng: rng.normal(0.3, 0.02, 8)},
    hints=(
        "For each fold in `np.unique(folds)`: `held = folds == fold` is a mask of the rows to be told.",
        "`predict = fit(table[~held], labels[~held])` learns from the others only.",
        "`found[held] = predict(table[held])` puts the answers where they belong; make `found` after the first.",
    ),
    properties=(
        no_row_has_seen_itself,
        folds_may_be_of_any_size,
        the_model_learns_from_all_other_rows,
        reconciles_the_leak,
    ),
)
