"""The H-score, and the shrinkage without which it is blind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, one_number
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.selection import h_score as kit_h_score

__all__ = ["SHRINK_TO_SEE"]


def _case(rng: np.random.Generator, *, wide: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Features whose variances differ, with means far from 0, and labels of uneven classes."""
    classes, num = int(rng.integers(2, 5)), int(rng.integers(24, 40))
    width = num + int(rng.integers(5, 20)) if wide else int(rng.integers(3, 8))
    labels = np.concatenate([np.arange(classes), rng.choice(classes, num - classes, p=rng.dirichlet([4.0] * classes))])
    scale = rng.uniform(0.5, 3, width)
    table = rng.normal(size=(num, width)) + rng.normal(size=(classes, width))[labels]
    return table * scale + rng.uniform(-4, 4, width), labels[rng.permutation(num)] if wide else labels


def _slips(f: np.ndarray, y: np.ndarray, s: float) -> list[tuple[float, str]]:
    x = f - f.mean(axis=0)
    spread, n = x.T @ x / len(x), len(x)
    kinds = np.unique(y)
    means = np.stack([x[y == label].mean(axis=0) for label in kinds])
    each = means[np.searchsorted(kinds, y)]
    between, identity = each.T @ each / n, np.eye(len(spread))
    there = each + f.mean(axis=0)
    raw, moved = f.T @ f / n, there.T @ there / n
    size = np.trace(spread) / len(spread)

    def trace(cov: np.ndarray, other: np.ndarray, factor: float = 1 - s) -> float:
        return factor * float(np.trace(np.linalg.pinv(cov, rcond=1e-10, hermitian=True) @ other))

    shrunk = (1 - s) * spread + s * size * identity
    return [
        (trace(spread, between), "The covariance is shrunk before it is inverted."),
        (trace(shrunk, between, 1.0), "The score is multiplied by 1 - shrinkage, since that shrinks, too."),
        (trace((1 - s) * spread + s * identity, between), "Mix in m times the identity, m the mean variance."),
        (trace((1 - s) * spread + s * np.trace(spread) * identity, between), "m is the *mean* variance, not the sum."),
        (trace(shrunk, np.cov(means.T, bias=True)), "Each image counts: class means are weighted by their images."),
        (trace(s * spread + (1 - s) * size * identity, between), "The shrinkage is the share of the *identity*."),
        (trace(shrunk * n / (n - 1), between), "Both covariances divide by the number of images: `bias=True`."),
        (trace(shrunk, between * n / (n - 1)), "Both covariances divide by the number of images: `bias=True`."),
        (
            trace((1 - s) * raw + s * np.trace(raw) / len(raw) * identity, moved),
            "Take the mean off each feature first.",
        ),
        (trace(shrunk, spread), "The numerator is the spread of the class means, not of the features."),
    ]


def _expect(answer: Callable, f: np.ndarray, y: np.ndarray, s: float, why: str) -> None:
    truth, slips = kit_h_score(f, y, shrinkage=s), _slips(f, y, s)
    received = one_number(answer(f.copy(), y.copy(), s), "a score")
    require(
        close(received, truth, rtol=1e-4, atol=1e-6),
        f"{f.shape[0]} images, {f.shape[1]} features, shrinkage {s:.2f}: {truth:.4f}, and {received:.4f} came. "
        f"{slip(received, slips, why)}",
    )


def is_the_share_between_classes(h_score):
    """Without shrinkage, it is the share of the spread that lies between classes."""
    for rng in draws(4):
        _expect(h_score, *_case(rng), 0.0, "Take the means off; then tr(cov(f)⁻¹ cov(class means)), both over images.")


def shrinks_as_told(h_score):
    """It shrinks the covariance by the share that it is told."""
    for rng in draws(2):
        for s in mixed([0.05, 0.4, 0.85], rng):
            _expect(h_score, *_case(rng), s, "The covariance is (1 - s) cov(f) + s m I.")


def sees_where_features_are_many(h_score):
    """It works on more features than images, and sees labels there."""
    for rng in draws(3):
        _expect(
            h_score,
            *_case(rng, wide=True),
            float(rng.uniform(0.2, 0.8)),
            "The labels count there, too, once the covariance is shrunk.",
        )


def the_plain_one_is_blind(h_score):
    """Without shrinkage it gives the number of classes less 1, whatever the labels, if features are many."""
    for rng in draws(2):
        f, y = _case(rng, wide=True)
        why = "Where there are more features than images, cov(f) cannot be inverted: use `np.linalg.pinv`."
        _expect(h_score, f, y, 0.0, why)


SHRINK_TO_SEE = Exercise(
    id="5.2",
    title="A score that is blind, and a cure",
    points=2,
    kit_has=(kit_h_score,),
    hints=(
        "Take the mean off each feature first. Both covariances divide by the number of images.",
        "`means[label]` for each image makes a table as large as the features; its covariance is the numerator.",
        "`(1 - s) * np.trace(np.linalg.pinv((1 - s) * cov + s * np.diag(cov).mean() * np.eye(width)) @ between)`.",
    ),
    properties=(
        is_the_share_between_classes,
        shrinks_as_told,
        sees_where_features_are_many,
        the_plain_one_is_blind,
    ),
)
