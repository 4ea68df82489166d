"""The prototypical loss: cross-entropy of naming queries by their distances from prototypes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import log_softmax

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_shares, numbers_of, one_number
from tlkit.exercises.lesson_07_few_examples.shown import HELPED
from tlkit.exercises.trials import draws, slip
from tlkit.fewshot import PrototypicalLoss

__all__ = ["PROTOTYPICAL"]


def _draw(rng: np.random.Generator, spread: float, *, shot: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of a support `(way, shot, num_dims)` and of queries `(way, num_queries, num_dims)`."""
    way, queries, width = (int(rng.integers(*ends)) for ends in ((3, 7), (2, 6), (2, 6)))
    shot = int(rng.integers(2, 6)) if shot is None else shot
    centres = spread * rng.normal(size=(way, 1, width)) + rng.normal(size=width)
    return centres + spread * rng.normal(size=(way, shot, width)), centres + spread * rng.normal(
        size=(way, queries, width)
    )


def _squares(support: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Squared distances from the prototypes, `(way, num_queries, way)`."""
    return ((queries[:, :, None] - support.mean(axis=1)) ** 2).sum(axis=3)


def _own(logits: np.ndarray, axis: int = 2) -> np.ndarray:
    """The logarithms of the chances of the right class, `(way, num_queries)`."""
    return np.einsum("iqi->iq", log_softmax(logits, axis=axis))


def _truth(support: np.ndarray, queries: np.ndarray) -> float:
    return float(-_own(-_squares(support, queries)).mean())


def _slips(support: np.ndarray, queries: np.ndarray) -> list[tuple[float, str]]:
    squares = _squares(support, queries)
    own = _own(-squares)
    first = ((queries[:, :, None] - support[:, 0]) ** 2).sum(axis=3)
    return [
        (float(-own.sum()), "It is the mean over the queries, not their sum."),
        (float(-_own(squares).mean()), "The nearest prototype is the likeliest: the logit is *minus* the distance."),
        (float(-_own(-np.sqrt(squares)).mean()), "The logits are minus the *squared* distances."),
        (float(-_own(-first).mean()), "A prototype is the mean of all images of its class, not the first of them."),
        (float(np.einsum("iqi->iq", squares).mean()), "Divide by what all prototypes get: the softmax is missing."),
        (float(1 - np.exp(own).mean()), "Take minus the logarithm of the chance of the right class."),
        (float(-_own(-squares, axis=0).mean()), "The softmax goes over the prototypes: each query is named once."),
    ]


def _expect(loss: Callable, support: np.ndarray, queries: np.ndarray, why: str) -> None:
    truth, slips = _truth(support, queries), _slips(support, queries)
    received = one_number(loss(support.copy(), queries.copy()), "the mean loss of the queries")
    fine = close(received, truth, rtol=1e-4, atol=1e-6)
    require(fine, f"The loss is {truth:.5g}. Received: {received:.5g}. {slip(received, slips, why)}")


def is_a_cross_entropy(loss):
    """It is the mean cross-entropy over the queries, of a softmax over the prototypes."""
    for rng in draws(5):
        support, queries = _draw(rng, float(rng.uniform(0.4, 1.0)))
        _expect(loss, support, queries, "Minus the logarithm of a softmax over minus the squared distances.")


def one_shot_is_enough(loss):
    """It works with one image of each class."""
    for rng in draws(4):
        support, queries = _draw(rng, float(rng.uniform(0.4, 1.0)), shot=1)
        _expect(loss, support, queries, "With one image of each class, the image is its own prototype.")


def far_prototypes_are_finite(loss):
    """It stays a number where distances are large, and where queries are named wrongly."""
    for rng in draws(4):
        support, queries = _draw(rng, float(rng.uniform(40, 90)))
        asked = np.roll(queries, 1, axis=0)
        truth = _truth(support, asked)
        received = float(numbers_of(loss(support.copy(), asked.copy()), (), "Return one number."))
        why = (
            "The exponential of minus a large number is 0, and its logarithm infinite: subtract the largest logit "
            "first, or ask `log_softmax`."
        )
        added = "No chance is too small to have a logarithm: ask `log_softmax`, and add nothing to a chance."
        told = slip(received, _slips(support, asked), added) if np.isfinite(received) else why
        require(
            close(received, truth, rtol=1e-4),
            f"With prototypes far apart, the loss is {truth:.5g}. Received: {received:.5g}. {told}",
        )


def learning_lowers_it(loss):
    """Queries that lie nearer to their prototypes cost less."""
    for rng in draws(4):
        while True:
            support, queries = _draw(rng, float(rng.uniform(0.6, 1.0)))
            own = support.mean(axis=1, keepdims=True)
            moved = [queries, own + 0 * queries]
            truths = [_truth(support, each) for each in moved]
            if truths[0] > truths[1]:  # a query may pass by another prototype on its way
                break
        costs = [one_number(loss(support.copy(), each.copy()), "a loss") for each in moved]
        require(
            close(costs, truths, rtol=1e-4, atol=1e-6),
            f"Queries were moved onto their prototypes: the losses are {np.round(truths, 4).tolist()}. "
            f"Received: {np.round(costs, 4).tolist()}. {slip(costs[0], _slips(support, queries))}",
        )


def reconciles_who_is_helped(gains, prediction):
    """Your prediction is compared with your own trainings."""
    fine = isinstance(gains, dict) and set(gains) == {"photos", "glyphs"}
    require(fine, "`gains` must hold the differences for 'photos' and for 'glyphs', as measured.")
    told = ", ".join(f"{name} {100 * mean:+.1f} points" for name, mean in mean_shares(gains, "gains").items())
    return f"You predicted {prediction!r}. In your runs, training to compare changes the accuracy by: {told}."


PROTOTYPICAL = Exercise(
    id="7.4",
    title="The prototypical loss",
    points=3,
    prediction=one_of(*HELPED),
    given={"gains": lambda rng: {name: rng.normal(0, 0.03, 10) for name in ("photos", "glyphs")}},
    kit_has=(PrototypicalLoss,),
    hints=(
        "The prototypes are `support.mean(axis=1)`, `(way, num_dims)`.",
        "`((queries[:, :, None] - prototypes) ** 2).sum(axis=3)` has the shape of the logits, and the other sign.",
        "`scipy.special.log_softmax(logits, axis=2)`; query `i, q` needs place `i` of the last axis.",
    ),
    properties=(
        is_a_cross_entropy,
        one_shot_is_enough,
        far_prototypes_are_finite,
        learning_lowers_it,
        reconciles_who_is_helped,
    ),
)
