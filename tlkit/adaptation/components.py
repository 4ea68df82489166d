"""Transfer component analysis: a few components in which two domains have nearly the same mean."""

from __future__ import annotations

import numpy as np
from scipy import linalg
from scipy.spatial import distance

from tlkit.adaptation.aligners import Aligner
from tlkit.adaptation.tables import check_at_least

__all__ = ["Tca"]


class Tca(Aligner):
    """Transfer component analysis with a Gaussian kernel.

    It looks for components `K W` of large variance in which the means of both domains are close: the leading
    eigenvectors of `(K L K + trade_off I)⁻¹ K H K`, where `L` measures the distance of the means and `H` centres.

    Args:
        num_components: At least 1, at most the rows of both domains together.
        trade_off: What large weights cost, above 0. A small one lets the means come closer.
        width: Of the kernel `exp(-distance² / (2 width²))`, in the unit of the features. `None` takes the median
            distance of all pairs.

    Raises:
        ValueError: If a setting is out of its range.

    Reference:
        Pan et al. (2011), [Domain adaptation via transfer component
        analysis](https://www.cse.ust.hk/~qyang/Docs/2009/TCA.pdf), IEEE Transactions on Neural Networks 22.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> source, target = rng.normal(size=(30, 2)), rng.normal(size=(20, 2)) + [5, 0]
    >>> tca = Tca(1).fit(source, target)
    >>> tca.transform_source(source).shape, tca.transform_target(target).shape
    ((30, 1), (20, 1))
    """

    def __init__(self, num_components: int = 20, *, trade_off: float = 1.0, width: float | None = None):
        check_at_least("num_components", num_components, 1, whole=True)
        check_at_least("trade_off", trade_off, np.finfo(float).tiny)
        if width is not None:
            check_at_least("width", width, np.finfo(float).tiny)
        self.num_components, self.trade_off, self.width = num_components, trade_off, width

    def _fit(self, source: np.ndarray, target: np.ndarray) -> None:
        self._rows = rows = np.concatenate([source, target])
        if self.num_components > len(rows):
            msg = f"`num_components` must be at most {len(rows)}, the rows of both. Received: {self.num_components}."
            raise ValueError(msg)
        self._width = self.width or float(np.median(distance.pdist(rows))) or 1.0
        kernel = self._kernel(rows)
        sides = np.repeat([1 / len(source), -1 / len(target)], [len(source), len(target)])
        pull = kernel @ sides
        cost = np.outer(pull, pull) + self.trade_off * np.eye(len(rows))
        centred = kernel - kernel.mean(axis=0)
        last = len(rows) - 1
        subset = (last - self.num_components + 1, last)
        vectors = np.asarray(linalg.eigh(kernel @ centred, cost, subset_by_index=subset)[1])
        self._weights = vectors[:, ::-1]  # the largest eigenvalue first, in the scale of `cost`

    def _kernel(self, rows: np.ndarray) -> np.ndarray:
        return np.exp(-distance.cdist(rows, self._rows, "sqeuclidean") / (2 * self._width**2))

    def _move_source(self, rows: np.ndarray) -> np.ndarray:
        return self._kernel(rows) @ self._weights

    def _move_target(self, rows: np.ndarray) -> np.ndarray:
        return self._kernel(rows) @ self._weights
