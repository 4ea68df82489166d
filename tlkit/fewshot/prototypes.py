"""The nearest prototype: a class is the mean of its few labelled images."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

# Newer than the types of scikit-learn that pyrefly brings
from sklearn.utils.validation import check_is_fitted, validate_data  # pyrefly: ignore[missing-module-attribute]

__all__ = ["PrototypeClassifier"]


class PrototypeClassifier(ClassifierMixin, BaseEstimator):
    """Name the class whose prototype, the mean of its images, is nearest by squared Euclidean distance.

    It learns in one step and has no setting. With one image of each class it is the nearest neighbour.

    Attributes:
        classes_: `(num_classes,)`, in order.
        prototypes_: `(num_classes, num_features)`, float64, the mean of the rows of each class.
        n_features_in_: Number of features.

    Reference:
        Snell, Swersky and Zemel (2017), [Prototypical networks for few-shot
        learning](https://arxiv.org/abs/1703.05175).

    Example:
    >>> rule = PrototypeClassifier().fit([[0.0], [2.0], [10.0]], ["small", "small", "large"])
    >>> rule.prototypes_.ravel().tolist(), rule.predict([[4.0]]).tolist()
    ([10.0, 1.0], ['small'])
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> PrototypeClassifier:
        """Take the mean of each class.

        Args:
            X: `(num_images, num_features)`, finite numbers.
            y: `(num_images,)`, labels of any kind.

        Returns:
            The classifier itself.

        Raises:
            ValueError: If the rows and labels don't fit, or a value is not finite.
        """
        rows, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        sums = np.zeros((len(self.classes_), rows.shape[1]))
        np.add.at(sums, numbers, rows)
        self.prototypes_ = sums / np.bincount(numbers)[:, None]
        return self

    def distances(self, X: ArrayLike) -> np.ndarray:
        """Return the squared distance from each prototype, `(num_images, num_classes)`, in the order of `classes_`."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        return cdist(rows, self.prototypes_, "sqeuclidean")

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the class of the nearest prototype, `(num_images,)`; of equally near ones, the first."""
        nearest = self.distances(X).argmin(axis=1)
        return self.classes_[nearest]
