"""The features of a data set under a frozen prefix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.feature_store import FeatureStore, Progress, run_prefix, store_for
from tlkit.speed.rows import as_rows, num_rows, row_ids

__all__ = ["Features", "as_arrays", "cache_features", "show_progress"]

BLOCK_BYTES = 16 * 2**20  # of images that are held at once while a tf.data.Dataset streams through the prefix


@dataclass(frozen=True, eq=False)
class Features:
    """The features of a data set, as a frozen prefix computes them.

    Attributes:
        features: `(n, ...)`, in memory or mapped from a file, in the order of the data.
        labels: `(n, ...)`, or `None`.
        num_passed: Images that went through the prefix; the others had been seen before.
    """

    features: np.ndarray
    labels: np.ndarray | None
    num_passed: int

    def __len__(self) -> int:
        return len(self.features)

    def __repr__(self) -> str:
        place = "mapped from a file" if isinstance(self.features, np.memmap) else "in memory"
        shape = " x ".join(map(str, self.features.shape[1:]))
        return (
            f"Features({len(self)} images as {shape} numbers, {self.features.nbytes / 1e6:.1f} MB {place}; "
            f"{self.num_passed} went through the frozen part)"
        )

    def as_dataset(self, batch_size: int = 32, shuffle: bool = False, seed: int = 0) -> tf.data.Dataset:
        """Batches for `suffix.fit`, in the same orders as `Split.as_dataset` with the same arguments.

        Args:
            batch_size: Images per batch; the last batch may be smaller.
            shuffle: Whether to draw a new order for each pass.
            seed: Fixes the orders.
        """
        rows = tf.data.Dataset.range(len(self))
        if shuffle:
            rows = rows.shuffle(len(self), seed=seed, reshuffle_each_iteration=True)
        return rows.batch(batch_size).map(self._take).prefetch(2)

    def _take(self, rows: tf.Tensor):
        arrays = [self.features] if self.labels is None else [self.features, self.labels]
        taken = tf.numpy_function(lambda r: [a[r] for a in arrays], [rows], [a.dtype for a in arrays], stateful=False)
        for tensor, array in zip(taken, arrays, strict=True):
            tensor.set_shape((None, *array.shape[1:]))
        return tuple(taken) if len(taken) > 1 else taken[0]


def as_arrays(data: Any) -> tuple[Any, np.ndarray | None]:
    """Inputs and labels of a `Split`, a pair, or inputs alone, as NumPy arrays."""
    if hasattr(data, "images"):
        return data.images, data.labels
    inputs, labels = data if isinstance(data, (tuple, list)) and len(data) == 2 else (data, None)
    rows, labels = as_rows(inputs), None if labels is None else np.asarray(labels)
    if rows is None or (labels is not None and (not labels.ndim or len(labels) != num_rows(rows))):
        msg = (
            "Data must be a `Split`, a tf.data.Dataset, an array of numbers `(n, ...)` as the model takes it, or such "
            f"an array with n labels. Received {_shapes(inputs)} with labels {getattr(labels, 'shape', None)}."
        )
        raise ValueError(msg)
    return rows, labels


def _shapes(inputs: Any) -> str:
    leaves = keras.tree.flatten(inputs)
    return ", ".join(f"{type(leaf).__name__} {getattr(leaf, 'shape', '')}".strip() for leaf in leaves[:4]) or "nothing"


def cache_features(prefix: keras.Model, data: Any, *, on_disk: bool = False, verbose: int = 0) -> Features:
    """Run a frozen prefix once over a data set, and never again over an image that it has seen.

    Each image is known by its content, so a subset, another order or another seed costs no further pass. Features are
    held in memory up to `tlkit.speed.MEMORY_LIMIT` bytes and go to files in `tlkit.data.cache_dir()` beyond it.

    Args:
        prefix: The prefix from `split_frozen`.
        data: A `Split`, inputs `(n, ...)` as the prefix takes them (images, tokens, tables), a pair of inputs and
            labels, or a batched `tf.data.Dataset` of either that gives the same rows in the same order at each pass.
        on_disk: Whether to write the features to files in any case, for later kernels.
        verbose: 1 shows a progress bar.

    Returns:
        `Features`, in the order of the data.

    Raises:
        ValueError: If a `tf.data.Dataset` never ends, or changes from one pass to the next: it is shuffled or
            augmented. What is random cannot be kept: every epoch would see the same draw.
        OSError: If the disk is full.

    Example:
    >>> image = keras.Input((4, 4, 3))
    >>> prefix = keras.Model(image, keras.layers.GlobalAveragePooling2D()(image))
    >>> cache_features(prefix, np.arange(5 * 4 * 4 * 3, dtype="float32").reshape(5, 4, 4, 3))
    Features(5 images as 3 numbers, 0.0 MB in memory; 5 went through the frozen part)
    """
    store, where = store_for(prefix), "disk" if on_disk else "auto"
    before = store.num_passed
    if isinstance(data, tf.data.Dataset):
        _check_ends(data)
        stream = _Stream.read(data)
        stream.fill(store, prefix, where=where, progress=show_progress(verbose))
        features, labels = store.lookup(stream.ids), stream.labels
    else:
        images, labels = as_arrays(data)
        features = store.features(prefix, images, where=where, progress=show_progress(verbose))
    return Features(features, labels, store.num_passed - before)


def _check_ends(dataset: tf.data.Dataset) -> None:
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        msg = (
            "`data` never ends: it was repeated without a number. Leave out `.repeat()`, or pass `data.take(batches)`."
        )
        raise ValueError(msg)


def show_progress(verbose: int) -> Progress:
    """A progress bar of Keras, for `verbose` as in `model.predict`."""
    bars: list[keras.utils.Progbar] = []

    def progress(done: int, total: int) -> None:
        if not bars:
            bars.append(keras.utils.Progbar(total, unit_name="image", verbose=verbose))
        bars[0].update(done)

    return progress


@dataclass(frozen=True)
class _Block:
    """Batches joined: images `(n, ...)` and labels `(n, ...)`, or `None`."""

    images: np.ndarray
    labels: np.ndarray | None


@dataclass(frozen=True)
class _Stream:
    """A `tf.data.Dataset` that was read once, to learn which images it holds.

    Attributes:
        dataset: It must give the same images in the same order at its second pass.
        ids: The id of each image, as `row_ids` gives it.
        labels: `(n, ...)`, or `None`.
    """

    dataset: tf.data.Dataset
    ids: list[bytes]
    labels: np.ndarray | None

    @classmethod
    def read(cls, dataset: tf.data.Dataset) -> _Stream:
        """Take the first pass."""
        ids, labels = [], []
        for block in _blocks(dataset):
            ids += row_ids(block.images)
            labels.append(block.labels)
        return cls(dataset, ids, None if labels[0] is None else np.concatenate(labels))

    def fill(self, store: FeatureStore, prefix: keras.Model, *, where: str, progress: Progress) -> None:
        """Take the second pass: what the store lacks goes through the prefix."""
        new = store.missing(self.ids)
        if new:
            store.fill(list(new), self._features(prefix, set(new.values()), progress), where)
        else:
            for _ in self._again():
                pass

    def _features(self, prefix: keras.Model, wanted: set[int], progress: Progress) -> Iterator[np.ndarray]:
        done = 0
        for start, images in self._again():
            rows = [row for row in range(len(images)) if start + row in wanted]
            for features in run_prefix(prefix, images if len(rows) == len(images) else images[rows]):
                yield features
                done += len(features)
                progress(done, len(wanted))

    def _again(self) -> Iterator[tuple[int, np.ndarray]]:
        """Position and images of each block; refuses what differs from the first pass."""
        start = 0
        for block in _blocks(self.dataset):
            if row_ids(block.images) != self.ids[start : start + len(block.images)]:
                msg = (
                    "`data` gives different images, or another order, in its second pass: it is shuffled or "
                    "augmented. Cache the features of the plain data, then shuffle these: `features.as_dataset(shuffle"
                    "=True)`. With random augmentation use `fit`, which runs the frozen part over each new image, or "
                    "`cache_views`, which keeps several views of each."
                )
                raise ValueError(msg)
            yield start, block.images
            start += len(block.images)


def _blocks(dataset: tf.data.Dataset) -> Iterator[_Block]:
    """Batches joined into blocks of about `BLOCK_BYTES`."""
    batches: list[_Block] = []
    for batch in dataset.as_numpy_iterator():
        images, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if weights is not None or not isinstance(images, np.ndarray):
            msg = "`data` must give arrays, or pairs of an array and labels. Map it to these first: `data.map(...)`."
            raise ValueError(msg)
        batches.append(_Block(images, labels))
        if sum(block.images.nbytes for block in batches) >= BLOCK_BYTES:
            yield _joined(batches)
            batches = []
    if batches:
        yield _joined(batches)


def _joined(batches: list[_Block]) -> _Block:
    labels = [batch.labels for batch in batches if batch.labels is not None]
    return _Block(np.concatenate([batch.images for batch in batches]), np.concatenate(labels) if labels else None)
