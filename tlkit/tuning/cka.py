"""How similarly two networks see the same images."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["linear_cka"]


def linear_cka(a: ArrayLike, b: ArrayLike) -> float:
    """How similar two sets of features of the same images are: 1 if equal up to rotation and scale, 0 if unrelated.

    Args:
        a: `(num_images, num_features)`.
        b: `(num_images, other_num_features)`, same images in the same order.

    Returns:
        Linear centred kernel alignment, in [0, 1].

    Raises:
        ValueError: If the shapes do not match.

    Reference:
        Kornblith et al. (2019), [Similarity of neural network representations](https://arxiv.org/abs/1905.00414).

    Example:
    >>> features = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
    >>> round(linear_cka(features, 3 * features[:, ::-1]), 6)
    1.0
    """
    x, y = np.asarray(a, float), np.asarray(b, float)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        msg = f"`a` and `b` must be (num_images, num_features) of the same images. Received {x.shape} and {y.shape}."
        raise ValueError(msg)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    size = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    return float(np.linalg.norm(x.T @ y) ** 2 / size) if size else 0.0
