"""Weights by uncertainty, in closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_08_two_tasks.shown import WEIGHED
from tlkit.exercises.trials import draws
from tlkit.multitask import uncertainty_weights

__all__ = ["UNCERTAINTY"]


def _draw(rng: np.random.Generator) -> np.ndarray:
    """Losses of two to six tasks, of different sizes."""
    return rng.permutation(np.exp(rng.uniform(-2, 2, int(rng.integers(2, 7)))))


def _slips(losses: np.ndarray) -> list[tuple[np.ndarray, str]]:
    truth = 0.5 / losses
    return [
        (2 * truth, "There is a half before `s`: set the derivative, `-exp(-s) * loss + 1 / 2`, to 0."),
        (np.log(2 * losses), "This is `s`; the weight is `exp(-s)`."),
        (2 * losses, "A large loss gets a *small* weight: the weight is `exp(-s)`, not `exp(s)`."),
        (np.exp(-losses), "`s` is learned, and is not the loss itself."),
        (0.5 / losses**2, "The loss itself stands in the formula, not its square."),
        (truth / truth.sum(), "The formula decides how large the weights are: they need not add up to 1."),
        (truth / truth.sum() * len(losses), "The formula decides how large the weights are; their sum is free."),
        (np.ones_like(losses), "Equal weights pay no attention to the losses."),
    ]


def _expect(weigh: Callable, losses: np.ndarray, why: str) -> None:
    truth = 0.5 / losses
    received = numbers_of(weigh(losses.copy()), truth.shape, f"{len(truth)} losses need {len(truth)} weights.")
    known = next((text for values, text in _slips(losses) if close(received, values, rtol=1e-5)), why)
    shown = f"For losses of {np.round(losses, 3).tolist()}, the weights are {np.round(truth, 4).tolist()}."
    fine = close(received, truth, rtol=1e-3)
    require(fine, f"{shown} Received: {np.round(received, 4).tolist()}. {known}")


def the_sum_is_least(weigh):
    """The weights are those at which the sum is least."""
    for rng in draws(5):
        _expect(weigh, _draw(rng), "Where is `exp(-s) * loss + s / 2` least? Its derivative by `s` is 0 there.")


def a_unit_does_not_count(weigh):
    """A loss in another unit gets another weight, so that weight times loss stays as it is."""
    for rng in draws(4):
        losses = _draw(rng)
        for place in rng.permutation(len(losses))[:2]:
            losses[place] *= float(rng.choice([0.001, 1000.0]))
        _expect(weigh, losses, "Some losses were given in another unit: weight times loss must not depend on it.")


def each_task_by_itself(weigh):
    """A task's weight depends on its own loss alone."""
    for rng in draws(4):
        losses = _draw(rng)
        more = np.append(losses, np.exp(rng.uniform(-2, 2, 2)))
        _expect(weigh, losses, "Each task has an `s` of its own.")
        _expect(weigh, more, "Two tasks were added, which changes no other weight.")


def reconciles_the_weights(by_rule, prediction):
    """Your prediction is compared with your own runs."""
    fine = isinstance(by_rule, dict) and len(by_rule) > 1
    require(fine, "`by_rule` must hold the gains under each rule of weighting, as measured.")
    told = ", ".join(f"{name} {100 * np.mean(values):+.1f} points" for name, values in by_rule.items())
    return f"You predicted {prediction!r}. In your runs, with brightness: {told}."


UNCERTAINTY = Exercise(
    id="8.7",
    title="Weights by uncertainty",
    points=2,
    prediction=one_of(*WEIGHED),
    given={"by_rule": lambda rng: {name: rng.normal(-0.05, 0.03, 20) for name in ("equal", "uncertainty")}},
    kit_has=(uncertainty_weights,),
    hints=(
        "The tasks do not disturb one another here: find the least value of `exp(-s) * loss + s / 2` for one loss.",
        "The derivative by `s` is `-exp(-s) * loss + 1 / 2`. Where is it 0?",
        "So `exp(-s) * loss` is one half, and `exp(-s)` is the weight.",
    ),
    properties=(the_sum_is_least, a_unit_does_not_count, each_task_by_itself, reconciles_the_weights),
)
