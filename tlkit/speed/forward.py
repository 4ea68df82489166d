"""The frozen part as one graph, traced once for all models that are built alike, whatever their weights."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from tlkit.speed.graph import structure_of  # noqa: E402

__all__ = ["Forward", "forward_for", "read_weights"]

MAX_GRAPHS = 16

Forward = Callable[[tf.Tensor, list[tf.Tensor]], tf.Tensor]  # of images and of weights as `read_weights` gives them

_GRAPHS: OrderedDict[tuple, Forward] = OrderedDict()
_OWN: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


def read_weights(model: keras.Model) -> list[tf.Tensor]:
    """The values of `model.variables`, six times quicker than `get_weights`."""
    values = (variable.value for variable in model.variables)
    return [tf.raw_ops.ReadVariableOp(resource=value.handle, dtype=value.dtype) for value in values]


def forward_for(prefix: keras.Model, dtype: tf.DType) -> Forward:
    """The graph that maps images of a dtype to features; made or found."""
    key = (structure_of(prefix), dtype)
    with _LOCK:
        graph = _GRAPHS.get(key) or _OWN.get(prefix, {}).get(dtype)
        if graph is None:
            graph = _trace(prefix, dtype)
            # Where a layer holds state that Keras does not know, the graph is bound to it.
            if graph.captured_inputs:
                _OWN.setdefault(prefix, {})[dtype] = graph
            else:
                _GRAPHS[key] = graph
        if key in _GRAPHS:
            _GRAPHS.move_to_end(key)
        while len(_GRAPHS) > MAX_GRAPHS:
            _GRAPHS.popitem(last=False)
    return graph


def _trace(prefix: keras.Model, dtype: tf.DType):
    # The same operations in the same order as in plain Keras, so that TensorFlow's optimiser rounds alike.
    variables, tensor = prefix.variables, prefix.inputs[0]

    def run(images, weights):
        with keras.StatelessScope(state_mapping=list(zip(variables, weights, strict=True))):
            return prefix(tf.cast(images, tensor.dtype), training=False)

    specs = [tf.TensorSpec(v.shape, v.dtype) for v in variables]
    # XLA stays off: on a CPU it takes far longer to compile than the pass takes.
    function = tf.function(run, autograph=False)
    return function.get_concrete_function(tf.TensorSpec((None, *tensor.shape[1:]), dtype), specs)
