"""Prototypes under one's hands: move the few labelled images, and see what each rule makes of the rest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import traitlets
from sklearn.neighbors import KNeighborsClassifier

from tlkit.counts import count
from tlkit.fewshot import PrototypeClassifier
from tlkit_widgets.shared.kit_widget import MARKERS, PALETTE
from tlkit_widgets.shared.sources import esm, style
from tlkit_widgets.shared.sprite import SpriteWidget, check_labels, sheet_of

__all__ = ["PrototypeBoard"]

RULES = ("prototype", "neighbour")
MAX_CLASSES = 8  # as many as there are colours and shapes


class PrototypeBoard(SpriteWidget):
    """A plane with the images of a support, their prototypes, and the borders between the classes.

    Drag an image of the support, or give it the focus and press the arrow keys: its prototype follows, the borders
    move, and the share of right queries is counted anew. Take the other rule, the nearest neighbour, to compare.

    Args:
        points: Places of the images of the support, `(num_support, 2)`, finite.
        labels: Their classes, `(num_support,)`, integers; each class needs one image at least.
        images: `(num_support, h, w, 3)`, `(num_support, h, w, 1)` or `(num_support, h, w)`, values in [0, 255].
        class_names: One name for each class, at most 8.
        queries: Places of the images to be named, `(num_queries, 2)`.
        query_labels: Their classes, `(num_queries,)`, integers.
        rule: `"prototype"` or `"neighbour"`.

    Attributes:
        points: The places as they are now.
        rule: The rule that draws the borders.
        prototypes: `(num_classes, 2)`: the mean of each class.
        accuracy: The share of queries that the rule names rightly, in [0, 1].

    Example:
    >>> images = np.zeros((2, 8, 8, 3), "uint8")
    >>> board = PrototypeBoard([[0, 0], [4, 0]], [0, 1], images, ["a", "b"], [[1, 0], [3, 0]], [0, 1])
    >>> board.accuracy
    1.0
    >>> board.points = [[9, 0], [4, 0]]
    >>> board.prototypes[0], board.accuracy
    ([9.0, 0.0], 0.0)
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (5.6, 4.2)

    points = traitlets.List().tag(sync=True)
    rule = traitlets.Enum(RULES, RULES[0]).tag(sync=True)
    prototypes = traitlets.List().tag(sync=True)
    accuracy = traitlets.Float().tag(sync=True)
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _labels = traitlets.List(traitlets.Int()).tag(sync=True)
    _queries = traitlets.List().tag(sync=True)
    _query_labels = traitlets.List(traitlets.Int()).tag(sync=True)
    _start = traitlets.List().tag(sync=True)
    _box = traitlets.List(traitlets.Float()).tag(sync=True)  # left, right, lowest, highest

    def __init__(self, points, labels, images, class_names, queries, query_labels, *, rule: str = RULES[0]):
        names = list(class_names)
        places, asked = _plane(points, "points"), _plane(queries, "queries")
        self._own = check_labels(labels, len(places), names)
        self._asked = check_labels(query_labels, len(asked), names, name="query_labels")
        if len(images) != len(places) or len(names) > MAX_CLASSES or set(self._own) != set(range(len(names))):
            msg = (
                f"There must be an image for each of the {len(places)} points, and each of at most {MAX_CLASSES} "
                f"classes needs one. Received {len(images)} images and the classes {sorted(set(self._own.tolist()))}."
            )
            raise ValueError(msg)
        super().__init__(
            points=places.tolist(),
            class_names=names,
            rule=rule,
            _labels=self._own.tolist(),
            _queries=asked.tolist(),
            _query_labels=self._asked.tolist(),
            _start=places.tolist(),
            _box=_box_around(np.concatenate([places, asked])),
            **sheet_of(images, 56),
        )
        self._judge()

    @traitlets.observe("points", "rule")
    def _judge(self, change=None) -> None:
        """Let the rule learn from the support as it lies now, and name the queries."""
        places = np.asarray(self.points)
        right = self._fitted(places).predict(np.asarray(self._queries)) == self._asked
        with self.hold_sync():
            self.prototypes = PrototypeClassifier().fit(places, self._own).prototypes_.tolist()
            self.accuracy = float(np.mean(right))

    def reset(self) -> None:
        """Put all images back, as the button does."""
        self.points = self._start

    def what_if(self) -> Iterable[dict[str, str]]:
        """Both rules, with the images where they are."""
        return ({"rule": rule} for rule in RULES)

    def describe(self) -> str:
        name = {"prototype": "nearest prototype", "neighbour": "nearest neighbour"}[self.rule]
        moved = int((np.asarray(self.points) != np.asarray(self._start)).any(axis=1).sum())
        return (
            f"{len(self._labels)} labelled images of {len(self.class_names)} classes in a plane, {moved} of them "
            f"moved. The {name} names {self.accuracy:.0%} of {count(len(self._queries), 'query', 'queries')} rightly."
        )

    def __repr__(self) -> str:
        sizes = count(len(self._labels), "image"), count(len(self.class_names), "class", "classes")
        return f"PrototypeBoard({', '.join(sizes)}, {count(len(self._queries), 'query', 'queries')})"

    def _fitted(self, places: np.ndarray):
        rule = PrototypeClassifier() if self.rule == "prototype" else KNeighborsClassifier(1)
        return rule.fit(places, self._own)

    def _draw(self, figure) -> None:
        from matplotlib.colors import ListedColormap

        ax, (left, right, low, high) = figure.subplots(), self._box
        places = np.asarray(self.points)
        x, y = np.meshgrid(np.linspace(left, right, 160), np.linspace(low, high, 120))
        regions = self._fitted(places).predict(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape)
        count = len(self.class_names)
        options = {"cmap": ListedColormap(PALETTE[:count]), "vmin": 0, "vmax": max(count - 1, 1), "alpha": 0.18}
        ax.imshow(regions, origin="lower", extent=self._box, aspect="auto", **options)
        for k, name in enumerate(self.class_names):
            asked = np.asarray(self._queries)[self._asked == k]
            ax.scatter(*asked.T, s=12, c=PALETTE[k], marker=MARKERS[k], alpha=0.6)
            ax.scatter(*places[self._own == k].T, s=60, c=PALETTE[k], marker=MARKERS[k], label=name)
        if self.rule == "prototype":
            ax.scatter(*np.asarray(self.prototypes).T, s=130, c="#222222", marker="+")
        ax.set_xlim(left, right)
        ax.set_ylim(low, high)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.legend(frameon=False, fontsize=9)
        ax.set_title(f"Nearest {self.rule}: {self.accuracy:.0%} of the queries are right", loc="left", fontsize=10)

    @traitlets.validate("points")
    def _as_many(self, proposal):
        places = _plane(proposal["value"], "points")
        if len(places) != len(self._own):
            msg = f"`points` must hold a place for each of the {len(self._own)} images. Received: {len(places)}."
            raise ValueError(msg)
        return places.tolist()


def _plane(points, name: str) -> np.ndarray:
    places = np.asarray(points, float)
    if places.ndim != 2 or places.shape[1] != 2 or not len(places) or not np.isfinite(places).all():
        msg = f"`{name}` must be finite places in a plane, (n, 2). Received shape {places.shape}."
        raise ValueError(msg)
    return places


def _box_around(places: np.ndarray) -> list[float]:
    """Left, right, lowest and highest of a box with some room around all places."""
    low, high = places.min(axis=0), places.max(axis=0)
    room = 0.12 * np.maximum(high - low, 1e-6)
    return [low[0] - room[0], high[0] + room[0], low[1] - room[1], high[1] + room[1]]
