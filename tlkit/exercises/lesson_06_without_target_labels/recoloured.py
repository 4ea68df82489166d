"""CORAL: the source gets the mean and the covariance of the target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.adaptation import Coral
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_06_without_target_labels.shown import WHERE
from tlkit.exercises.trials import draws, mixed
from tlkit.measure import paired_interval

__all__ = ["CORAL"]


def _domain(num_rows: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Rows with correlated features, around a mean that is not 0."""
    mixing = rng.normal(size=(width, width)) + 2 * np.eye(width)
    return rng.normal(size=(num_rows, width)) @ mixing + rng.uniform(-5, 5, width)


def _moved(coral: Callable, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    message = f"Return the moved source, one row for each of its rows, {source.shape}."
    return numbers_of(coral(source.copy(), target.copy()), source.shape, message)


def _root(symmetric: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return vectors @ np.diag(values**exponent) @ vectors.T


def _truth(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    change = _root(np.cov(source.T), -0.5) @ _root(np.cov(target.T), 0.5)
    return (source - source.mean(axis=0)) @ change + target.mean(axis=0)


def _pairs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    width, rows = int(rng.integers(2, 6)), rng.integers(60, 150, 2)
    return _domain(int(rows[0]), width, rng), _domain(int(rows[1]), width, rng)


def gets_the_mean(coral):
    """The moved source has the target's mean."""
    for rng in draws(3):
        source, target = _pairs(rng)
        received = _moved(coral, source, target).mean(axis=0)
        require(
            close(received, target.mean(axis=0), rtol=1e-3, atol=1e-3),
            f"The target's first feature has the mean {target[:, 0].mean():.3f}, the moved source {received[0]:.3f}. "
            "Centre each domain by its own mean, and add the target's at the end: a covariance doesn't know of means.",
        )


def gets_the_covariance(coral):
    """The moved source has the target's covariance."""
    for rng in draws(3):
        source, target = _pairs(rng)
        received, truth = np.cov(_moved(coral, source, target).T), np.cov(target.T)
        require(
            close(received, truth, rtol=1e-3, atol=1e-3 * float(np.abs(truth).max())),
            f"The first two features covary by {truth[0, 1]:.3f} in the target, and by {received[0, 1]:.3f} in the "
            "moved source. Whiten the centred source by its own covariance, then colour it by the target's.",
        )


def features_keep_their_meaning(coral):
    """Roots are symmetric, so that each feature stays as close to itself as it can; equal domains stay as they are."""
    for rng in draws(2):
        source, target = _pairs(rng)
        for other in mixed([target, source[rng.permutation(len(source))]], rng):
            received, truth = _moved(coral, source, other), _truth(source, other)
            require(
                close(received, truth, rtol=1e-3, atol=1e-3 * float(np.abs(truth).max())),
                f"A row of the source went to {received[0].round(2).tolist()}, not to {truth[0].round(2).tolist()}. "
                "Whitening may turn the features or change their signs. With symmetric roots it does not: "
                "`vectors * values**0.5 @ vectors.T`.",
            )


def reconciles_where_it_helps(gains, prediction):
    """Your prediction is compared with your own gains."""
    fine = isinstance(gains, dict) and set(gains) == {"the camera", "the hand"}
    require(fine, "`gains` must hold the gains of 'the camera' and 'the hand', seed by seed, as measured.")
    found = {name: paired_interval(np.asarray(runs, float), np.zeros(len(runs))) for name, runs in gains.items()}
    return f"You predicted {prediction!r}. Measured here: " + "; ".join(f"{k}: {v}" for k, v in found.items()) + "."


CORAL = Exercise(
    id="6.2",
    title="CORAL",
    points=3,
    prediction=one_of(*WHERE),
    given={"gains": lambda rng: {name: rng.normal(0.1, 0.02, 5).tolist() for name in WHERE[:2]}},
    kit_has=(Coral,),
    hints=(
        "Take the source's mean and covariance out, put the target's covariance in, and add the target's mean.",
        "`values, vectors = np.linalg.eigh(covariance)`; a symmetric power is `vectors * values**power @ vectors.T`.",
        "`(source - source.mean(axis=0)) @ power(np.cov(source.T), -0.5) @ power(np.cov(target.T), 0.5) "
        "+ target.mean(axis=0)`.",
    ),
    properties=(gets_the_mean, gets_the_covariance, features_keep_their_meaning, reconciles_where_it_helps),
)
