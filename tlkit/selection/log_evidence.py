"""LogME: how probable the labels are under a Bayesian linear model on the features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from tlkit.selection.labelled_table import read_labelled

__all__ = ["logme"]

MAX_STEPS = 500
TOLERANCE = 1e-6  # of the logarithms of both precisions
TINY = 1e-12


def logme(features: ArrayLike, labels: ArrayLike) -> float:
    """Logarithm of maximum evidence: the log probability of the labels, with the weights integrated out.

    Each class in turn is a target t in {0, 1}, with t = F w + noise, w ~ N(0, 1 / α) and noise ~ N(0, 1 / β). The
    fixed point of the paper finds the α and β that make t most probable. No classifier is trained and nothing is held
    out: a table with many columns pays for them in the evidence. One singular value decomposition serves all classes.

    Args:
        features: `(num_images, num_features)`, from one pass of each labelled image through the network.
        labels: `(num_images,)`, the target's labels.

    Returns:
        In nats for each image and class; higher is better, and it may be above 0, since it is a density.

    Raises:
        ValueError: If the shapes do not fit, a feature is not finite, or there is a single class.

    Reference:
        You et al. (2021), [LogME](https://arxiv.org/abs/2102.11005), equation 2 and algorithm 1.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> table, kinds = rng.normal(size=(60, 5)), np.repeat([0, 1], 30)
    >>> logme(table + 3 * kinds[:, None], kinds) > logme(table, kinds)
    True
    """
    f, y, num_classes = read_labelled(features, labels, "features")
    # For matrices this small, threads wait for each other longer than they work.
    with threadpool_limits(1):
        left, singular, _ = np.linalg.svd(f, full_matrices=False)  # (n, k), (k,)
    targets = np.eye(num_classes)[y]
    along = (left.T @ targets) ** 2  # (k, classes)
    beside = np.maximum((targets**2).sum(axis=0) - along.sum(axis=0), 0.0)  # (classes,): what no weights reach
    spectrum = _Spectrum(singular[:, None] ** 2, along, beside, len(y))
    return float(spectrum.best_evidence().mean() / len(y))


@dataclass(frozen=True)
class _Spectrum:
    """A regression for each class in the basis of the singular vectors, where everything sums over singular values.

    Attributes:
        squares: `(k, 1)` squared singular values of the features.
        along: `(k, classes)` squared parts of the targets along the left singular vectors.
        beside: `(classes,)` squared parts of the targets that no weights reach.
        num_images: Rows.
    """

    squares: np.ndarray
    along: np.ndarray
    beside: np.ndarray
    num_images: int

    def moments(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Squared length of the mean weights, and squared residual, `(classes,)` each, at precisions `a` and `b`."""
        whole = a + b * self.squares
        length = (b**2 * self.squares * self.along / whole**2).sum(axis=0)
        return length, (self.along * (a / whole) ** 2).sum(axis=0) + self.beside

    def best_evidence(self) -> np.ndarray:
        """The log evidence `(classes,)` at the fixed point."""
        a, b = np.ones_like(self.beside), np.ones_like(self.beside)
        for _ in range(MAX_STEPS):
            length, residual = self.moments(a, b)
            known = (b * self.squares / (a + b * self.squares)).sum(axis=0)  # number of well-determined weights
            new_a = np.clip(known / np.maximum(length, TINY), TINY, 1 / TINY)
            new_b = np.clip((self.num_images - known) / np.maximum(residual, TINY), TINY, 1 / TINY)
            moved = np.abs(np.log(new_a / a)) + np.abs(np.log(new_b / b))
            a, b = new_a, new_b
            if moved.max() < TOLERANCE:
                break
        return self.evidence(a, b)

    def evidence(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """The log evidence `(classes,)`; what columns beyond the rank add to it cancels."""
        length, residual = self.moments(a, b)
        determinant = np.log1p(b * self.squares / a).sum(axis=0)
        return (self.num_images * np.log(b / (2 * np.pi)) - determinant - b * residual - a * length) / 2
