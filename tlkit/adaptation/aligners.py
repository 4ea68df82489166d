"""Closed forms that make the features of two domains alike, without a label of either."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from tlkit.adaptation.tables import as_tables, check_at_least

__all__ = ["Aligner", "AsTheyAre", "Coral", "StandardizedApart", "SubspaceAlignment"]


class Aligner(ABC):
    """What all closed forms have in common: `fit` on both domains, then `transform_source` and `transform_target`.

    Rows of the target that `fit` did not see can be transformed, too: they are judged on.
    """

    def fit(self, source: ArrayLike, target: ArrayLike) -> Self:
        """Learn the map from features of both domains; labels are not asked for.

        Args:
            source: `(num_rows, num_features)`, float, in any unit; both domains in the same one.
            target: `(other_num_rows, num_features)`, float.

        Returns:
            The aligner itself.

        Raises:
            ValueError: If the tables have other features, fewer than 2 rows, or values that are not finite.
        """
        with threadpool_limits(1):  # for matrices this small, threads wait for each other longer than they work
            self._fit(*as_tables(source, target))
        return self

    @abstractmethod
    def _fit(self, source: np.ndarray, target: np.ndarray) -> None: ...

    def transform_source(self, features: ArrayLike) -> np.ndarray:
        """Map rows of the source, `(num_rows, num_features)`, to `(num_rows, num_components)`, `float64`."""
        return self._move_source(np.asarray(features, float))

    def transform_target(self, features: ArrayLike) -> np.ndarray:
        """Map rows of the target, `(num_rows, num_features)`, to `(num_rows, num_components)`, `float64`."""
        return self._move_target(np.asarray(features, float))

    @abstractmethod
    def _move_source(self, rows: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def _move_target(self, rows: np.ndarray) -> np.ndarray: ...


class AsTheyAre(Aligner):
    """Changes nothing: the baseline, called *source only*.

    Example:
    >>> AsTheyAre().fit([[0.0], [1.0]], [[5.0], [6.0]]).transform_target([[5.0]]).tolist()
    [[5.0]]
    """

    def _fit(self, source: np.ndarray, target: np.ndarray) -> None:
        pass

    def _move_source(self, rows: np.ndarray) -> np.ndarray:
        return rows

    def _move_target(self, rows: np.ndarray) -> np.ndarray:
        return rows


class StandardizedApart(Aligner):
    """Each domain by its own mean and standard deviation: what AdaBN does to each BatchNorm layer.

    Args:
        floor: Added to each standard deviation, in the unit of the features, above or equal to 0: a feature that is
            nearly constant in one domain is not blown up.

    Raises:
        ValueError: If `floor` is below 0.

    Reference:
        Li et al. (2016), [Revisiting batch normalization for practical domain
        adaptation](https://arxiv.org/abs/1603.04779).

    Example:
    >>> aligner = StandardizedApart(floor=0.0).fit([[0.0], [2.0]], [[10.0], [30.0]])
    >>> aligner.transform_source([[2.0]]).tolist(), aligner.transform_target([[30.0]]).tolist()
    ([[1.0]], [[1.0]])
    """

    def __init__(self, floor: float = 1e-2):
        check_at_least("floor", floor, 0)
        self.floor = floor

    def _fit(self, source: np.ndarray, target: np.ndarray) -> None:
        self._means = source.mean(axis=0), target.mean(axis=0)
        self._scales = [_at_least_tiny(part.std(axis=0) + self.floor) for part in (source, target)]

    def _move_source(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self._means[0]) / self._scales[0]

    def _move_target(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self._means[1]) / self._scales[1]


def _at_least_tiny(scales: np.ndarray) -> np.ndarray:
    return np.where(scales > 0, scales, 1.0)


class Coral(Aligner):
    """Correlation alignment: the source gets the mean and the covariance of the target.

    The centred source is whitened by its own covariance and coloured by that of the target; the target stays as it is.
    Both covariances get `ridge` on the diagonal, without which few rows of many features cannot be whitened.

    Args:
        ridge: Above 0, in squared units of the features; 1 suits features of unit variance.

    Raises:
        ValueError: If `ridge` is not above 0.

    Reference:
        Sun, Feng and Saenko (2016), [Return of frustratingly easy domain
        adaptation](https://arxiv.org/abs/1511.05547). There, the means are assumed to be equal; here, they are made so.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> source, target = rng.normal(size=(500, 2)), 3 * rng.normal(size=(500, 2)) + 7
    >>> moved = Coral(ridge=1e-9).fit(source, target).transform_source(source)
    >>> np.allclose(np.cov(moved.T), np.cov(target.T)), np.allclose(moved.mean(axis=0), target.mean(axis=0))
    (True, True)
    """

    def __init__(self, ridge: float = 1.0):
        check_at_least("ridge", ridge, np.finfo(float).tiny)
        self.ridge = ridge

    def _fit(self, source: np.ndarray, target: np.ndarray) -> None:
        ridge = self.ridge * np.eye(source.shape[1])
        whiten = _power(_covariance(source) + ridge, -0.5)
        self._map = whiten @ _power(_covariance(target) + ridge, 0.5)  # (num_features, num_features)
        self._means = source.mean(axis=0), target.mean(axis=0)

    def _move_source(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self._means[0]) @ self._map + self._means[1]

    def _move_target(self, rows: np.ndarray) -> np.ndarray:
        return rows


def _covariance(table: np.ndarray) -> np.ndarray:
    centred = table - table.mean(axis=0)
    return centred.T @ centred / (len(table) - 1)


def _power(symmetric: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * np.maximum(values, np.finfo(float).tiny) ** exponent) @ vectors.T


class SubspaceAlignment(Aligner):
    """The main directions of the source, turned towards those of the target.

    Each domain is centred and described by its own principal components; the source's components are mapped to the
    target's by the best linear map, `source_basisᵀ target_basis`.

    Args:
        num_components: At least 1; at most the number of features, and less than the rows of either domain.

    Raises:
        ValueError: If there are more components than the tables allow (in `fit`).

    Reference:
        Fernando et al. (2013), [Unsupervised visual domain adaptation using subspace
        alignment](https://openaccess.thecvf.com/content_iccv_2013/html/Fernando_Unsupervised_Visual_Domain_2013_ICCV_paper.html).

    Example:
    >>> aligner = SubspaceAlignment(1).fit([[0.0, 0.0], [1.0, 0.0], [2.0, 0.1]], [[0.0, 0.0], [0.0, 1.0], [0.1, 2.0]])
    >>> aligner.transform_target([[0.0, 1.0]]).shape
    (1, 1)
    """

    def __init__(self, num_components: int = 40):
        check_at_least("num_components", num_components, 1, whole=True)
        self.num_components = num_components

    def _fit(self, source: np.ndarray, target: np.ndarray) -> None:
        most = min(source.shape[1], len(source) - 1, len(target) - 1)
        if self.num_components > most:
            msg = f"`num_components` must be at most {most} with these tables. Received: {self.num_components}."
            raise ValueError(msg)
        self._means = source.mean(axis=0), target.mean(axis=0)
        source_basis, self._target_map = (_main_directions(part, self.num_components) for part in (source, target))
        self._source_map = source_basis @ (source_basis.T @ self._target_map)

    def _move_source(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self._means[0]) @ self._source_map

    def _move_target(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self._means[1]) @ self._target_map


def _main_directions(table: np.ndarray, number: int) -> np.ndarray:
    """The first principal directions, `(num_features, number)`."""
    return np.linalg.svd(table - table.mean(axis=0), full_matrices=False)[2][:number].T
