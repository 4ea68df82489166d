"""The frozen part as one graph, traced once for all models that are built alike, whatever their weights."""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tlkit.speed.stock import Undescribable, structure_of

__all__ = ["Forward", "forward_for", "has_changed", "pin", "read_weights", "warn_of_late_change"]

MAX_GRAPHS = 16
_PINNED = "_tlkit_pinned"  # on a prefix: its text, and its graphs by what they take

Forward = Callable[[Any, list[tf.Tensor]], tf.Tensor]  # of rows, and of weights as `read_weights` gives them

_GRAPHS: OrderedDict[tuple, Forward] = OrderedDict()
_LOCK = threading.Lock()


def read_weights(model: keras.Model) -> list[tf.Tensor]:
    """The values of `model.variables`, six times quicker than `get_weights`."""
    values = (variable.value for variable in model.variables)
    return [tf.raw_ops.ReadVariableOp(resource=value.handle, dtype=value.dtype) for value in values]


def forward_for(prefix: keras.Model, rows: Any) -> Forward:
    """The graph that maps rows like `rows`, in shape and dtype, to features; made or found.

    A prefix that holds something whose computation no text describes has a graph of its own.
    """
    specs = keras.tree.map_structure(lambda a: tf.TensorSpec((None, *a.shape[1:]), a.dtype), rows)
    text, pinned = vars(prefix).get(_PINNED, (None, {}))
    if repr(specs) not in pinned:
        if has_changed(prefix):
            return _GRAPHS.get((text, repr(specs))) or _traced_late(prefix, specs)
        pinned[repr(specs)] = _shared(prefix, specs)
    return pinned[repr(specs)]


def pin(prefix: keras.Model) -> None:
    """Let a prefix keep its graphs as they are first traced.

    Like Keras' own, they take no notice of what is set on a layer, or on something that its own code reads, until the
    model is compiled and cut again.
    """
    prefix.__dict__[_PINNED] = _text(prefix), {}


def has_changed(prefix: keras.Model) -> bool:
    """Whether something was set on a layer since the prefix was pinned."""
    return _PINNED in vars(prefix) and vars(prefix)[_PINNED][0] != _text(prefix)


def warn_of_late_change(name: str) -> None:
    """Warn that something was set since the last training that the graphs of plain Keras would not notice."""
    warnings.warn(
        f"Something was set on {name!r}, or on its optimizer, after it was last trained, and it has not been compiled "
        "since: Keras would ignore it, but here it counts. Call `model.compile(...)`, and both do the same.",
        stacklevel=2,
    )


def _traced_late(prefix: keras.Model, specs: Any) -> Forward:
    warn_of_late_change(prefix.name)
    return _trace(prefix, specs)


def _text(prefix: keras.Model) -> str | None:
    try:
        return structure_of(prefix)
    except Undescribable:
        return None


def _shared(prefix: keras.Model, specs: Any) -> Forward:
    text = _text(prefix)
    if text is None:
        return _trace(prefix, specs)
    key = text, repr(specs)
    with _LOCK:
        if key not in _GRAPHS:
            _GRAPHS[key] = _trace(prefix, specs)
        _GRAPHS.move_to_end(key)
        while len(_GRAPHS) > MAX_GRAPHS:
            _GRAPHS.popitem(last=False)
        return _GRAPHS[key]


def _trace(prefix: keras.Model, specs: Any) -> Forward:
    # The same operations in the same order as in plain Keras, so that TensorFlow's optimiser rounds alike.
    variables = prefix.variables

    def run(rows, weights):
        with keras.StatelessScope(state_mapping=list(zip(variables, weights, strict=True))):
            return prefix(rows, training=False)

    # XLA stays off: on a CPU it takes far longer to compile than the pass takes.
    function = tf.function(run, autograph=False)
    weights = [tf.TensorSpec(variable.shape, variable.dtype) for variable in variables]
    graph = function.get_concrete_function(specs, weights)
    return lambda rows, values: graph(keras.tree.map_structure(tf.constant, rows), values)
