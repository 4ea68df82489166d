"""What a training is fed with: features of images in the orders in which Keras would draw the images."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter  # noqa: E402

from tlkit.speed.cache import as_arrays  # noqa: E402
from tlkit.speed.features import Progress, store_for  # noqa: E402

__all__ = ["CHUNK_BYTES", "Source", "source_for"]

CHUNK_BYTES = 64 * 2**20  # of features that one call of a graph takes


class ArraySource:
    """Images in memory; each epoch takes their features in another order.

    Attributes:
        num_batches: Of an epoch.
    """

    def __init__(self, prefix: keras.Model | None, data: Any, batch_size: int, shuffle: bool) -> None:
        self.prefix = prefix
        self.images, self.labels = _labelled(data)
        self.batch_size, self.num_batches = batch_size, -(-len(self.images) // batch_size)
        self._orders = _keras_orders(len(self.images)) if shuffle else itertools.repeat(None)

    def prepare(self, progress: Progress) -> None:
        """The pass through the frozen part, for images that it has not seen."""
        if self.prefix is not None:
            self.images = store_for(self.prefix).features(self.prefix, self.images, progress=progress)

    def chunks(self, by_step: bool) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        """Features, labels and the batch size, for one call of a graph each: of a step, or of many."""
        order = next(self._orders)
        image_bytes = max(self.images[0].nbytes, 1)
        size = self.batch_size if by_step else max(CHUNK_BYTES // image_bytes // self.batch_size, 1) * self.batch_size
        for start in range(0, len(self.images), size):
            rows = slice(start, start + size) if order is None else order[start : start + size]
            yield np.asarray(self.images[rows]), self.labels[rows], self.batch_size


def _labelled(data: Any) -> tuple[np.ndarray, np.ndarray]:
    images, labels = as_arrays(data)
    if labels is None:
        msg = "`data` must have labels. Pass a pair `(images, labels)` or a `Split`."
        raise ValueError(msg)
    return images, labels


def _keras_orders(num_images: int) -> Iterator[np.ndarray]:
    """The order of each epoch, as `model.fit` draws it for arrays.

    Keras makes a new iterator for each epoch. Where a global seed is set, each of them draws the same order.
    """
    dataset = ArrayDataAdapter(np.arange(num_images), batch_size=num_images, shuffle=True).get_tf_dataset()
    first, second = (next(dataset.as_numpy_iterator()) for _ in range(2))
    if np.array_equal(first, second):
        return itertools.repeat(first)
    # One iterator for all epochs: to make one costs as much as to train a head for an epoch.
    return dataset.repeat().as_numpy_iterator()


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

    def chunks(self, by_step: bool) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
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


Source = ArraySource | StreamSource


def source_for(prefix: keras.Model | None, data: Any, batch_size: int, shuffle: bool) -> Source:
    """The source for images in memory or for a `tf.data.Dataset`."""
    if isinstance(data, tf.data.Dataset):
        return StreamSource(prefix, data)
    return ArraySource(prefix, data, batch_size, shuffle)
