"""A ridge regression that is shrunk to what others found, in place of zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin

# Newer than the types of scikit-learn that pyrefly brings
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data  # pyrefly: ignore[missing-module-attribute]

__all__ = ["RidgeTowards"]


class RidgeTowards(RegressorMixin, BaseEstimator):
    """Least squares with a penalty on the distance to other coefficients; the intercept is shrunk as well.

    With b the coefficients and, last, the intercept, and w the weights of the rows, it minimises
    `sum(w * (y - rows @ b)**2) + penalty * sum((b - towards)**2)`: the posterior mode, if the b of shops are spread
    around those of all shops like a bell.

    Args:
        penalty: At least 0, in the unit of a row; 0 is least squares.
        towards: `(num_features + 1,)`: coefficients and, last, the intercept to shrink to; `None` for zeros.

    Attributes:
        coef_: `(num_features,)`.
        intercept_: One number.
        n_features_in_: Number of features.

    References:
        Hoerl and Kennard (1970), *Technometrics* 12; with a target other than zero: van Wieringen (2015),
        [Lecture notes on ridge regression](https://arxiv.org/abs/1509.09169), chapter 3.

    Example:
    >>> RidgeTowards(1.0, [2.0, 0.0]).fit([[1.0], [-1.0]], [5.0, -5.0]).coef_.round(6).tolist()
    [4.0]
    """

    def __init__(self, penalty: float = 1.0, towards: ArrayLike | None = None):
        self.penalty = penalty
        self.towards = towards

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> RidgeTowards:
        """Fit to `X` `(num_rows, num_features)` and `y` `(num_rows,)`, rows weighted by `sample_weight`.

        Raises:
            ValueError: If the penalty is negative, or `towards` does not fit the features.
        """
        if not self.penalty >= 0:
            msg = f"`penalty` must be at least 0. Received: {self.penalty!r}."
            raise ValueError(msg)
        X, y = validate_data(self, X, y, y_numeric=True, dtype=float)
        values = np.asarray(y, float)
        weights = _check_sample_weight(sample_weight, X, dtype=float)
        rows = np.column_stack([X, np.ones(len(X))])
        towards = np.zeros(rows.shape[1]) if self.towards is None else np.asarray(self.towards, float)
        if towards.shape != rows.shape[1:]:
            msg = f"`towards` must have {rows.shape[1]} numbers, the intercept last. Received shape {towards.shape}."
            raise ValueError(msg)
        weighted = rows * weights[:, None]
        square = weighted.T @ rows + self.penalty * np.eye(rows.shape[1])
        change = np.linalg.lstsq(square, weighted.T @ (values - rows @ towards))[0]
        self.coef_, self.intercept_ = (towards + change)[:-1], float((towards + change)[-1])
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Forecasts `(num_rows,)` for `X` `(num_rows, num_features)`."""
        check_is_fitted(self)
        return validate_data(self, X, reset=False, dtype=float) @ self.coef_ + self.intercept_
