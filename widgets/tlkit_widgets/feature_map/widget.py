"""Images as points: what looks similar to a network, layer by layer."""

import numpy as np
import traitlets

from tlkit.choices import did_you_mean
from tlkit_widgets.feature_map.planes import ASPECT, as_matrix, as_table, chance_and_bytes, compare
from tlkit_widgets.shared.kit_widget import MARKERS, PALETTE
from tlkit_widgets.shared.sources import esm, style
from tlkit_widgets.shared.sprite import SpriteWidget, check_labels, sheet_of

__all__ = ["FeatureMap"]


class FeatureMap(SpriteWidget):
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
        class_names: One name for each class.
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
    _esm = esm(__file__)
    _css = style(__file__)

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

    def __init__(self, features, images, labels, class_names, *, num_neighbours: int = 5, thumb: int = 56, **kwargs):
        table = as_table(features)
        labels = check_labels(labels, len(images), list(class_names))
        table = {s: {c: as_matrix(f, s, c, len(labels)) for c, f in cuts.items()} for s, cuts in table.items()}
        if len(labels) <= num_neighbours:
            msg = f"There must be more images than `num_neighbours`, {num_neighbours}. Received: {len(labels)} images."
            raise ValueError(msg)
        self._arrays = compare(table, labels, num_neighbours)
        sources, cuts = list(table), list(next(iter(table.values())))
        first = {"source": sources[0], "cut": cuts[-1]} | kwargs
        super().__init__(
            **{"sources": sources, "cuts": cuts, "class_names": list(class_names), "num_neighbours": num_neighbours},
            _labels=labels.astype("<u2").tobytes(),
            **sheet_of(images, thumb),
            **chance_and_bytes(self._arrays, labels),
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
            msg = f"`{name}` must be one of {names}. Received: {value!r}.{did_you_mean(value, names)}"
            raise ValueError(msg)
        return value

    @traitlets.validate("selected")
    def _in_range(self, proposal):
        value, num_images = proposal["value"], len(self._labels) // 2
        if value is not None and not 0 <= value < num_images:
            msg = f"`selected` must be `None` or an index in [0, {num_images}). Received: {value}."
            raise ValueError(msg)
        return value
