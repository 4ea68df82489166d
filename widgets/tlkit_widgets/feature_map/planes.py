"""What the map shows of features: planes that can be compared, nearest neighbours, and how far these agree."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

__all__ = ["ASPECT", "as_matrix", "as_table", "chance_and_bytes", "compare"]

ASPECT = 4 / 3  # width over height of the plot


def as_table(features) -> dict[str, dict[str, Any]]:
    """`{source: {cut: array}}`, whichever of the three forms was given."""
    if not isinstance(features, Mapping):
        features = {"features": features}
    if features and not isinstance(next(iter(features.values())), Mapping):
        features = {"this network": features}
    cuts = [list(table) if isinstance(table, Mapping) else table for table in features.values()]
    if not cuts or not cuts[0] or any(other != cuts[0] for other in cuts):
        msg = f"`features` must name the same cuts, at least one, for each source. Received: {cuts}."
        raise ValueError(msg)
    return {str(s): {str(c): f for c, f in table.items()} for s, table in features.items()}


def as_matrix(features, source: str, cut: str, num_images: int) -> np.ndarray:
    """Features as float64 (n, d); maps (n, h, w, c) are averaged over h and w."""
    matrix = np.asarray(features, "float64")
    if matrix.ndim == 4:
        matrix = matrix.mean((1, 2))
    if matrix.ndim != 2 or len(matrix) != num_images or matrix.shape[1] < 1:
        msg = (
            f"`features` at {cut!r} ({source}) must have shape ({num_images}, d) or ({num_images}, h, w, c), one row "
            f"for each image. Received shape: {np.shape(features)}."
        )
        raise ValueError(msg)
    if not np.isfinite(matrix).all():
        bad = int((~np.isfinite(matrix)).any(1).sum())
        msg = f"`features` at {cut!r} ({source}) must be finite. Received NaN or infinity in {bad} rows."
        raise ValueError(msg)
    return matrix


def compare(table: dict, labels: np.ndarray, num_neighbours: int) -> dict[str, np.ndarray]:
    """Points, neighbours, agreement, spread and width of each (source, cut)."""
    shape = (len(table), len(next(iter(table.values()))))
    points = np.zeros((*shape, len(labels), 2))
    spread, width = np.zeros(shape), np.zeros(shape, int)
    neighbours = np.zeros((*shape, len(labels), num_neighbours), int)
    nearer = None  # the plane that the next one is turned towards: the last cut's, then one layer down each time
    for i, cuts in enumerate(table.values()):
        for j, matrix in reversed(list(enumerate(cuts.values()))):
            plane, spread[i, j] = _project(matrix)
            nearer = plane if nearer is None else _turn(plane, nearer)
            points[i, j] = _fit(nearer)
            neighbours[i, j], width[i, j] = _nearest(matrix, num_neighbours), matrix.shape[1]
        nearer = points[0, -1]  # the next source starts from the first one's last cut
    agreement = (labels[neighbours] == labels[:, None]).mean((-1, -2))
    return {"points": points, "neighbours": neighbours, "agreement": agreement, "spread": spread, "widths": width}


def _project(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """(n, d) -> (n, 2), and the share of the variance that it keeps."""
    total = matrix.var(0).sum()
    if total == 0:
        return np.zeros((len(matrix), 2)), 0.0
    solver = "randomized" if min(matrix.shape) > 2 else "full"
    plane = PCA(min(2, matrix.shape[1]), svd_solver=solver, random_state=0).fit_transform(matrix)
    return np.pad(plane, ((0, 0), (0, 2 - plane.shape[1]))), float(plane.var(0).sum() / total)


def _turn(plane: np.ndarray, towards: np.ndarray) -> np.ndarray:
    left, _, right = np.linalg.svd(plane.T @ towards)
    return plane @ left @ right


def _fit(plane: np.ndarray) -> np.ndarray:
    """Shifted and scaled, both axes alike, into |x| <= ASPECT, |y| <= 1."""
    plane = plane - (plane.min(0) + plane.max(0)) / 2
    return plane / (np.abs(plane / [ASPECT, 1]).max() or 1)


def _nearest(matrix: np.ndarray, num_neighbours: int) -> np.ndarray:
    """(n, num_neighbours) indices by Euclidean distance, nearest first, the image itself left out."""
    search = NearestNeighbors(n_neighbors=num_neighbours, algorithm="brute").fit(matrix)
    return np.asarray(search.kneighbors(return_distance=False))


def chance_and_bytes(arrays: dict[str, np.ndarray], labels: np.ndarray) -> dict[str, Any]:
    counts = np.bincount(labels)
    return {
        "_chance": float((counts * (counts - 1)).sum() / (len(labels) * (len(labels) - 1))),
        "_points": arrays["points"].astype("<f4").tobytes(),
        "_neighbours": arrays["neighbours"].astype("<u2").tobytes(),
        "_agreement": arrays["agreement"].tolist(),
        "_spread": arrays["spread"].tolist(),
        "_widths": arrays["widths"].tolist(),
    }
