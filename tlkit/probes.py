"""A linear classifier on features: the cheapest way to ask what a network already knows."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

__all__ = ["linear_probe"]


def linear_probe(features: np.ndarray, labels: np.ndarray, *, strength: float = 1.0) -> Pipeline:
    """Standardise features and fit a logistic regression to them.

    Args:
        features: `(num_images, num_features)`, float.
        labels: `(num_images,)`, integer.
        strength: Inverse strength of the L2 penalty, above 0, as scikit-learn's `C`.

    Returns:
        A fitted scikit-learn pipeline with `predict` and `score`.

    Example:
    >>> probe = linear_probe(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1]))
    >>> probe.predict([[2.0], [9.0]]).tolist()
    [0, 1]
    """
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
    # For matrices this small, threads wait for each other longer than they work.
    with threadpool_limits(1):
        return probe.fit(features, labels)
