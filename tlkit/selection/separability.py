"""Scores that read how well classes are separated in a table of features: the H-score, and a probe that is held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from tlkit.probes import linear_probe
from tlkit.selection.labelled_table import read_labelled

__all__ = ["h_score", "probe_accuracy", "shrinkage_of"]


def h_score(features: ArrayLike, labels: ArrayLike, *, shrinkage: float | None = None) -> float:
    """How much of the features' spread lies between classes: tr(cov(f)⁻¹ cov(E[f | y])).

    With `shrinkage=0` it is the H-score as first published. With as many features as images or more, that one is blind:
    it gives `num_classes - 1` for *any* labels. Shrinking the covariance towards a multiple of the identity,
    (1 - s) cov(f) + s m I with m the mean variance, lets it see again.

    Args:
        features: `(num_images, num_features)`, from one pass of each labelled image through the network.
        labels: `(num_images,)`, the target's labels.
        shrinkage: s in [0, 1]; `None` takes Ledoit and Wolf's, see `shrinkage_of`.

    Returns:
        In [0, num_classes - 1], without a unit; higher is better. A shrunk score is multiplied by 1 - s.

    Raises:
        ValueError: If the shapes do not fit, a feature is not finite, or the shrinkage is outside [0, 1].

    Reference:
        Bao et al. (2019), An information-theoretic approach to transferability in task transfer learning, ICIP; and
        Ibrahim, Ponomareva and Mazumder (2022), [Newer is not always better](https://arxiv.org/abs/2110.06893).

    Example:
    >>> rng = np.random.default_rng(0)
    >>> wide = rng.normal(size=(12, 40))
    >>> round(h_score(wide, [0, 1, 2] * 4, shrinkage=0), 6), round(h_score(wide, [0] * 6 + [1] * 3 + [2] * 3), 1) < 1
    (2.0, True)
    """
    f, y, num_classes = read_labelled(features, labels, "features")
    if shrinkage is not None and not 0 <= shrinkage <= 1:
        msg = f"`shrinkage` must lie in [0, 1]. Received: {shrinkage!r}. `None` takes that of Ledoit and Wolf."
        raise ValueError(msg)
    f = f - f.mean(axis=0)
    share = shrinkage_of(f) if shrinkage is None else float(shrinkage)
    # Everything lies in the span of the images: a few axes in place of hundreds of features
    with threadpool_limits(1):  # threads wait for each other longer than they work
        left, singular, _ = np.linalg.svd(f, full_matrices=False)
    spread = (1 - share) * singular**2 / len(f) + share * (f**2).mean()  # (axes,)
    shares = np.bincount(y) / len(y)
    means = np.stack([left[y == label].mean(axis=0) for label in range(num_classes)]) * singular  # (classes, axes)
    used = singular > 1e-9 * max(singular[0], np.finfo(float).tiny)
    return float((1 - share) * (shares @ means[:, used] ** 2 / spread[used]).sum())


def shrinkage_of(features: ArrayLike) -> float:
    """The share of the identity that Ledoit and Wolf mix into a covariance, so that it errs least on average.

    Args:
        features: `(num_images, num_features)`; their means are taken off.

    Returns:
        In [0, 1]: near 1 if the images are few for their features.

    Reference:
        Ledoit and Wolf (2004), A well-conditioned estimator for large-dimensional covariance matrices, Journal of
        Multivariate Analysis 88.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> shrinkage_of(rng.normal(size=(2000, 2)) * [1, 9]) < 0.01
    True
    """
    x = np.asarray(features, float)
    x = x - x.mean(axis=0)
    n, width = x.shape
    products = x @ x.T  # (n, n); its squares sum to those of the covariance times n squared
    squares, scale = (products**2).sum() / n**2, np.trace(products) / (n * width)
    apart = (squares - width * scale**2) / width  # from a multiple of the identity
    noise = ((np.diag(products) ** 2).sum() / n - squares) / (n * width)
    return float(np.clip(noise / apart, 0, 1)) if apart > 0 else 0.0


def probe_accuracy(
    features: ArrayLike, labels: ArrayLike, *, folds: int = 3, strength: float = 0.05, seed: int = 0
) -> float:
    """Mean accuracy of a linear probe on the images that it did not learn from, in stratified folds.

    Whatever is estimated is estimated inside the fold, and that includes the scaler.

    Args:
        features: `(num_images, num_features)`, from one pass of each labelled image through the network.
        labels: `(num_images,)`, with at least `folds` images of each class.
        folds: Number of folds, at least 2.
        strength: Inverse L2 penalty, see `tlkit.probes.linear_probe`.
        seed: Mixes the images before they are dealt.

    Returns:
        The mean over folds, in [0, 1]; higher is better. Of n images, each probe learns from n (1 - 1 / folds).

    Raises:
        ValueError: If the shapes do not fit, or a class has fewer images than there are folds.

    Reference:
        Hastie, Tibshirani and Friedman (2009), The elements of statistical learning, section 7.10.2, "The wrong and
        right way to do cross-validation".

    Example:
    >>> probe_accuracy([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]], [0, 0, 0, 1, 1, 1])
    1.0
    """
    f, y, _ = read_labelled(features, labels, "features")
    fewest = int(np.bincount(y).min())
    if not 2 <= folds <= fewest:
        msg = (
            f"`folds` must lie between 2 and the images of the rarest class, {fewest}. Received: {folds!r}. "
            "Label more images of that class, or take fewer folds."
        )
        raise ValueError(msg)
    deal = StratifiedKFold(folds, shuffle=True, random_state=seed)
    parts = deal.split(f, y)
    return float(np.mean([linear_probe(f[a], y[a], strength=strength).score(f[b], y[b]) for a, b in parts]))
