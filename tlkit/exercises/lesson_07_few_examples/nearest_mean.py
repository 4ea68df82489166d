"""The nearest prototype: queries are named by the mean of the few images of each class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import cdist

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import mean_shares, numbers_of
from tlkit.exercises.lesson_07_few_examples.shown import RULES
from tlkit.exercises.trials import draws, mixed
from tlkit.fewshot import PrototypeClassifier

__all__ = ["NEAREST_PROTOTYPE"]


def _name(name_queries: Callable, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
    received = name_queries(support.copy(), labels.copy(), queries.copy())
    number = len(queries)
    found = numbers_of(received, (number,), f"{number} queries need {number} labels, one for each.")
    known = np.isin(found, labels).all()
    told = f"Return labels of the support, such as {labels[0]}, not their places in a list of classes."
    require(known, f"{told} Received: {found[~np.isin(found, labels)][:3]}.")
    return found


def _truth(support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
    names, means = _prototypes(support, labels, np.mean)
    return names[cdist(queries, means).argmin(axis=1)]


def _prototypes(support: np.ndarray, labels: np.ndarray, of_class: Callable) -> tuple[np.ndarray, np.ndarray]:
    names = np.unique(labels)
    return names, np.stack([of_class(support[labels == name], axis=0) for name in names])


def _slips(support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Known wrong names of the queries, each with what it misunderstands."""
    names, means = _prototypes(support, labels, np.mean)
    return [
        (labels[cdist(queries, support).argmin(axis=1)], "You take the nearest *image*: the mean of a class decides."),
        (names[cdist(queries, means).argmax(axis=1)], "You take the furthest prototype: `argmin` finds the nearest."),
        (names[cdist(queries, means, "cosine").argmin(axis=1)], "You take the angle: the Euclidean distance decides."),
        (names[(queries @ means.T).argmax(axis=1)], "You take the product with a prototype: the distance decides."),
        (
            names[cdist(queries, means, "cityblock").argmin(axis=1)],
            "You add absolute differences: the Euclidean distance adds squared ones.",
        ),
        (
            names[cdist(queries, _prototypes(support, labels, np.sum)[1]).argmin(axis=1)],
            "You take the sum of a class: how many images it has must not count, so take their mean.",
        ),
        (
            names[cdist(queries, _prototypes(support, labels, np.median)[1]).argmin(axis=1)],
            "You take the median of a class: a prototype is its mean.",
        ),
        (
            names[cdist(queries, [support[labels == name][0] for name in names]).argmin(axis=1)],
            "You take one image of each class: a prototype is the mean of all.",
        ),
    ]


def _expect(name_queries: Callable, support: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> None:
    truth, slips = _truth(support, labels, queries), _slips(support, labels, queries)
    received = _name(name_queries, support, labels, queries)
    wrong = int((received != truth).sum())
    why = next((why for names, why in slips if (names == received).all()), "Compare each with the mean of each class.")
    were = "query was" if wrong == 1 else "queries were"
    require(wrong == 0, f"Of {len(queries)}, {wrong} {were} not named by the nearest prototype. {why}")


def _labels(rng: np.random.Generator, sizes: np.ndarray) -> np.ndarray:
    return np.repeat(rng.choice(80, len(sizes), replace=False), sizes)


def _shuffled(rng: np.random.Generator, support: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = rng.permutation(len(labels))
    return support[order], labels[order]


def names_clear_queries(name_queries):
    """Queries that lie beside a prototype get its label."""
    for rng in draws(4):
        way, width = int(rng.integers(2, 7)), int(rng.integers(2, 9))
        centres = rng.normal(size=(way, width))
        centres += 20 * rng.permutation(way)[:, None]
        sizes = rng.integers(1, 5, way)
        labels = _labels(rng, sizes)
        support = np.repeat(centres, sizes, axis=0) + 0.1 * rng.normal(size=(len(labels), width))
        queries = rng.permutation(np.repeat(centres, 4, axis=0)) + 0.1 * rng.normal(size=(4 * way, width))
        _expect(name_queries, *_shuffled(rng, support, labels), queries)


def the_mean_counts_not_the_nearest_image(name_queries):
    """The mean of a class decides, not its nearest image."""
    for rng in draws(3):
        for spread in mixed([0.5, 2.0, 4.0], rng):
            way, width = int(rng.integers(3, 6)), int(rng.integers(2, 5))
            sizes = rng.integers(2, 7, way)
            labels = _labels(rng, sizes)
            centres = 2 * rng.normal(size=(way, width))
            support = np.repeat(centres, sizes, axis=0) + spread * rng.normal(size=(len(labels), width))
            queries = 3 * rng.normal(size=(60, width))
            _expect(name_queries, *_shuffled(rng, support, labels), queries)


def distances_are_euclidean(name_queries):
    """The Euclidean distance decides, wherever the origin lies."""
    for rng in draws(4):
        way, width = int(rng.integers(3, 6)), int(rng.integers(3, 6))
        sizes = rng.integers(1, 4, way)
        labels = _labels(rng, sizes)
        lengths = rng.uniform(0.5, 6, (way, 1))
        support = np.repeat(lengths * rng.normal(size=(way, width)), sizes, axis=0)
        support = support + 0.3 * rng.normal(size=support.shape)
        far, queries = rng.uniform(3, 9) * rng.normal(size=width), 3 * rng.normal(size=(60, width))
        _expect(name_queries, *_shuffled(rng, support + far, labels), queries + far)


def a_large_class_is_no_nearer(name_queries):
    """A class with many images has one prototype, like any other."""
    for rng in draws(3):
        for large in mixed([0, 1], rng):
            sizes = np.array([2, 2])
            sizes[large] = int(rng.integers(20, 40))
            labels, width = _labels(rng, sizes), int(rng.integers(2, 5))
            centres = np.zeros((2, width))
            centres[1, 0] = 4
            support = np.repeat(centres, sizes, axis=0) + 0.8 * rng.normal(size=(len(labels), width))
            queries = rng.normal(size=(50, width)) * 0.6 + np.linspace(0, 4, 50)[:, None] * np.eye(width)[0]
            _expect(name_queries, *_shuffled(rng, support, labels), queries)


def reconciles_the_best_rule(by_rule, prediction):
    """Your prediction is compared with your own episodes."""
    fine = isinstance(by_rule, dict) and set(by_rule) == set(RULES)
    require(fine, f"`by_rule` must hold the accuracies of {', '.join(RULES)}, as measured.")
    told = ", ".join(f"{name} {mean:.1%}" for name, mean in mean_shares(by_rule, "by_rule").items())
    return f"You predicted {prediction!r}. In your episodes: {told}."


NEAREST_PROTOTYPE = Exercise(
    id="7.2",
    title="The nearest prototype",
    points=2,
    prediction=one_of(*RULES),
    given={"by_rule": lambda rng: {name: rng.uniform(0.5, 0.9, 20) for name in RULES}},
    kit_has=(PrototypeClassifier,),
    hints=(
        "A prototype is `support[support_labels == name].mean(axis=0)`, for each name in `np.unique(support_labels)`.",
        "`((queries[:, None] - prototypes[None]) ** 2).sum(axis=2)` are all squared distances; `argmin` finds one.",
        "`names[distances.argmin(axis=1)]` are labels, not places in the list.",
    ),
    properties=(
        names_clear_queries,
        the_mean_counts_not_the_nearest_image,
        distances_are_euclidean,
        a_large_class_is_no_nearer,
        reconciles_the_best_rule,
    ),
)
