"""Graphs that stay warm: one trace for each cut, set of learning layers and way of compiling."""

from __future__ import annotations

import json
import weakref
from collections import OrderedDict

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from tlkit.speed.split import FrozenSplit, split_frozen  # noqa: E402

__all__ = ["Plan", "plan_for"]

MAX_PLANS = 16  # a model; each holds its graphs and one optimizer's state

_PLANS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


class Plan:
    """A model cut at its freeze line, with an epoch of training and one of evaluation as one graph each.

    The rest of the model is trained by Keras' own `train_step`. It has an optimizer of its own, into which the state of
    the model's optimizer is copied and back: so the graph stays valid when the model is compiled again.

    Attributes:
        split: Prefix and suffix.
        rest: The suffix, compiled as the model is.
    """

    def __init__(self, model: keras.Model, config: dict) -> None:
        self.split: FrozenSplit = split_frozen(model, refuse=False)
        self.rest = self.split.suffix
        if self.split.prefix is None:
            # The model itself keeps its own compilation.
            self.rest = keras.Model(model.inputs[0], model.outputs[0], name=f"{model.name}_rest")
        _check_order(model, self.rest)
        self.rest.compile_from_config(config)
        self._functions: dict = {}

    def train(self, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        """Train on consecutive batches of `x`, in one call of a graph."""
        self._run(self.rest.train_step, x, y, batch_size)

    def test(self, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        """Evaluate on consecutive batches of `x`, in one call of a graph."""
        self._run(self.rest.test_step, x, y, batch_size)

    def _run(self, step, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        key = (step.__name__, x.dtype.str, x.shape[1:], y.dtype.str, y.shape[1:])
        if key not in self._functions:
            _build_metrics(self.rest, y)
            self._functions[key] = _loop(step, self.rest.inputs[0].dtype, x, y)
        self._functions[key](x, y, batch_size)

    def copy_state(self, source: keras.optimizers.Optimizer, target: keras.optimizers.Optimizer) -> None:
        """Copy the moments, the step and the learning rate."""
        for old, new in zip(source.variables, target.variables, strict=True):
            new.assign(old)


def _build_metrics(rest: keras.Model, y: np.ndarray) -> None:
    """Make the variables of the metrics now: a graph that makes variables is traced twice."""
    outputs = tf.zeros([side or 1 for side in rest.outputs[0].shape], rest.outputs[0].dtype)
    labels = tf.zeros((len(outputs), *y.shape[1:]), y.dtype)
    rest.compute_loss(None, labels, outputs)
    rest.compute_metrics(None, labels, outputs)
    rest.reset_metrics()


def _loop(step, dtype: str, x: np.ndarray, y: np.ndarray):
    specs = [tf.TensorSpec((None, *a.shape[1:]), a.dtype) for a in (x, y)]

    def run(x, y, batch_size):
        size = tf.shape(x)[0]

        def body(start):
            stop = tf.minimum(start + batch_size, size)
            step((tf.cast(x[start:stop], dtype), y[start:stop]))
            return [stop]

        tf.while_loop(lambda start: start < size, body, [tf.constant(0)], parallel_iterations=1)

    # XLA stays off: on a CPU it compiles for longer, and then runs longer. A concrete function, because TensorFlow
    # takes several functions made at one place for retracing, and warns.
    signature = [*specs, tf.TensorSpec((), tf.int32)]
    graph = tf.function(run, input_signature=signature, autograph=False).get_concrete_function()
    return lambda x, y, size: graph(tf.constant(x), tf.constant(y), tf.constant(size))


def _check_order(model: keras.Model, rest: keras.Model) -> None:
    """The optimizer's state is copied by position."""
    if [id(v) for v in model.trainable_variables] != [id(v) for v in rest.trainable_variables]:
        msg = f"The variables of {model.name!r} come in another order once it is cut. Use `model.fit`."
        raise ValueError(msg)


def plan_for(model: keras.Model) -> Plan:
    """The plan for a compiled model as it stands, made or found."""
    config = model.get_compile_config()
    plans = _PLANS.setdefault(model, OrderedDict())
    key = (tuple(layer.trainable for layer in model._flatten_layers()), _fingerprint(config))
    if key not in plans:
        plans[key] = Plan(model, config)
    plans.move_to_end(key)
    while len(plans) > MAX_PLANS:
        plans.popitem(last=False)
    return plans[key]


def _fingerprint(config: dict) -> str:
    """Of how a model was compiled, without the learning rate: that is a variable, copied like the moments."""
    flat = json.loads(json.dumps(config, default=repr))
    optimizer = flat["optimizer"]["config"]
    optimizer["name"] = None  # Keras counts them up
    if isinstance(optimizer.get("learning_rate"), float):
        optimizer["learning_rate"] = None
    return json.dumps(flat, sort_keys=True)
