"""Batches of data in any form that `keras.Model.fit` takes, again and again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

__all__ = ["endless_batches"]


def endless_batches(data: Any, batch_size: int, *, seed: int | None = None) -> Iterator[tuple]:
    """Return batches `(inputs, labels)` or `(inputs, labels, sample_weights)` of tensors; the first follows the last.

    Args:
        data: A `Split` of the kit; a pair or triple of arrays, or of dicts, lists or tuples of arrays; a batched
            `tf.data.Dataset`, a `keras.utils.PyDataset`, a list of such tuples, or another collection of
            them. Reading a shuffled dataset advances its own order.
        batch_size: Rows per batch, if the data are not batches already.
        seed: Shuffles the rows of arrays once; `None` takes them in order.

    Raises:
        ValueError: If the data are empty, of another kind, or an iterator, which reading would use up.
    """
    if hasattr(data, "images") and hasattr(data, "labels"):
        data = (data.images, data.labels)
    is_list_of_batches = isinstance(data, list) and all(isinstance(batch, tuple) for batch in data)
    if isinstance(data, (tuple, list)) and len(data) in (2, 3) and not is_list_of_batches:
        return _of_arrays(tuple(map(_arrays, data)), batch_size, seed)
    if isinstance(data, keras.utils.PyDataset):
        return _of_batches(lambda: map(data.__getitem__, _numbers(data)))
    if not hasattr(data, "__iter__") or isinstance(data, (np.ndarray, dict, str)) or tf.is_tensor(data):
        raise ValueError(_unknown(data, "It has no labels"))
    if iter(data) is data:
        raise ValueError(_unknown(data, "Reading it would use it up"))
    return _of_batches(lambda: iter(data))


def _of_arrays(parts: tuple, batch_size: int, seed: int | None) -> Iterator[tuple]:
    lengths = {len(array) for array in keras.tree.flatten(parts) if array is not None}
    if len(lengths) != 1 or 0 in lengths:
        msg = f"`data` must have the same number of rows in all its parts, at least one. Received: {sorted(lengths)}."
        raise ValueError(msg)
    (total,) = lengths
    order = np.arange(total) if seed is None else np.random.default_rng(seed).permutation(total)
    size = min(batch_size, total)
    return (_rows(parts, order[np.arange(start, start + size) % total]) for start in itertools.count(0, size))


def _rows(parts: tuple, rows: np.ndarray) -> tuple:
    return tuple(_mapped(lambda array: tf.constant(array[rows]), part) for part in parts)


def _arrays(value: Any) -> Any:
    """NumPy arrays in the same structure; decimals in Keras' own precision, as `fit` feeds them."""
    if isinstance(value, dict):
        return {key: _arrays(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and value and all(hasattr(item, "shape") and item.shape for item in value):
        return type(value)(map(_arrays, value))
    if value is None:
        return None
    array = np.asarray(value)
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array


def _of_batches(read: Callable[[], Iterator]) -> Iterator[tuple]:
    first = next(read(), None)
    if first is None:
        raise ValueError(_unknown([], "It is empty"))
    return map(_tensors, itertools.chain.from_iterable(read() for _ in itertools.count()))


def _tensors(batch: Any) -> tuple:
    parts = batch if isinstance(batch, (tuple, list)) else (batch,)
    return tuple(_mapped(lambda array: array if tf.is_tensor(array) else tf.constant(_arrays(array)), p) for p in parts)


def _mapped(change: Callable, part: Any) -> Any:
    return keras.tree.map_structure(lambda leaf: None if leaf is None else change(leaf), part)


def _numbers(data: keras.utils.PyDataset) -> Iterator[int]:
    return iter(itertools.count() if data.num_batches is None else range(data.num_batches))


def _unknown(data: Any, why: str) -> str:
    return (
        f"`data` must be (images, labels) or a non-empty dataset of such batches. {why}. "
        f"Received: {type(data).__name__}. Example: (images[:32], labels[:32])."
    )
