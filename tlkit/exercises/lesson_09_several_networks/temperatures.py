"""The temperature at which the chances of a model say what happens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number
from tlkit.ensembles import fit_temperature
from tlkit.exercises.lesson_09_several_networks.shown import SURENESS
from tlkit.exercises.trials import draws, mixed

__all__ = ["TEMPERATURE"]

NEAR = 0.02  # a temperature is near enough within 2 %
HIGHEST_POWER = 700  # of which `np.exp` is no infinity yet


def _draw(rng: np.random.Generator, temperature: float, *, off: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits `(num_images, num_classes)`, to be divided by about that temperature, and labels drawn from the chances.

    `off` adds the same number to all logits of an image, another one for each.
    """
    images, classes = int(rng.integers(120, 240)), int(rng.integers(3, 8))
    logits = 2 * rng.normal(size=(images, classes))
    labels = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    return temperature * logits + off * rng.normal(size=(images, 1)), labels


def _cost(logits: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    return -float(log_softmax(logits / temperature, axis=1)[np.arange(len(labels)), labels].mean())


def _best(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the lowest cross-entropy, by a search in its logarithm."""
    ends = (np.log(0.01), np.log(100))
    found = minimize_scalar(lambda t: _cost(logits, labels, np.exp(t)), bounds=ends, method="bounded")
    return float(np.exp(found.x))


def _near(received: float, truth: float) -> bool:
    return received > 0 and abs(np.log(received / truth)) < NEAR


def _sure_as_right(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature at which the mean of the largest chances is the accuracy."""
    accuracy = np.mean(logits.argmax(axis=1) == labels)
    tried = np.exp(np.linspace(np.log(0.02), np.log(50), 400))
    sure = [np.exp(log_softmax(logits / t, axis=1)).max(axis=1).mean() for t in tried]
    return float(tried[np.abs(np.array(sure) - accuracy).argmin()])


def _expect(temperature: Callable, logits: np.ndarray, labels: np.ndarray, why: str) -> None:
    truth = _best(logits, labels)
    received = one_number(temperature(logits.copy(), labels.copy()), "a temperature")
    told = f"The labels are likeliest at {truth:.3f}; the answer was {received:.3f}."
    if not _near(received, truth):
        require(False, f"{told} {_reason(received, truth, logits, labels) or why}")


def _reason(received: float, truth: float, logits: np.ndarray, labels: np.ndarray) -> str:
    """Say which mistake gives this number, or nothing."""
    if received > 0 and abs(logits).max() / received > HIGHEST_POWER:
        return (
            f"At {received:.3g}, `np.exp(logits / t)` is infinite or 0: subtract the largest logit of each image first."
        )
    if _near(received, 1 / truth):
        return "That is 1 divided by it: the logits are *divided* by the temperature."
    if abs(received - np.log(truth)) < NEAR:
        return "That is its logarithm."
    if abs(received - _cost(logits, labels, truth)) < 1e-3 * abs(received):
        return "That is the cost at the best temperature; return the temperature."
    if abs(received - 1) < 1e-9:
        return "At 1 nothing is changed. No temperature changes which class is the likeliest: look at the chances."
    if _near(received, _sure_as_right(logits, labels)):
        return "A mean that fits the accuracy is a weaker demand: each label should be as likely as possible."
    return ""


def makes_the_labels_likeliest(temperature):
    """At the temperature, the cross-entropy of the labels is as low as it can be."""
    for rng in draws(4):
        aim = float(np.exp(rng.uniform(np.log(0.3), np.log(4))))
        why = f"Try many temperatures, or minimise; an error of {NEAR:.0%} is allowed."
        _expect(temperature, *_draw(rng, aim), why)


def sure_and_unsure_ones_are_mended(temperature):
    """Above 1 for a model that is too sure, below 1 for one that is not sure enough."""
    for rng in draws(2):
        for aim in mixed([0.15, 0.5, 3.0, 9.0], rng):
            why = f"Search from 0.05 to 20 at least; an error of {NEAR:.0%} is allowed."
            _expect(temperature, *_draw(rng, aim * float(rng.uniform(0.8, 1.25))), why)


def a_shift_of_an_image_changes_nothing(temperature):
    """The same number added to all logits of an image changes nothing."""
    for rng in draws(4):
        aim = float(np.exp(rng.uniform(np.log(0.4), np.log(3))))
        why = "Logits are no chances: the softmax divides by the sum over the classes."
        _expect(temperature, *_draw(rng, aim, off=float(rng.uniform(3, 30))), why)


def reconciles_the_sureness(temperatures, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(temperatures, float)
    require(values.ndim == 1 and len(values) > 1, "`temperatures` must hold one for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, the vote needs a temperature of {values.mean():.2f}."


TEMPERATURE = Exercise(
    id="9.6",
    title="A temperature",
    points=2,
    prediction=one_of(*SURENESS),
    given={"temperatures": lambda rng: rng.uniform(0.2, 0.4, 8)},
    kit_has=(fit_temperature,),
    hints=(
        "The cost of a temperature t is `-log_softmax(logits / t, axis=1)[np.arange(len(labels)), labels].mean()`.",
        "Try `np.exp(np.linspace(np.log(0.05), np.log(20), 2000))`: equal steps of the logarithm.",
        "`min(tried, key=cost)`; or `scipy.optimize.minimize_scalar` in the logarithm.",
    ),
    properties=(
        makes_the_labels_likeliest,
        sure_and_unsure_ones_are_mended,
        a_shift_of_an_image_changes_nothing,
        reconciles_the_sureness,
    ),
)
