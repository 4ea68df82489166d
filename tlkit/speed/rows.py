"""Data as rows: an array, or a dict or list of arrays, of which the first axis counts examples."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.nodes import functional_of

__all__ = ["ID_BYTES", "as_rows", "num_rows", "row_bytes", "row_ids", "suits", "take_rows"]

ID_BYTES = 16


def as_rows(x: Any) -> Any:
    """Inputs as NumPy arrays of numbers in the same structure, or `None` where they are something else, or none at all.

    As Keras does it, numbers of 64 bits become those of `keras.config.floatx()`.
    """
    leaves = keras.tree.flatten(x)
    if not leaves or not all(isinstance(leaf, (np.ndarray, tf.Tensor)) for leaf in leaves):
        return None
    rows = keras.tree.map_structure(np.asarray, x)
    leaves = keras.tree.flatten(rows)
    if any(leaf.dtype.kind not in "biuf" or not leaf.ndim for leaf in leaves) or len({len(a) for a in leaves}) != 1:
        return None
    if not len(leaves[0]):
        return None
    return keras.tree.map_structure(_in_floatx, rows)


def _in_floatx(array: np.ndarray) -> np.ndarray:
    return array.astype(keras.config.floatx()) if array.dtype == np.float64 else array


def suits(rows: Any, model: keras.Model) -> bool:
    """Whether rows have exactly the shapes that a model asks for. Others are for Keras to adapt, or to refuse.

    Args:
        rows: Arrays, or what a data set says about them.
        model: A functional or sequential model.
    """
    asked = functional_of(model)._inputs_struct
    if isinstance(rows, dict):
        by_name = asked if isinstance(asked, dict) else {tensor.name: tensor for tensor in model.inputs}
        if not by_name.keys() <= rows.keys():
            return False
        rows, asked = [rows[name] for name in by_name], list(by_name.values())
    leaves, tensors = keras.tree.flatten(rows), keras.tree.flatten(asked)
    return len(leaves) == len(tensors) and all(map(_has_shape, leaves, tensors))


def _has_shape(array: np.ndarray | tf.TensorSpec, asked: keras.KerasTensor) -> bool:
    shape = tf.TensorShape(array.shape)  # pyrefly: ignore[direct-abstract-base-instantiation]
    return shape.rank == len(asked.shape) and shape[1:].is_compatible_with(asked.shape[1:])


def num_rows(x: Any) -> int:
    """The number of examples."""
    return len(keras.tree.flatten(x)[0])


def take_rows(x: Any, rows: np.ndarray | slice) -> Any:
    """Some of the examples, in the same structure."""
    return keras.tree.map_structure(lambda array: array[rows], x)


def row_bytes(x: Any) -> int:
    """Bytes of one example as float32."""
    return sum(4 * math.prod(array.shape[1:]) for array in keras.tree.flatten(x))


def row_ids(x: Any) -> list[bytes]:
    """A fingerprint of 16 bytes for each example, of its content, dtypes and shapes."""
    leaves = [np.ascontiguousarray(array) for array in keras.tree.flatten(x)]
    kind = hashlib.blake2b(repr([(a.dtype.str, a.shape[1:]) for a in leaves]).encode(), digest_size=16).digest()
    flat = [array.reshape(len(array), -1).view(np.uint8) for array in leaves]
    return [_row_id([table[row] for table in flat], kind) for row in range(len(flat[0]))]


def _row_id(parts: list[np.ndarray], kind: bytes) -> bytes:
    digest = hashlib.blake2b(parts[0].data, digest_size=ID_BYTES, key=kind)
    for part in parts[1:]:
        digest.update(part.data)
    return digest.digest()
