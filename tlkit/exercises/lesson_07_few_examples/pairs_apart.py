"""The contrastive loss of a siamese network: pairs of one class together, others a margin apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, one_number
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.fewshot import ContrastiveLoss

__all__ = ["CONTRASTIVE"]


def _draw(rng: np.random.Generator, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Embeddings of both images of each pair, whether they are of one class, and a margin."""
    pairs, width = int(rng.integers(8, 20)), int(rng.integers(2, 6))
    same = rng.permutation(np.arange(pairs) < max(2, round(share * pairs)))
    margin = float(rng.uniform(0.8, 2.5))
    directions = rng.normal(size=(pairs, width))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    distances = margin * rng.permutation(np.linspace(0.05, 1.9, pairs))[:, None]
    a = rng.normal(size=(pairs, width))
    return a, a + distances * directions, same, margin


def _costs(a: np.ndarray, b: np.ndarray, same: np.ndarray, margin: float) -> np.ndarray:
    distances = np.linalg.norm(a - b, axis=1)
    return np.where(same, distances**2, np.maximum(0, margin - distances) ** 2)


def _slips(a: np.ndarray, b: np.ndarray, same: np.ndarray, margin: float) -> list[tuple[float, str]]:
    squares = ((a - b) ** 2).sum(axis=1)
    distances = np.sqrt(squares)
    hinge = np.maximum(0, margin - distances)
    costs = np.where(same, squares, hinge**2)
    halves = np.array([costs[same].mean(), costs[~same].mean()])
    return [
        (float(costs.sum()), "It is the mean over the pairs, not their sum."),
        (float(_costs(a, b, ~same, margin).mean()), "`same` is exchanged: pairs of *one* class are drawn together."),
        (float(np.where(same, squares, (margin - distances) ** 2).mean()), "Beyond the margin, a pair costs nothing."),
        (float(np.where(same, squares, np.maximum(0, margin - squares)).mean()), "The margin is one of the distance."),
        (float(np.where(same, squares, hinge).mean()), "What is missing to the margin is squared, too."),
        (float(np.where(same, distances, hinge**2).mean()), "A pair of one class costs its *squared* distance."),
        (float(halves.sum() / 2), "Take the mean over *all* pairs: here, each kind got half of the weight."),
        (float(halves.sum()), "Take the mean over *all* pairs, and not one mean for each kind."),
        (float(np.sum(costs[same]) / len(costs)), "Pairs of two classes cost something, too, within the margin."),
        (float(costs.mean() / 2), "There is no half in this form of the loss."),
    ]


def _expect(loss: Callable, case: tuple[np.ndarray, np.ndarray, np.ndarray, float], why: str) -> None:
    a, b, same, margin = case
    truth, slips = float(_costs(*case).mean()), _slips(*case)
    received = one_number(loss(a.copy(), b.copy(), same.copy(), margin), "the mean over the pairs")
    fine = close(received, truth, rtol=1e-4, atol=1e-6)
    require(fine, f"The loss is {truth:.5g}. Received: {received:.5g}. {slip(received, slips, why)}")


def both_kinds_count(loss):
    """It is the mean over pairs of both kinds."""
    for rng in draws(2):
        for share in mixed([0.25, 0.5, 0.75], rng):
            why = "A pair of one class costs its squared distance, another one the square of what is missing."
            _expect(loss, _draw(rng, share), why)


def far_enough_costs_nothing(loss):
    """Pairs of two classes beyond the margin cost nothing, however far they are apart."""
    for rng in draws(4):
        a, b, same, margin = _draw(rng, 0.4)
        b[~same] = a[~same] + (b - a)[~same] * rng.uniform(1, 60, ((~same).sum(), 1))
        why = "`max(0, margin - distance)`: what is beyond the margin is not pushed any further, nor rewarded."
        _expect(loss, (a, b, same, margin), why)


def equal_embeddings_cost_the_margin(loss):
    """A pair of two classes in one place costs the whole margin, and one of one class nothing."""
    for rng in draws(4):
        a, _, same, margin = _draw(rng, 0.5)
        why = f"All pairs lie in one place: those of two classes cost {margin:.2f} squared each."
        _expect(loss, (a, a.copy(), same, margin), why)


def the_order_within_a_pair_does_not_count(loss):
    """Both images of a pair go through the same network: it makes no difference which is first."""
    for rng in draws(3):
        a, b, same, margin = case = _draw(rng, 0.5)
        _expect(loss, case, "Start from the differences `a - b`.")
        _expect(loss, (b, a, same, margin), "The two images of each pair were exchanged, which changes nothing.")


CONTRASTIVE = Exercise(
    id="7.5",
    title="The contrastive loss",
    points=2,
    kit_has=(ContrastiveLoss,),
    hints=(
        "The distances are `np.linalg.norm(a - b, axis=1)`.",
        "`np.where(same, one, other)` takes the one cost or the other, pair by pair.",
        "`np.where(same, distances**2, np.maximum(0, margin - distances) ** 2).mean()`.",
    ),
    properties=(
        both_kinds_count,
        far_enough_costs_nothing,
        equal_embeddings_cost_the_margin,
        the_order_within_a_pair_does_not_count,
    ),
)
