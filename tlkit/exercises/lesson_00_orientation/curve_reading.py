"""What a learning curve tells you."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import whole_number
from tlkit.exercises.lesson_00_orientation.shown import OUTCOMES
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import mixed, slip

__all__ = ["READ_A_CURVE"]


def _expect_epoch(best_epoch: Callable, rng: np.random.Generator, val_accuracy: np.ndarray, message: str) -> None:
    """Expect the first epoch with the best validation accuracy; training rises to the end, the loss differs."""
    values = val_accuracy.round(4).tolist()
    truth = values.index(max(values)) + 1
    others = [epoch for epoch in range(1, len(values)) if epoch != truth]
    by_loss, by_heart = int(rng.choice(others)) if message == BY_ACCURACY else truth, len(values)
    val_loss = np.where(np.arange(1, len(values) + 1) == by_loss, 0.2, rng.uniform(0.5, 2.0, len(values))).round(4)
    rising = np.sort(rng.uniform(0.5, 0.99, len(values))).round(4)
    history = {"accuracy": rising, "loss": 2 - rising, "val_accuracy": val_accuracy.round(4), "val_loss": val_loss}
    received = whole_number(best_epoch({name: part.tolist() for name, part in history.items()}), "an epoch")
    slips = [(by_heart, BY_HEART), (truth - 1, FROM_ZERO)] if message == FROM_ZERO else [(by_heart, BY_HEART)]
    why = slip(received, [*slips, (by_loss, BY_LOSS)], message)
    require(received == truth, f"Validation accuracies {values}: epoch {truth}. Received {received}. {why}")


BY_HEART = "Training accuracy rises to the very end: the network knows by heart what it was trained on."
BY_ACCURACY = "Go by `val_accuracy`."
BY_LOSS = "That is the smallest validation loss. Here the question is the highest accuracy, which may be elsewhere."
FROM_ZERO = "Python counts from 0; the curves count from 1."


def _hill(rng: np.random.Generator, best: int, after: int) -> np.ndarray:
    """Accuracies that rise to epoch `best`, and fall for `after` epochs."""
    rise, fall = np.sort(rng.uniform(0.2, 0.6, best - 1)), np.sort(rng.uniform(0.2, 0.6, after))[::-1]
    return np.concatenate([rise, [rng.uniform(0.65, 0.9)], fall])


def counts_from_one(best_epoch):
    """It counts epochs as the curves do, from 1."""
    rng = hidden_rng()
    for best in mixed(range(1, 6), rng):
        _expect_epoch(best_epoch, rng, _hill(rng, best, int(rng.integers(2, 5))), FROM_ZERO)


def reads_validation(best_epoch):
    """It goes by the accuracy on images that were not trained on."""
    rng = hidden_rng()
    for best in mixed(range(2, 7), rng):
        _expect_epoch(best_epoch, rng, _hill(rng, best, int(rng.integers(2, 5))), BY_ACCURACY)


def looks_at_the_whole_curve(best_epoch):
    """A curve that falls may rise again, and a small gain is a gain."""
    rng = hidden_rng()
    for first in mixed(range(1, 5), rng)[:3]:
        dip, top = rng.uniform(0.2, 0.5, 3), rng.integers(60, 90) / 100
        rises_again = np.concatenate([_hill(rng, first, 0) - 0.1, dip, [0.95], dip])
        _expect_epoch(best_epoch, rng, rises_again, "After a fall it rises again: look at the whole curve.")
        by_little = np.concatenate([dip[:first], [top + 0.001], dip, [top + 0.003], dip[:2]])
        _expect_epoch(best_epoch, rng, by_little, "Small differences count, too: don't round.")


def takes_the_first_of_equals(best_epoch):
    """If several epochs are equally good, it names the first."""
    rng = hidden_rng()
    for best in mixed(range(1, 6), rng):
        hill = _hill(rng, best, int(rng.integers(2, 5)))
        equals = np.concatenate([hill, [hill.max()], rng.uniform(0.2, 0.6, 2)])
        _expect_epoch(best_epoch, rng, equals, "Two epochs are equally good, and the first of them is cheaper.")


def reconciles_the_outcome(finals, prediction):
    """You predicted first."""
    values = [float(finals.get(name, math.nan)) for name in ("head", "everything")] if isinstance(finals, dict) else []
    fine = len(values) == 2 and all(0 <= value <= 1 for value in values)
    require(fine, '`finals` must hold the accuracies "head" and "everything", as measured.')
    gain = values[1] - values[0]
    measured = OUTCOMES[1] if abs(gain) < 0.05 else OUTCOMES[0 if gain > 0 else 2]
    return f"You predicted {prediction!r}. With all layers learning at this rate, the outcome was {measured!r}."


def _draw_finals(rng: np.random.Generator) -> dict[str, float]:
    return {"head": float(rng.uniform(0.4, 0.9)), "everything": float(rng.uniform(0.1, 0.9))}


READ_A_CURVE = Exercise(
    id="0.1",
    title="Read a learning curve",
    points=1,
    prediction=one_of(*OUTCOMES),
    given={"finals": _draw_finals},
    hints=(
        'Two lists matter here: `history["accuracy"]` and `history["val_accuracy"]`. Which one is honest?',
        "`np.argmax(values)` is the index of the first largest value, counted from 0.",
        'Return `int(np.argmax(history["val_accuracy"])) + 1`.',
    ),
    properties=(
        counts_from_one,
        reads_validation,
        looks_at_the_whole_curve,
        takes_the_first_of_equals,
        reconciles_the_outcome,
    ),
)
