"""What a training is fed with: features of images in the orders in which Keras would draw the images."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.python.eager import context  # noqa: E402

from tlkit.speed.cache import as_arrays  # noqa: E402
from tlkit.speed.features import Progress, prefix_key, store_for  # noqa: E402
from tlkit.speed.views import Views  # noqa: E402

__all__ = ["CHUNK_BYTES", "Source", "source_for"]

CHUNK_BYTES = 64 * 2**20  # of features that one call of a graph takes

Chunk = tuple[np.ndarray, np.ndarray, int]  # features, labels, batch size


class ArraySource:
    """Images in memory; each epoch takes their features in another order.

    Attributes:
        num_batches: Of an epoch.
    """

    def __init__(self, prefix: keras.Model | None, data: Any, batch_size: int, shuffle: bool) -> None:
        self.prefix = prefix
        self.images, self.labels = _labelled(data)
        self.batch_size, self.num_batches = batch_size, -(-len(self.images) // batch_size)
        self._orders = _orders(len(self.images)) if shuffle else itertools.repeat(None)

    def prepare(self, progress: Progress) -> None:
        """The pass through the frozen part, for images that it has not seen."""
        if self.prefix is not None:
            self.images = store_for(self.prefix).features(self.prefix, self.images, progress=progress)

    def chunks(self, by_step: bool) -> Iterator[Chunk]:
        """Features, labels and the batch size, for one call of a graph each: of a step, or of many."""
        order = next(self._orders)
        size = _chunk_size(self.images, self.batch_size, by_step)
        for start in range(0, len(self.labels), size):
            rows = slice(start, start + size) if order is None else order[start : start + size]
            yield np.asarray(self.images[rows]), self.labels[rows], self.batch_size


class ViewSource:
    """Features of several views of each image; each epoch draws one of them for each image.

    Attributes:
        num_batches: Of an epoch.
    """

    def __init__(self, views: Views, batch_size: int, shuffle: bool) -> None:
        self.features, self.labels = views.features, views.labels
        self.batch_size, self.num_batches = batch_size, -(-len(views) // batch_size)
        self._orders = _orders(len(views)) if shuffle else itertools.repeat(np.arange(len(views)))
        self._draw = np.random.default_rng(context.global_seed())

    def prepare(self, progress: Progress) -> None:
        """The pass is over."""

    def chunks(self, by_step: bool) -> Iterator[Chunk]:
        """As of `ArraySource`."""
        order = next(self._orders)
        view = self._draw.integers(len(self.features), size=len(order))
        size = _chunk_size(self.features[0], self.batch_size, by_step)
        for start in range(0, len(order), size):
            rows = slice(start, start + size)
            yield self.features[view[rows], order[rows]], self.labels[order[rows]], self.batch_size


def _chunk_size(images: np.ndarray, batch_size: int, by_step: bool) -> int:
    return batch_size if by_step else max(CHUNK_BYTES // max(images[0].nbytes, 1) // batch_size, 1) * batch_size


def _labelled(data: Any) -> tuple[np.ndarray, np.ndarray]:
    images, labels = as_arrays(data)
    if labels is None:
        msg = "`data` must have labels. Pass a pair `(images, labels)` or a `Split`."
        raise ValueError(msg)
    return images, labels


def _orders(num_images: int) -> Iterator[np.ndarray]:
    """The order of each epoch: the one that `model.fit` draws for arrays where a global seed is set, which is the same
    in every epoch, since Keras makes a new iterator for each; any order where none is."""
    seed = context.global_seed()
    if seed is None:
        return map(np.random.default_rng().permutation, itertools.repeat(num_images))
    return itertools.repeat(_seeded_order(num_images, seed))


@lru_cache(maxsize=64)
def _seeded_order(num_images: int, seed: int) -> np.ndarray:
    del seed  # TensorFlow's own, which is set

    def permutation(_):
        # As in Keras' `ArrayDataAdapter`: TensorFlow's seed of an operation is its place in its graph.
        return tf.random.shuffle(tf.range(num_images, dtype=tf.int64))

    return next(tf.data.Dataset.range(1).map(permutation).as_numpy_iterator())


class StreamSource:
    """A `tf.data.Dataset`, whose images are looked up by their content at every pass.

    Attributes:
        num_batches: Of an epoch; `None` where it is not known.
    """

    def __init__(self, prefix: keras.Model | None, dataset: tf.data.Dataset) -> None:
        self.prefix, self.dataset = prefix, dataset
        count = int(dataset.cardinality())
        self.num_batches = count if count >= 0 else None
        self._progress: Progress | None = None

    def prepare(self, progress: Progress) -> None:
        """Images come as the epochs go; those that were not seen go through the frozen part then."""
        self._progress = progress

    def chunks(self, by_step: bool) -> Iterator[Chunk]:
        """As of `ArraySource`."""
        store = None if self.prefix is None else store_for(self.prefix)
        chunk: list[tuple[np.ndarray, np.ndarray]] = []
        for batch in self.dataset.as_numpy_iterator():
            images, labels = _pair(batch)
            if store:
                images = store.features(self.prefix, images, where="memory", progress=self._progress)
            chunk.append((images, labels))
            full = sum(x.nbytes for x, _ in chunk) >= CHUNK_BYTES
            # Only the last batch of a chunk may be smaller.
            if by_step or full or len(labels) < len(chunk[0][1]):
                yield _joined(chunk)
                chunk = []
        if chunk:
            yield _joined(chunk)
        if self.num_batches:
            # Keras makes an iterator more after each epoch, which it does not use: a shuffled data set draws for it.
            iter(self.dataset)


def _pair(batch: Any) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(batch, tuple) or len(batch) != 2:
        msg = "`data` must give pairs of images and labels. With sample weights use `model.fit`."
        raise ValueError(msg)
    return batch


def _joined(chunk: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray, int]:
    return np.concatenate([x for x, _ in chunk]), np.concatenate([y for _, y in chunk]), len(chunk[0][0])


Source = ArraySource | StreamSource | ViewSource


def _check_views(prefix: keras.Model | None, views: Views) -> None:
    if prefix is not None and prefix_key(prefix) == views.key:
        return
    msg = (
        "`data` are views that another frozen part has seen: the freeze line was moved, or a frozen weight changed. "
        "Make them again: `cache_views(split_frozen(model).prefix, ...)`."
    )
    raise ValueError(msg)


def source_for(prefix: keras.Model | None, data: Any, batch_size: int, shuffle: bool) -> Source:
    """The source for images in memory, for a `tf.data.Dataset` or for `Views`."""
    if isinstance(data, Views):
        _check_views(prefix, data)
        return ViewSource(data, batch_size, shuffle)
    if isinstance(data, tf.data.Dataset):
        return StreamSource(prefix, data)
    return ArraySource(prefix, data, batch_size, shuffle)
