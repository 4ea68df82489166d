"""How far apart two domains are, and a classifier that is pulled towards one trained on another domain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special
from scipy.spatial import distance
from threadpoolctl import threadpool_limits

from tlkit.probes import linear_probe

__all__ = ["Anchored", "fit_anchored", "proxy_a_distance", "squared_mmd"]

MAX_STEPS = 300  # of L-BFGS; a few hundred rows need fewer


def proxy_a_distance(a: ArrayLike, b: ArrayLike, *, strength: float = 0.05, repeats: int = 4, seed: int = 0) -> float:
    """How well a linear classifier tells two domains apart: 0 if it guesses, 2 if it makes no errors.

    The classifier is judged on images that it did not learn from, as many of one domain as of the other. It sees the
    inputs and no labels: two tasks on the same images are at distance 0.

    Args:
        a: Features of one domain, `(num_images, num_features)`, at least 4 images.
        b: Features of the other domain, `(other_num_images, num_features)`.
        strength: Inverse L2 penalty of the classifier, see `tlkit.probes.linear_probe`.
        repeats: Random halves that the error is averaged over.
        seed: The seed of the halves.

    Returns:
        `2 * (1 - 2 * error)`, in [0, 2].

    Raises:
        ValueError: If the arrays are not tables of the same features.

    Reference:
        Ben-David et al. (2007), [Analysis of representations for domain
        adaptation](https://papers.nips.cc/paper/2983-analysis-of-representations-for-domain-adaptation).

    Example:
    >>> rng = np.random.default_rng(0)
    >>> proxy_a_distance(rng.normal(size=(60, 3)), rng.normal(size=(60, 3)) + 9)
    2.0
    """
    x, y = _tables(a, b, least=4)
    rng, size, errors = np.random.default_rng(seed), min(len(x), len(y)), []
    for _ in range(repeats):
        rows = [table[rng.permutation(len(table))[:size]] for table in (x, y)]
        parts = [np.concatenate([table[half] for table in rows]) for half in (slice(size // 2), slice(size // 2, size))]
        labels = [np.repeat([0, 1], len(part) // 2) for part in parts]
        errors.append(1 - linear_probe(parts[0], labels[0], strength=strength).score(parts[1], labels[1]))
    return max(0.0, float(2 * (1 - 2 * np.mean(errors))))


def squared_mmd(a: ArrayLike, b: ArrayLike, *, width: float | None = None) -> float:
    """Squared maximum mean discrepancy with a Gaussian kernel, without bias: around 0 for images of one domain.

    Args:
        a: Features of one domain, `(num_images, num_features)`, at least 2 images.
        b: Features of the other domain, `(other_num_images, num_features)`.
        width: The width of the kernel `exp(-distance² / (2 width²))`, above 0. `None` takes the median distance of all
            pairs.

    Returns:
        At most 2; it may be below 0 by chance if the domains are alike.

    Raises:
        ValueError: If the arrays are not tables of the same features, or the width is not above 0.

    Reference:
        Gretton et al. (2012), [A kernel two-sample test](https://jmlr.org/papers/v13/gretton12a.html).

    Example:
    >>> points = np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> round(squared_mmd(points, points + 100, width=1.0), 3)
    1.475
    """
    x, y = _tables(a, b, least=2)
    squares = distance.squareform(distance.pdist(np.concatenate([x, y]), "sqeuclidean"))
    if width is None:
        width = float(np.sqrt(np.median(squares[np.triu_indices(len(squares), 1)]))) or 1.0
    if not width > 0:
        msg = f"`width` must be above 0, in the units of the features. Received: {width!r}. `None` takes the median."
        raise ValueError(msg)
    kernel, n, m = np.exp(-squares / (2 * width**2)), len(x), len(y)
    # An image's kernel with itself is 1, and says nothing about its domain
    within = (kernel[:n, :n].sum() - n) / (n * (n - 1)) + (kernel[n:, n:].sum() - m) / (m * (m - 1))
    return float(within - 2 * kernel[:n, n:].mean())


def _tables(a: ArrayLike, b: ArrayLike, least: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(a, float), np.asarray(b, float)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < least:
        msg = (
            f"`a` and `b` must be (num_images, num_features), of the same features and at least {least} images. "
            f"Received shapes {x.shape} and {y.shape}. Flatten images with `reshape(len(images), -1)`."
        )
        raise ValueError(msg)
    return x, y


@dataclass(frozen=True)
class Anchored:
    """A linear classifier.

    Attributes:
        weights: `(num_features + 1, num_classes)`; the last row is the bias.
    """

    weights: np.ndarray

    def predict(self, features: ArrayLike) -> np.ndarray:
        """Classes `(num_images,)` for features `(num_images, num_features)`."""
        return (np.asarray(features, float) @ self.weights[:-1] + self.weights[-1]).argmax(axis=1)

    def score(self, features: ArrayLike, labels: ArrayLike) -> float:
        """Accuracy, in [0, 1]."""
        return float(np.mean(self.predict(features) == np.asarray(labels)))


def fit_anchored(
    features: ArrayLike, labels: ArrayLike, num_classes: int, *, start: Anchored | None = None, strength: float = 1e-3
) -> Anchored:
    """Fit a softmax regression that is pulled towards an earlier classifier, as L2-SP pulls a network.

    It minimises the mean cross-entropy plus `strength / 2` times the squared distance of all weights from `start`.
    A strength near 0 forgets the source, and a large one returns it unchanged. Without `start`, the pull is towards 0,
    which is ordinary weight decay. The problem is convex, so the result does not depend on a seed.

    Args:
        features: `(num_images, num_features)`, of about unit size.
        labels: `(num_images,)`, integers in [0, num_classes).
        num_classes: Number of classes; there may be more than occur in `labels`.
        start: What to stay close to, of the same shape; `None` for no source.
        strength: Strength of the pull, at least 0.

    Returns:
        An `Anchored` classifier.

    Raises:
        ValueError: If shapes, labels or the strength do not fit.

    Reference:
        Li, Grandvalet and Davoine (2018), [Explicit inductive bias for transfer
        learning](https://arxiv.org/abs/1802.01483).

    Example:
    >>> source = fit_anchored([[0.0], [1.0]], [0, 1], 2)
    >>> flipped = ([[0.0], [1.0]], [1, 0], 2)
    >>> [fit_anchored(*flipped, start=source, strength=s).predict([[0.0]]).tolist() for s in (1e-3, 10.0)]
    [[1], [0]]
    """
    x, y, centre = _problem(features, labels, num_classes, start)
    if not strength >= 0:
        msg = f"`strength` must be at least 0. Received: {strength!r}. 0.001 is weak, 1 is strong."
        raise ValueError(msg)

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(centre.shape)
        logits, pull = x @ weights, weights - centre
        likely = special.log_softmax(logits, axis=1)
        loss = -likely[np.arange(len(y)), y].mean() + strength / 2 * (pull**2).sum()
        gradient = x.T @ (np.exp(likely) - np.eye(num_classes)[y]) / len(y) + strength * pull
        return loss, gradient.ravel()

    # For matrices this small, threads wait for each other longer than they work.
    with threadpool_limits(1):
        found = optimize.minimize(
            loss_and_gradient, centre.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS}
        )
    return Anchored(found.x.reshape(centre.shape))


def _problem(features, labels, num_classes: int, start: Anchored | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features with a column of ones, labels, and the weights that the pull is towards."""
    x, y = np.asarray(features, float), np.asarray(labels)
    if x.ndim != 2 or y.shape != (len(x),) or not len(y) or y.min() < 0 or y.max() >= num_classes:
        msg = (
            f"`features` must be (num_images, num_features), `labels` as many integers in [0, {num_classes}). "
            f"Received shapes {x.shape} and {y.shape}."
        )
        raise ValueError(msg)
    shape = (x.shape[1] + 1, num_classes)
    if start is not None and start.weights.shape != shape:
        msg = f"`start` must have weights of shape {shape}, like these data. Received: {start.weights.shape}."
        raise ValueError(msg)
    return np.hstack([x, np.ones((len(x), 1))]), y, np.zeros(shape) if start is None else start.weights
