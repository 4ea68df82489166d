"""How far two groupings agree, beyond chance: the adjusted Rand index."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_09_several_networks.shown import CLUSTERED
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["GROUPS"]


def _draw(rng: np.random.Generator, noise: float, extra: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and clusters that follow them but for a share `noise`, under other numbers; `extra` clusters more."""
    images, classes = int(rng.integers(40, 90)), int(rng.integers(3, 6))
    labels = rng.permutation(np.arange(images) % classes)
    clusters = np.where(rng.random(images) < noise, rng.integers(0, classes, images), labels)
    halves = clusters + classes * (rng.integers(0, 2, images) * (clusters < extra))
    return rng.choice(90, classes, replace=False)[labels], rng.choice(90, 2 * classes, replace=False)[halves]


def _pairs(labels: np.ndarray, clusters: np.ndarray) -> tuple[float, float, float, float]:
    """Pairs of images: in one class and cluster, in one class, in one cluster, all of them."""
    upper = np.triu(np.ones((len(labels), len(labels)), bool), 1)
    same, together = labels[:, None] == labels, clusters[:, None] == clusters
    both, first, second = (float((each & upper).sum()) for each in (same & together, same, together))
    return both, first, second, float(upper.sum())


def _truth(labels: np.ndarray, clusters: np.ndarray) -> float:
    both, first, second, pairs = _pairs(labels, clusters)
    chance = first * second / pairs
    return (both - chance) / ((first + second) / 2 - chance)


def _slips(labels: np.ndarray, clusters: np.ndarray) -> list[tuple[float, str]]:
    both, first, second, pairs = _pairs(labels, clusters)
    chance = first * second / pairs
    table = np.array([[np.sum((labels == a) & (clusters == b)) for b in set(clusters)] for a in set(labels)])
    return [
        ((pairs + 2 * both - first - second) / pairs, "That is the plain Rand index: subtract what chance gives."),
        (float(np.mean(labels == clusters)), "Numbers of clusters are no class names: count pairs of images."),
        (table.max(axis=0).sum() / len(labels), "That is the purity, which many small clusters raise: count pairs."),
        ((both - chance) / (pairs - chance), "The largest value is the mean of both counts, not all pairs."),
        (both / ((first + second) / 2), "Subtract what chance gives, above and below the line."),
        ((both - chance) / (max(first, second) - chance), "The largest value is the mean of both, not the larger."),
        (100 * _truth(labels, clusters), "It is at most 1, no percentage."),
        (float(normalized_mutual_info_score(labels, clusters)), "That counts information, not pairs."),
        *(
            (value, "A pair is of two *different* images, and counts once.")
            for value in _of_all_places(labels, clusters)
        ),
    ]


def _of_all_places(labels: np.ndarray, clusters: np.ndarray) -> list[float]:
    """The indices of those who count n x n pairs, or each pair twice but all pairs once, and the like."""
    size = len(labels)
    single = np.array(_pairs(labels, clusters)[:3])
    found = []
    for both, first, second in (single, 2 * single, 2 * single + size):
        for pairs in (size * (size - 1) / 2, size * (size - 1), size * size):
            chance = first * second / pairs
            found.append(float((both - chance) / ((first + second) / 2 - chance)))
    return found


def _expect(index: Callable, labels: np.ndarray, clusters: np.ndarray, why: str) -> None:
    truth, slips = _truth(labels, clusters), _slips(labels, clusters)
    received = one_number(index(labels.copy(), clusters.copy()), "the adjusted Rand index")
    fine = close(received, truth, rtol=1e-6, atol=1e-9)
    require(fine, f"The index is {truth:.4f}, the answer was {received:.4f}. {slip(received, slips, why)}")


def pairs_are_counted(index):
    """It counts pairs of images that both groupings put together."""
    for rng in draws(2):
        for noise in mixed([0.1, 0.3, 0.6], rng):
            why = "Count pairs: those in one class and one cluster, those in one class, those in one cluster."
            _expect(index, *_draw(rng, noise), why)


def chance_is_worth_nothing(index):
    """Groupings that have nothing to do with each other are worth about 0, and may fall below it."""
    for rng in draws(5):
        _expect(index, *_draw(rng, 1.0), "What chance gives is the product of both counts, divided by all pairs.")


def many_clusters_are_no_merit(index):
    """A class that is split into two clusters costs something, though both are pure."""
    for rng in draws(4):
        labels, clusters = _draw(rng, float(rng.uniform(0, 0.2)), extra=int(rng.integers(2, 4)))
        _expect(index, labels, clusters, "Pairs of one class that lie in two clusters are missing.")


def names_do_not_matter(index):
    """Clusters may have any numbers, and the two groupings may be exchanged."""
    for rng in draws(4):
        labels, clusters = _draw(rng, float(rng.uniform(0.1, 0.5)), extra=int(rng.integers(0, 2)))
        renamed = rng.permutation(100)[clusters]
        _expect(index, labels, renamed, "A cluster has no name.")
        _expect(index, renamed, labels, "Both groupings play the same part.")


def reconciles_the_clusters(indices, prediction):
    """Your prediction is compared with your own clusters."""
    fine = isinstance(indices, dict) and set(CLUSTERED) <= set(indices)
    require(fine, f"`indices` must hold the indices of {', '.join(CLUSTERED)}, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.2f}" for name, values in indices.items())
    return f"You predicted {prediction!r}. The adjusted Rand index of digits is: {told}."


GROUPS = Exercise(
    id="9.8",
    title="Do clusters find the classes?",
    points=2,
    prediction=one_of(*CLUSTERED),
    kit_has=(adjusted_rand_score,),
    given={"indices": lambda rng: {name: rng.uniform(0.2, 0.8, 5) for name in CLUSTERED}},
    hints=(
        "`same = labels[:, None] == labels` and `together = clusters[:, None] == clusters`, each pair of images once.",
        "`both`, `first`, `second`, `pairs`: pairs in one class and cluster, in one class, in one cluster, and all.",
        "`chance = first * second / pairs`; the index is `(both - chance) / ((first + second) / 2 - chance)`.",
    ),
    properties=(
        pairs_are_counted,
        chance_is_worth_nothing,
        many_clusters_are_no_merit,
        names_do_not_matter,
        reconciles_the_clusters,
    ),
)
