"""What a shared step does to the loss of each task, to first order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.trials import draws, mixed

__all__ = ["CHANGES"]


def _draw(rng: np.random.Generator, number: int | None = None) -> tuple[np.ndarray, np.ndarray, float]:
    """Gradients `(num_tasks, num_weights)` of different lengths, weights of the losses, and a learning rate."""
    number = int(rng.integers(2, 5)) if number is None else number
    lengths = rng.uniform(0.3, 3, (number, 1))
    gradients = lengths * rng.normal(size=(number, int(rng.integers(5, 12))))
    return gradients, rng.uniform(0.1, 4, number), float(rng.uniform(0.01, 0.2))


def _truth(gradients: np.ndarray, weights: np.ndarray, rate: float) -> np.ndarray:
    step = -rate * sum(weight * gradient for weight, gradient in zip(weights, gradients, strict=True))
    return np.array([float(np.sum(gradient * step)) for gradient in gradients])


def _slips(gradients: np.ndarray, weights: np.ndarray, rate: float) -> list[tuple[np.ndarray, str]]:
    unit = gradients / np.linalg.norm(gradients, axis=1, keepdims=True)
    truth = _truth(gradients, weights, rate)
    equal = np.ones_like(weights)
    own = -rate * weights * (gradients**2).sum(axis=1)
    return [
        (-truth, "The step goes *down* the gradients: against them a loss falls, which is a change below 0."),
        (weights * truth, "The change of the task's own loss is asked for, without its weight."),
        (_truth(gradients, equal, rate), "The step follows the *weighted* sum of the gradients."),
        (own, "The step is shared: each task feels the gradients of the others, too."),
        (_truth(unit, weights, rate), "Lengths count: a long gradient pulls more than a short one at the same angle."),
        (truth / rate, "The step is as long as the learning rate makes it."),
        (truth - own, "A task feels its own gradient, too."),
        (truth / len(truth), "The step follows the *sum*: do not divide by the number of tasks."),
        (truth / weights.sum(), "The weights are used as they are: do not divide by their sum."),
    ]


def _expect(changes: Callable, gradients: np.ndarray, weights: np.ndarray, rate: float, why: str) -> None:
    truth = _truth(gradients, weights, rate)
    message = f"{len(truth)} tasks need {len(truth)} changes, one for each."
    received = numbers_of(changes(gradients.copy(), weights.copy(), rate), truth.shape, message)
    slips = _slips(gradients, weights, rate)
    told = next((text for values, text in slips if close(received, values, rtol=1e-5, atol=1e-9)), why)
    fine = close(received, truth, rtol=1e-4, atol=1e-9)
    require(fine, f"The changes are {np.round(truth, 4).tolist()}. Received: {np.round(received, 4).tolist()}. {told}")


def all_tasks_share_one_step(changes):
    """Each loss changes by its gradient times the shared step."""
    for rng in draws(4):
        why = "The step is minus the rate times the weighted sum; a loss changes by its gradient times the step."
        _expect(changes, *_draw(rng), why)


def a_long_gradient_has_its_way(changes):
    """Of two tasks in conflict, the one with the longer gradient may make the other's loss rise."""
    for rng in draws(3):
        for longer in mixed([0, 1], rng):
            gradients, _, rate = _draw(rng, 2)
            gradients[1] -= gradients[0] * (gradients[1] @ gradients[0] / (gradients[0] @ gradients[0]) + 0.7)
            gradients[longer] *= float(rng.uniform(4, 8))
            why = "The gradients point apart, and one is longer: whose loss falls, and whose rises?"
            _expect(changes, gradients, np.ones(2), rate, why)


def a_weight_of_zero_leaves_out(changes):
    """A task with a weight of 0 does not move the step, but feels it."""
    for rng in draws(4):
        gradients, weights, rate = _draw(rng, 3)
        weights[int(rng.integers(3))] = 0.0
        _expect(changes, gradients, weights, rate, "A task without a weight is moved by the others all the same.")


CHANGES = Exercise(
    id="8.6",
    title="Who pays for a shared step",
    points=3,
    hints=(
        "The shared step is `-learning_rate * (weights @ gradients)`, of shape `(num_weights,)`.",
        "To first order, a loss changes by the product of its own gradient with the step.",
        "`gradients @ step` has one number for each task.",
    ),
    properties=(all_tasks_share_one_step, a_long_gradient_has_its_way, a_weight_of_zero_leaves_out),
)
