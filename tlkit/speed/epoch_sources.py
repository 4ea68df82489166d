"""What training is fed with: features of images in the orders in which Keras would draw the images."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context

from tlkit.speed.feature_store import Progress, prefix_key, store_for
from tlkit.speed.kept import Feed
from tlkit.speed.rows import as_rows
from tlkit.speed.views import Views

__all__ = ["CHUNK_BYTES", "ArraySource", "Source", "ViewFeed", "ViewSource", "check_views", "seeded_orders"]

CHUNK_BYTES = 64 * 2**20  # of features that one call of a graph takes

Chunk = tuple[np.ndarray, np.ndarray, int]  # features, labels, batch size


class ArraySource:
    """Arrays in memory; each epoch takes their features in another order.

    Attributes:
        num_batches: Number of batches in an epoch.
    """

    def __init__(
        self, prefix: keras.Model | None, x: np.ndarray, y: np.ndarray, batch_size: int, shuffle: bool
    ) -> None:
        self.prefix = prefix
        self.rows, self.labels = as_rows(x), as_rows(y)
        self.batch_size, self.num_batches = batch_size, -(-len(y) // batch_size)
        self._orders = _orders(len(y)) if shuffle else itertools.repeat(None)

    def prepare(self, progress: Progress) -> None:
        """The pass through the frozen part, for images that it has not seen."""
        if self.prefix is not None:
            self.rows = store_for(self.prefix).features(self.prefix, self.rows, progress=progress)

    def chunks(self, by_step: bool) -> Iterator[Chunk]:
        """Features, labels and the batch size for each call of a graph, which makes one step or many."""
        order = next(self._orders)
        size = _chunk_size(self.rows, self.batch_size, by_step)
        for start in range(0, len(self.labels), size):
            rows = slice(start, start + size) if order is None else order[start : start + size]
            yield np.asarray(self.rows[rows]), self.labels[rows], self.batch_size


class ViewSource:
    """Features of several views of each image; each epoch draws one of them for each image.

    Attributes:
        num_batches: Number of batches in an epoch.
    """

    def __init__(self, views: Views, batch_size: int, shuffle: bool) -> None:
        self.features, self.labels = views.features, views.labels
        self.batch_size, self.num_batches = batch_size, -(-len(views) // batch_size)
        self._orders = _orders(len(views)) if shuffle else itertools.repeat(np.arange(len(views)))
        self._draw = np.random.default_rng(context.global_seed())

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """The order of an epoch, and the view of each image in it."""
        order = next(self._orders)
        return order, self._draw.integers(len(self.features), size=len(order))

    def prepare(self, progress: Progress) -> None:
        """The pass is over."""

    def chunks(self, by_step: bool) -> Iterator[Chunk]:
        """As in `ArraySource`."""
        order, view = self.draw()
        size = _chunk_size(self.features[0], self.batch_size, by_step)
        for start in range(0, len(order), size):
            rows = slice(start, start + size)
            yield self.features[view[rows], order[rows]], self.labels[order[rows]], self.batch_size


def _chunk_size(rows: np.ndarray, batch_size: int, by_step: bool) -> int:
    return batch_size if by_step else max(CHUNK_BYTES // max(rows[0].nbytes, 1) // batch_size, 1) * batch_size


def _orders(num_rows: int) -> Iterator[np.ndarray]:
    """The order of each epoch: the one that `model.fit` draws for arrays.

    If a global seed is set, it is the same in every epoch, since Keras makes a new iterator for each; if none is set,
    it is any order.
    """
    seed = context.global_seed()
    if seed is None:
        return map(np.random.default_rng().permutation, itertools.repeat(num_rows))
    return itertools.repeat(seeded_order(num_rows, seed))


@lru_cache(maxsize=64)
def seeded_order(num_rows: int, seed: int) -> np.ndarray:
    """The order `(num_rows,)` in which `model.fit` draws rows after `keras.utils.set_random_seed(seed)`."""
    return seeded_orders(num_rows, [seed])[0]


def seeded_orders(num_rows: int, seeds: Sequence[int]) -> np.ndarray:
    """The orders `(num_seeds, num_rows)` of several seeds."""

    def draw():
        # The operation of Keras' `ArrayDataAdapter`, which has no seed of its own: TensorFlow gives it a second one.
        rows = tf.range(num_rows, dtype=tf.int64)
        pairs = [(seed, 0 if seed else 2**31 - 1) for seed in seeds]
        return tf.stack([tf.raw_ops.RandomShuffle(value=rows, seed=first, seed2=second) for first, second in pairs])

    # In a graph of its own: called directly, TensorFlow goes on with the numbers of the last call with this seed.
    return tf.function(draw, autograph=False)().numpy()


Source = ArraySource | ViewSource


class ViewFeed(Feed):
    """Views for the second gear: what stands in for the inputs is which view of which image."""

    def __init__(self, number: int, views: Views, batch_size: int, shuffle: bool) -> None:
        self.name, self.rows = f"tlkit_kept_{number}", None
        self._features = views.features
        self.data = _ViewBatches(ViewSource(views, batch_size, shuffle), self.name)

    def prepare(self, prefix: keras.Model, progress: Progress) -> None:
        """The pass is over."""

    def features(self, prefix: keras.Model, key: np.ndarray) -> np.ndarray:
        """What the frozen part made of a batch of views."""
        return self._features[key[:, 0], key[:, 1]]

    def inputs(self, key: np.ndarray) -> np.ndarray:
        """The augmented images are gone: only their features were kept."""
        msg = (
            "A callback changed the frozen part, and only the features of the views were kept. Train on images instead."
        )
        raise ValueError(msg)


class _ViewBatches(keras.utils.PyDataset):
    def __init__(self, source: ViewSource, name: str) -> None:
        super().__init__()
        self.source, self.name = source, name
        self._epoch = source.draw()

    @property
    def num_batches(self) -> int:
        return self.source.num_batches

    def __getitem__(self, index: int) -> Any:
        order, view = self._epoch
        rows = slice(index * self.source.batch_size, (index + 1) * self.source.batch_size)
        return {self.name: np.stack([view[rows], order[rows]], axis=1)}, self.source.labels[order[rows]]

    def on_epoch_end(self) -> None:
        self._epoch = self.source.draw()


def check_views(prefix: keras.Model | None, views: Views) -> None:
    """Raise a `ValueError` unless the views are what this prefix, with these weights, made of the images."""
    if prefix is not None and prefix_key(prefix) == views.key:
        return
    msg = (
        "`data` are views made by another frozen part: the freeze line was moved, or a frozen weight changed. "
        "Make them again: `cache_views(split_frozen(model).prefix, ...)`."
    )
    raise ValueError(msg)
