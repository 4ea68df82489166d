"""Try out a frozen part: what layers that Keras did not write do at a step cannot be told by looking at them."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import op_def_registry

__all__ = ["is_inert"]

ROWS = 4
# Operations that TensorFlow calls stateful and that change nothing by themselves: reading, and calls of other graphs.
READS = {"ReadVariableOp", "ResourceGather", "VarHandleOp", "StatefulPartitionedCall", "While"}
# What is computed may depend on the numbers: made-up rows do not show all of it.
BRANCHES = {"If", "StatelessIf", "Case", "StatelessCase"}


def is_inert(prefix: keras.Model) -> bool:
    """Whether a frozen part only computes: nothing random, nothing kept, each row from the same row of the input.

    It is run on made-up rows, with and without `training`, together and apart; and its graph is searched for operations
    that draw random numbers, keep state or call Python.
    """
    try:
        return _is_pure(prefix) and _is_steady(prefix)
    except Exception:  # whatever a layer of the user's own raises on made-up rows: then nothing is known about it
        return False


def _is_steady(prefix: keras.Model) -> bool:
    rows = keras.tree.map_structure(_made_up, prefix.input)
    before = [variable.numpy() for variable in prefix.variables]
    outputs = [np.asarray(prefix(rows, training=mode)) for mode in (False, True, True)]
    added = prefix.losses or prefix.metrics
    apart = [keras.tree.map_structure(lambda a, i=i: a[i : i + 1], rows) for i in range(ROWS)]
    outputs.append(np.concatenate([np.asarray(prefix(row, training=True)) for row in apart]))
    after = [variable.numpy() for variable in prefix.variables]
    for variable, value in zip(prefix.variables, before, strict=True):
        variable.assign(value)
    same = all(np.allclose(outputs[0], other, rtol=1e-4, atol=1e-5, equal_nan=True) for other in outputs[1:])
    return same and not added and all(map(np.array_equal, before, after))


def _made_up(tensor: keras.KerasTensor) -> np.ndarray:
    """Images, fractions of one, signed numbers, and numbers beyond all of these: one row of each."""
    shape = [ROWS, *(side or 32 for side in tensor.shape[1:])]
    draw = np.random.default_rng(0)
    if "int" in tensor.dtype or tensor.dtype == "bool":
        return draw.integers(0, 2, shape).astype(tensor.dtype)
    scales = np.reshape([255, 1, -1, 1e4], (ROWS, *[1] * (len(shape) - 1)))
    return (draw.uniform(0, 1, shape) * scales).astype("float32")


def _is_pure(prefix: keras.Model) -> bool:
    specs = keras.tree.map_structure(lambda t: tf.TensorSpec((None, *t.shape[1:]), t.dtype), prefix.input)
    function = tf.function(lambda rows: prefix(rows, training=True), autograph=False)
    graph = function.get_concrete_function(specs).graph
    return not any(name in BRANCHES or _is_stateful(name) for name in _operations(graph.as_graph_def()))


def _operations(graph) -> Iterator[str]:
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        yield from (node.op for node in nodes)


def _is_stateful(name: str) -> bool:
    definition = op_def_registry.get(name)
    return name not in READS and (definition is None or definition.is_stateful)
