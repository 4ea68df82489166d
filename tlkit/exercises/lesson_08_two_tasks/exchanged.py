"""A cross-stitch unit: what each task takes from each trunk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_08_two_tasks.shown import NARROWED
from tlkit.exercises.trials import draws
from tlkit.multitask import CrossStitch

__all__ = ["CROSS_STITCH"]


def _draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Outputs of the trunks `(num_tasks, batch, width)`, and the matrix of the exchange."""
    tasks, batch, width = (int(rng.integers(*ends)) for ends in ((2, 5), (5, 8), (8, 11)))
    return rng.normal(size=(tasks, batch, width)), rng.normal(size=(tasks, tasks))


def _truth(trunks: np.ndarray, exchange: np.ndarray) -> np.ndarray:
    mixtures = [sum(weight * trunk for weight, trunk in zip(row, trunks, strict=True)) for row in exchange]
    return np.stack(mixtures)


def _slips(trunks: np.ndarray, exchange: np.ndarray) -> list[tuple[np.ndarray, str]]:
    chances = np.exp(exchange) / np.exp(exchange).sum(axis=1, keepdims=True)
    diagonal = np.diag(exchange)[:, None, None]
    shares = exchange / exchange.sum(axis=1, keepdims=True)
    return [
        (_truth(trunks, exchange.T), "Row i of the exchange belongs to task i: yours is transposed."),
        (diagonal * trunks, "A task takes from all trunks, not only from its own."),
        (_truth(trunks, chances), "The weights are used as they are, without a softmax: they may be negative."),
        (_truth(trunks, shares), "The weights are used as they are, and need not add up to 1."),
        (_truth(trunks, exchange) + trunks, "A task's own trunk counts by its weight only, and is not added again."),
        (_truth(trunks, np.abs(exchange)), "A weight below 0 takes a trunk away."),
        (_truth(trunks, exchange) / len(trunks), "A mixture is a sum: do not divide by the number of tasks."),
    ]


def _expect(stitch: Callable, trunks: np.ndarray, exchange: np.ndarray, why: str) -> None:
    truth = _truth(trunks, exchange)
    message = f"Trunks of shape {trunks.shape} need mixtures of that shape."
    received = numbers_of(stitch(trunks.copy(), exchange.copy()), trunks.shape, message)
    known = (text for values, text in _slips(trunks, exchange) if close(received, values, rtol=1e-4, atol=1e-5))
    fine = close(received, truth, rtol=1e-4, atol=1e-5)
    first = f"The first number of the last task is {truth[-1, 0, 0]:.4f}. Received: {received[-1, 0, 0]:.4f}."
    require(fine, fine or f"{first} {next(known, why)}")


def each_task_takes_from_all(stitch):
    """A task's mixture is the sum of all trunks by the weights of its row."""
    for rng in draws(4):
        _expect(stitch, *_draw(rng), "Task i gets the sum over j of `exchange[i, j] * trunks[j]`.")


def no_exchange_is_no_sharing(stitch):
    """With weights only on the diagonal, each task keeps to its own trunk."""
    for rng in draws(4):
        trunks, exchange = _draw(rng)
        why = "Only a task's own trunk has a weight here."
        _expect(stitch, trunks, np.diag(np.diag(exchange)), why)


def equal_rows_are_hard_sharing(stitch):
    """With equal rows, all tasks get the same."""
    for rng in draws(4):
        trunks, exchange = _draw(rng)
        same = np.broadcast_to(exchange[:1], exchange.shape)
        _expect(stitch, trunks, same, "All rows are equal here, so that all tasks share one mixture.")


def reconciles_the_narrow_trunk(by_width, prediction):
    """Your prediction is compared with your own runs."""
    fine = isinstance(by_width, dict) and len(by_width) > 1
    require(fine, "`by_width` must hold the gains for each task and width, as measured.")
    told = ", ".join(f"{name} {100 * np.mean(values):+.1f} points" for name, values in by_width.items())
    return f"You predicted {prediction!r}. In your runs: {told}."


CROSS_STITCH = Exercise(
    id="8.4",
    title="Soft sharing",
    points=2,
    prediction=one_of(*NARROWED),
    given={"by_width": lambda rng: {name: rng.normal(0, 0.03, 20) for name in ("loop, 64 units", "loop, 6 units")}},
    kit_has=(CrossStitch,),
    hints=(
        "Begin with one task: the sum over j of `exchange[0, j] * trunks[j]`, of shape `(batch, width)`.",
        "It is a product of a matrix with an array, over the first axis of the array.",
        "`np.tensordot(exchange, trunks, axes=1)`, or `np.einsum('ij,jbw->ibw', exchange, trunks)`.",
    ),
    properties=(
        each_task_takes_from_all,
        no_exchange_is_no_sharing,
        equal_rows_are_hard_sharing,
        reconciles_the_narrow_trunk,
    ),
)
