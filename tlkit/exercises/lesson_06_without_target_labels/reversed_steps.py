"""One step of DANN: who follows which gradient, and in which direction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_06_without_target_labels.measured_gain import reconciles_the_gain
from tlkit.exercises.lesson_06_without_target_labels.shown import SIGNS
from tlkit.exercises.trials import draws, mixed

__all__ = ["DANN_STEP"]

PARTS = ("encoder", "head", "critic")


def _stepped(dann_step: Callable, part: str, strength: float, rng: np.random.Generator) -> tuple:
    """What became of a part, what should have become of it, and what was given."""
    width, classes, rate = int(rng.integers(2, 5)), int(rng.integers(2, 4)), float(rng.uniform(0.01, 0.2))
    shapes = {"encoder": (3, width), "head": (width, classes), "critic": (width, 1)}
    weights, task, domain = ({name: rng.normal(size=shape) for name, shape in shapes.items()} for _ in range(3))
    task["critic"][:] = domain["head"][:] = 0.0
    way = {"encoder": task["encoder"] - strength * domain["encoder"], "head": task["head"], "critic": domain["critic"]}
    truth = weights[part] - rate * way[part]
    given = [{name: array.copy() for name, array in each.items()} for each in (weights, task, domain)]
    received = held(dann_step(*given, strength, rate))
    fine = isinstance(received, dict) and set(received) == set(PARTS)
    require(fine, f"Return a dictionary with the keys {list(PARTS)}. Received: {in_words(received)}.")
    array = numbers_of(received[part], truth.shape, f"The {part} must keep its shape, {truth.shape}.")
    return array, truth, weights[part], task[part], domain[part], rate


def _told(received: np.ndarray, before: np.ndarray, gradient: np.ndarray, rate: float, otherwise: str) -> str:
    """What a weight that was received has misunderstood, where it is the same for all parts."""
    slips = [
        (before + rate * gradient, "Downhill is *minus* the gradient."),
        (before - gradient, "Multiply the gradient by `rate`."),
        (rate * gradient, "That is the step: return the weights after it."),
        (-rate * gradient, "That is the step: return the weights after it."),
        (gradient, "That is the gradient: return the weights after a step."),
        (before, "It has not moved."),
    ]
    return next((why for weight, why in slips if close(received, weight, rtol=1e-4, atol=1e-5)), otherwise)


def critic_tells_apart(dann_step):
    """The critic goes down its own loss at full size, whatever the strength."""
    for rng in draws(3):
        for strength in mixed([0.0, float(rng.uniform(0.1, 0.6)), float(rng.uniform(2, 5))], rng):
            received, truth, before, _, domain, rate = _stepped(dann_step, "critic", strength, rng)
            why = (
                "The gradient is reversed on its way *out of* the critic: the critic itself learns to tell the domains "
                "apart, unscaled."
            )
            require(
                close(received, truth, rtol=1e-4, atol=1e-5),
                f"At a strength of {strength:.2f}, the critic's first weight went to {received.flat[0]:.4f}, not to "
                f"{truth.flat[0]:.4f}. {_told(received, before, domain, rate, why)}",
            )


def encoder_hides_the_domain(dann_step):
    """The encoder goes down the loss of the classes and up that of the domains, by the strength."""
    for rng in draws(3):
        for strength in mixed([0.0, float(rng.uniform(0.1, 0.6)), float(rng.uniform(2, 5))], rng):
            received, truth, before, task, domain, rate = _stepped(dann_step, "encoder", strength, rng)
            helped = close(received, before - rate * (task + strength * domain), rtol=1e-4, atol=1e-5)
            why = (
                "Here it *helps* the critic: the sign must be reversed."
                if helped and strength
                else "Its direction is the task's gradient minus strength times the domain's."
            )
            require(
                close(received, truth, rtol=1e-4, atol=1e-5),
                f"At a strength of {strength:.2f}, the encoder's first weight went to {received.flat[0]:.4f}, not to "
                f"{truth.flat[0]:.4f}. {_told(received, before, task - strength * domain, rate, why)}",
            )


def head_hears_of_classes_only(dann_step):
    """The head goes down the loss of the classes."""
    for rng in draws(3):
        for strength in mixed([0.0, float(rng.uniform(0.5, 3))], rng):
            received, truth, before, task, _, rate = _stepped(dann_step, "head", strength, rng)
            why = "The head only learns the classes: downhill, at the rate."
            require(
                close(received, truth, rtol=1e-4, atol=1e-5),
                f"At a strength of {strength:.2f}, the head's first weight went to {received.flat[0]:.4f}, not to "
                f"{truth.flat[0]:.4f}. {_told(received, before, task, rate, why)}",
            )


DANN_STEP = Exercise(
    id="6.4",
    title="A reversed gradient",
    points=3,
    prediction=one_of(*SIGNS),
    given={"gains": lambda rng: rng.normal(-0.03, 0.02, 5).tolist()},
    hints=(
        "Three parts, three wishes. Which of them wants the loss of the domains to grow?",
        "Everybody goes downhill, `weights - rate * gradient`. Only the encoder's gradient has two terms.",
        "Encoder: `task - strength * domain`; head: `task`; critic: `domain`, without the strength.",
    ),
    properties=(critic_tells_apart, encoder_hides_the_domain, head_hears_of_classes_only, reconciles_the_gain),
)
