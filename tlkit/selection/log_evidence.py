"""LogME: how probable the labels are under a Bayesian linear model on the features."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tlkit.selection.labelled_table import read_labelled

__all__ = ["logme"]

MAX_STEPS = 500
TOLERANCE = 1e-9  # of the logarithms of both precisions
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
    left, singular, _ = np.linalg.svd(f, full_matrices=False)  # (n, k), (k,)
    targets = np.eye(num_classes)[y]
    along = (left.T @ targets) ** 2  # (k, classes)
    beside = np.maximum((targets**2).sum(axis=0) - along.sum(axis=0), 0.0)  # (classes,)
    spectra = [_Spectrum(singular**2, along[:, k], float(beside[k]), len(y)) for k in range(num_classes)]
    return float(np.mean([spectrum.best_evidence() / len(y) for spectrum in spectra]))


class _Spectrum:
    """One regression in the basis of the singular vectors, where everything is a sum over singular values.

    Args:
        squares: `(k,)` squared singular values of the features.
        along: `(k,)` squared parts of the target along the left singular vectors.
        beside: The squared part of the target that no weights reach.
        num_images: Rows.
    """

    def __init__(self, squares: np.ndarray, along: np.ndarray, beside: float, num_images: int) -> None:
        self._squares, self._along, self._beside, self._n = squares, along, beside, num_images

    def _moments(self, a: float, b: float) -> tuple[float, float]:
        """Squared length of the mean weights, and squared residual, at precisions `a` and `b`."""
        whole = a + b * self._squares
        length = (b**2 * self._squares * self._along / whole**2).sum()
        return float(length), float((self._along * (a / whole) ** 2).sum() + self._beside)

    def best_evidence(self) -> float:
        a = b = 1.0
        for _ in range(MAX_STEPS):
            length, residual = self._moments(a, b)
            known = float((b * self._squares / (a + b * self._squares)).sum())  # number of well-determined weights
            new_a, new_b = known / max(length, TINY), (self._n - known) / max(residual, TINY)
            new_a, new_b = np.clip([new_a, new_b], TINY, 1 / TINY)
            moved = abs(np.log(new_a / a)) + abs(np.log(new_b / b))
            a, b = float(new_a), float(new_b)
            if moved < TOLERANCE:
                break
        return self._evidence(a, b)

    def _evidence(self, a: float, b: float) -> float:
        length, residual = self._moments(a, b)
        determinant = np.log1p(b * self._squares / a).sum()  # the columns beyond the rank cancel
        return float((self._n * np.log(b / (2 * np.pi)) - determinant - b * residual - a * length) / 2)
