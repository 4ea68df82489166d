"""CORAL: the source gets the mean and the covariance of the target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.adaptation import Coral
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of, shares_of
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


def _require_mean(moved: np.ndarray, target: np.ndarray) -> None:
    received, truth = moved.mean(axis=0), target.mean(axis=0)
    worst = int(np.abs(received - truth).argmax())
    require(
        close(received, truth, rtol=1e-3, atol=1e-3),
        f"Feature {worst} of the target has the mean {truth[worst]:.3f}, that of the moved source "
        f"{received[worst]:.3f}. Centre each domain by its own mean, and add the target's at the end: a covariance "
        "doesn't know of means.",
    )


def _require_covariance(moved: np.ndarray, source: np.ndarray, target: np.ndarray) -> None:
    received, truth = np.cov(moved.T), np.cov(target.T)
    row, column = np.unravel_index(np.abs(received - truth).argmax(), truth.shape)
    what = f"The variance of feature {row}" if row == column else f"The covariance of features {row} and {column}"
    require(
        _same(received, truth),
        f"{what} is {truth[row, column]:.4f} in the target, and "
        f"{received[row, column]:.4f} in the moved source. {_why_not(received, source, target)}",
    )


def _same(received: np.ndarray, truth: np.ndarray) -> bool:
    return close(received, truth, rtol=1e-3, atol=1e-3 * float(np.abs(truth).max()))


def _why_not(received: np.ndarray, source: np.ndarray, target: np.ndarray) -> str:
    """What a covariance that was received has misunderstood."""
    truth, biased = np.cov(target.T), "Covariances divide by the number of rows less 1: `np.cov` without `bias=True`."
    fewer, more = 1 + 1 / (len(source) - 1), 1 - 1 / len(target)
    own, identity = _root(np.cov(source.T) + np.eye(len(truth)), -0.5), np.eye(len(truth))
    with_identity = own @ _root(truth + identity, 0.5)
    slips = [
        (truth * fewer * more, biased),
        (truth * fewer, biased),
        (truth * more, biased),
        (with_identity.T @ np.cov(source.T) @ with_identity, "Add nothing to the covariances, not even the identity."),
        (identity, "The source is whitened, but not coloured: apply the root of the target's covariance as well."),
        (np.cov(source.T), "The source has kept its own covariance: whiten it, then colour it by the target's."),
    ]
    told = next((why for covariance, why in slips if close(received, covariance, rtol=1e-4, atol=1e-6)), "")
    if not told and close(np.diag(received), np.diag(truth), rtol=0.03):
        told = "The variances are right, but features vary together, too: use the whole covariance."
    return told or "Whiten the centred source by its own covariance, then colour it by the target's."


def gets_the_mean(coral):
    """The moved source has the target's mean."""
    for rng in draws(3):
        source, target = _pairs(rng)
        _require_mean(_moved(coral, source, target), target)


def gets_the_covariance(coral):
    """The moved source has the target's covariance."""
    for rng in draws(3):
        source, target = _pairs(rng)
        _require_covariance(_moved(coral, source, target), source, target)


def features_keep_their_meaning(coral):
    """Roots are symmetric, so that each feature stays as close to itself as it can; equal domains stay as they are."""
    for rng in draws(2):
        source, target = _pairs(rng)
        for other in mixed([target, source[rng.permutation(len(source))]], rng):
            received, truth = _moved(coral, source, other), _truth(source, other)
            _require_mean(received, other)
            _require_covariance(received, source, other)
            require(
                _same(received, truth),
                f"A row of the source went to {received[0].round(2).tolist()}, not to {truth[0].round(2).tolist()}. "
                "Whitening may turn the features or change their signs. With symmetric roots it does not: "
                "`vectors * values**0.5 @ vectors.T`.",
            )


def reconciles_where_it_helps(gains, prediction):
    """Your prediction is compared with your own gains."""
    fine = isinstance(gains, dict) and set(gains) == {"the camera", "the hand"}
    require(fine, "`gains` must hold the gains of 'the camera' and 'the hand', seed by seed, as measured.")
    shares = {name: shares_of(runs, f"gains[{name!r}]", least=2) for name, runs in gains.items()}
    found = {name: paired_interval(runs, np.zeros(len(runs))) for name, runs in shares.items()}
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
