"""The features of a data set under a frozen prefix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from tlkit.speed.features import Progress, image_ids, run_prefix, store_for  # noqa: E402

__all__ = ["Features", "as_arrays", "cache_features", "show_progress"]

BLOCK_BYTES = 16 * 2**20  # of images that are held at once while a tf.data.Dataset streams through the prefix


@dataclass(frozen=True, eq=False)
class Features:
    """What a frozen prefix makes of a data set.

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
            batch_size: Images a batch; the last batch may be smaller.
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


def as_arrays(data: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Images and labels of a `Split`, a pair or an array of images."""
    if hasattr(data, "images"):
        return data.images, data.labels
    images, labels = data if isinstance(data, (tuple, list)) and len(data) == 2 else (data, None)
    images, labels = np.asarray(images), None if labels is None else np.asarray(labels)
    if images.ndim != 4 or not len(images) or (labels is not None and len(labels) != len(images)):
        msg = (
            "Data must be a `Split`, a tf.data.Dataset, images `(n, height, width, channels)`, or such images with n "
            f"labels. Received {images.shape} and {None if labels is None else labels.shape}."
        )
        raise ValueError(msg)
    return images, labels


def cache_features(prefix: keras.Model, data: Any, *, on_disk: bool = False, verbose: int = 0) -> Features:
    """Run a frozen prefix once over a data set, and never again over an image that it has seen.

    Each image is known by its content, so a subset, another order or another seed costs no further pass. Features are
    held in memory up to `tlkit.speed.MEMORY_LIMIT` bytes and go to files in `tlkit.data.cache_dir()` beyond it.

    Args:
        prefix: Of `split_frozen`.
        data: A `Split`, images `(n, height, width, channels)`, a pair of images and labels, or a batched
            `tf.data.Dataset` of either that gives the same images in the same order at each pass.
        on_disk: Whether to write the features to files in any case, for kernels to come.
        verbose: 1 shows a progress bar.

    Returns:
        `Features`, in the order of the data.

    Raises:
        ValueError: If a `tf.data.Dataset` changes from one pass to the next: it is shuffled or augmented. What is
            random cannot be kept: every epoch would see the same draw.
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
        features, labels = _stream(prefix, data, where, verbose)
    else:
        images, labels = as_arrays(data)
        features = store.features(prefix, images, where=where, progress=show_progress(verbose))
    return Features(features, labels, store.num_passed - before)


def _stream(prefix: keras.Model, dataset: tf.data.Dataset, where: str, verbose: int):
    """A first pass reads what the images are, a second one runs the prefix over those that are new."""
    store, ids, labels = store_for(prefix), [], []
    for images, block_labels in _blocks(dataset):
        ids += image_ids(images)
        labels.append(block_labels)
    new = store.missing(ids)
    if new:
        store.fill(list(new), _second_pass(prefix, dataset, ids, (set(new.values()), show_progress(verbose))), where)
    else:
        _check_same(dataset, ids)
    return store.lookup(ids), None if labels[0] is None else np.concatenate(labels)


def show_progress(verbose: int) -> Progress:
    """A progress bar of Keras, for `verbose` as in `model.predict`."""
    bars: list[keras.utils.Progbar] = []

    def progress(done: int, total: int) -> None:
        if not bars:
            bars.append(keras.utils.Progbar(total, unit_name="image", verbose=verbose))
        bars[0].update(done)

    return progress


def _second_pass(prefix, dataset, ids: list[bytes], options: tuple) -> Iterator[np.ndarray]:
    (wanted, progress), done = options, 0
    for start, images in _same_blocks(dataset, ids):
        rows = [row for row in range(len(images)) if start + row in wanted]
        for features in run_prefix(prefix, images if len(rows) == len(images) else images[rows]):
            yield features
            done += len(features)
            progress(done, len(wanted))


def _check_same(dataset: tf.data.Dataset, ids: list[bytes]) -> None:
    for _ in _same_blocks(dataset, ids):
        pass


def _same_blocks(dataset: tf.data.Dataset, ids: list[bytes]) -> Iterator[tuple[int, np.ndarray]]:
    """Position and images of each block; refuses what differs from the first pass."""
    start = 0
    for images, _ in _blocks(dataset):
        if image_ids(images) != ids[start : start + len(images)]:
            msg = (
                "`data` gives other images, or the same in another order, at its second pass: it is shuffled or "
                "augmented. Cache the features of the plain data, then shuffle these: `features.as_dataset(shuffle="
                "True)`. With random augmentation use `fit`, which runs the frozen part over each new image, or "
                "`cache_views`, which keeps several views of each."
            )
            raise ValueError(msg)
        yield start, images
        start += len(images)


def _blocks(dataset: tf.data.Dataset) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Batches joined into blocks of about `BLOCK_BYTES`."""
    block: list[tuple] = []
    for batch in dataset.as_numpy_iterator():
        images, labels = batch if isinstance(batch, tuple) else (batch, None)
        block.append((images, labels))
        if sum(images.nbytes for images, _ in block) >= BLOCK_BYTES:
            yield _joined(block)
            block = []
    if block:
        yield _joined(block)


def _joined(block: list[tuple]) -> tuple[np.ndarray, np.ndarray | None]:
    images = np.concatenate([images for images, _ in block])
    return images, None if block[0][1] is None else np.concatenate([labels for _, labels in block])
