"""Images as points: what a network takes for similar, layer by layer."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import traitlets
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from tlkit_widgets._kit import MARKERS, PALETTE, KitWidget, esm, style
from tlkit_widgets._sprite import check_labels, make_sprite

__all__ = ["FeatureMap"]

ASPECT = 4 / 3  # width over height of the plot


class FeatureMap(KitWidget):
    """Map of images by their features, projected on the two directions along which they spread most.

    Point at a dot to see its image; click it (or press Enter) to see its nearest neighbours, which are searched in
    the full feature space and not in the plane. The slider moves the cut through the network, so that classes are
    seen to come apart; with two sources the same images are compared, for example pre-trained and random weights.

    Args:
        features: Array of shape (n, d), or (n, h, w, c), which is averaged over its places as
            `GlobalAveragePooling2D` does. Or a dict `{cut: array}`, in the order of the layers. Or a dict of such
            dicts, `{source: {cut: array}}`, with the same cuts for each source.
        images: Array of shape (n, h, w, 3), (n, h, w, 1) or (n, h, w), values in [0, 255].
        labels: Integers of shape (n,), each an index of `class_names`.
        class_names: One name a class.
        num_neighbours: How many nearest neighbours are looked at.
        thumb: Side of the pictures that are sent to the page, in pixels.

    Attributes:
        cut: Name of the cut that is shown.
        source: Name of the source that is shown.
        selected: Index of the selected image, or `None`.

    The projection is a principal component analysis (Pearson 1901); each cut's plane is turned and mirrored to lie as
    near as it can to the next one's (orthogonal Procrustes, Schönemann 1966), which changes no distance.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> images = rng.integers(0, 256, (20, 8, 8, 3)).astype("uint8")
    >>> labels = np.arange(20) % 2
    >>> features = labels[:, None] + 0.1 * rng.normal(size=(20, 6))
    >>> feature_map = FeatureMap(features, images, labels, ["cat", "dog"])
    >>> feature_map
    FeatureMap(20 images, 2 classes, 1 cut)
    >>> feature_map.selected = 3
    >>> feature_map.same_class
    1.0
    """

    _figure_size = (7.6, 4.0)
    _esm = esm("feature_map.js")
    _css = style("feature_map.css")

    cut = traitlets.Unicode().tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    cuts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sources = traitlets.List(traitlets.Unicode()).tag(sync=True)
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    num_neighbours = traitlets.Int().tag(sync=True)

    _labels = traitlets.Bytes().tag(sync=True)  # uint16 (n,)
    _points = traitlets.Bytes().tag(sync=True)  # float32 (sources, cuts, n, 2), |x| <= ASPECT, |y| <= 1
    _neighbours = traitlets.Bytes().tag(sync=True)  # uint16 (sources, cuts, n, num_neighbours)
    _agreement = traitlets.List().tag(sync=True)  # share of neighbours of the same class, (sources, cuts)
    _spread = traitlets.List().tag(sync=True)  # share of the variance that lies in the plane, (sources, cuts)
    _widths = traitlets.List().tag(sync=True)  # number of features, (sources, cuts)
    _chance = traitlets.Float().tag(sync=True)
    _sprite = traitlets.Bytes().tag(sync=True)
    _columns = traitlets.Int().tag(sync=True)
    _thumb = traitlets.Int().tag(sync=True)

    def __init__(self, features, images, labels, class_names, *, num_neighbours: int = 5, thumb: int = 56, **kwargs):
        table = _as_table(features)
        labels = check_labels(labels, len(images), list(class_names))
        table = {s: {c: _as_matrix(f, s, c, len(labels)) for c, f in cuts.items()} for s, cuts in table.items()}
        if len(labels) <= num_neighbours:
            msg = f"There must be more images than `num_neighbours`, {num_neighbours}. Received: {len(labels)} images."
            raise ValueError(msg)
        self._arrays = _compare(table, labels, num_neighbours)
        sprite, columns = make_sprite(images, thumb)
        sources, cuts = list(table), list(next(iter(table.values())))
        first = {"source": sources[0], "cut": cuts[-1]} | kwargs
        super().__init__(
            **{"sources": sources, "cuts": cuts, "class_names": list(class_names), "num_neighbours": num_neighbours},
            **{"_labels": labels.astype("<u2").tobytes(), "_sprite": sprite, "_columns": columns, "_thumb": thumb},
            **_chance_and_bytes(self._arrays, labels),
        )
        self._y = labels
        for name, value in first.items():
            setattr(self, name, value)

    @property
    def agreement(self) -> dict[str, dict[str, float]]:
        """Share of the nearest neighbours that have the class of their image: `{source: {cut: share}}`."""
        shares = self._arrays["agreement"]
        return {s: {c: float(shares[i, j]) for j, c in enumerate(self.cuts)} for i, s in enumerate(self.sources)}

    @property
    def neighbours(self) -> np.ndarray:
        """Indices of the selected image's neighbours, nearest first; empty while nothing is selected."""
        if self.selected is None:
            return np.empty(0, int)
        return self._arrays["neighbours"][(*self._place(), self.selected)]

    @property
    def same_class(self) -> float | None:
        """Share of `neighbours` that have the class of the selected image, or `None`."""
        return None if self.selected is None else float(np.mean(self._y[self.neighbours] == self._y[self.selected]))

    def describe(self) -> str:
        share, chance = self.agreement[self.source][self.cut], self._chance
        return (
            f"Scatter plot of {len(self._y)} images of {len(self.class_names)} classes by their features at "
            f"{self.cut} ({self.source}): {share:.0%} of the {self.num_neighbours} nearest neighbours have the same "
            f"class, {chance:.0%} would by chance."
        )

    def __repr__(self) -> str:
        cuts = f"{len(self.cuts)} cut{'s' * (len(self.cuts) != 1)}"
        return f"FeatureMap({len(self._y)} images, {len(self.class_names)} classes, {cuts})"

    def _place(self) -> tuple[int, int]:
        return self.sources.index(self.source), self.cuts.index(self.cut)

    def _draw(self, figure) -> None:
        for axes, source in zip(figure.subplots(1, len(self.sources), squeeze=False)[0], self.sources, strict=True):
            points = self._arrays["points"][self.sources.index(source), self.cuts.index(self.cut)]
            for k, name in enumerate(self.class_names):
                mark = {"color": PALETTE[k % 8], "marker": MARKERS[(k + k // 8) % 8]}
                axes.scatter(*points[self._y == k].T, s=16, linewidths=0, label=name, **mark)
            axes.set(xticks=[], yticks=[], xlim=(-1.05 * ASPECT, 1.05 * ASPECT), ylim=(-1.05, 1.05), aspect="equal")
            share = self.agreement[source][self.cut]
            axes.set_title(f"{source}, {self.cut}: {share:.0%} of neighbours\nhave the same class", fontsize=10)
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles[:24], names[:24], loc="outside lower center", ncols=6, fontsize=8, frameon=False)

    @traitlets.validate("cut", "source")
    def _known(self, proposal):
        value, name = proposal["value"], proposal["trait"].name
        names = getattr(self, f"{name}s")
        if value and value not in names:
            near = get_close_matches(value, names, 1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            msg = f"`{name}` must be one of {names}. Received: {value!r}.{guess}"
            raise ValueError(msg)
        return value

    @traitlets.validate("selected")
    def _in_range(self, proposal):
        value, num_images = proposal["value"], len(self._labels) // 2
        if value is not None and not 0 <= value < num_images:
            msg = f"`selected` must be `None` or an index in [0, {num_images}). Received: {value}."
            raise ValueError(msg)
        return value


def _as_table(features) -> dict[str, dict[str, Any]]:
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


def _as_matrix(features, source: str, cut: str, num_images: int) -> np.ndarray:
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


def _compare(table: dict, labels: np.ndarray, num_neighbours: int) -> dict[str, np.ndarray]:
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
    return NearestNeighbors(n_neighbors=num_neighbours, algorithm="brute").fit(matrix).kneighbors(return_distance=False)


def _chance_and_bytes(arrays: dict[str, np.ndarray], labels: np.ndarray) -> dict[str, Any]:
    counts = np.bincount(labels)
    return {
        "_chance": float((counts * (counts - 1)).sum() / (len(labels) * (len(labels) - 1))),
        "_points": arrays["points"].astype("<f4").tobytes(),
        "_neighbours": arrays["neighbours"].astype("<u2").tobytes(),
        "_agreement": arrays["agreement"].tolist(),
        "_spread": arrays["spread"].tolist(),
        "_widths": arrays["widths"].tolist(),
    }
