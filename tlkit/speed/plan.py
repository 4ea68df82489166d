"""Graphs that stay warm: one trace for each shape of the learning part, set of learning layers and way of compiling."""

from __future__ import annotations

import json
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from tlkit.speed.graph import structure_of  # noqa: E402
from tlkit.speed.split import FrozenSplit, split_frozen  # noqa: E402

__all__ = ["Plan", "borrowed_plan", "known_plan", "split_for"]

MAX_PLANS = 16  # each holds its graphs, a copy of the learning part and an optimizer's state

_PLANS: OrderedDict[tuple, Plan] = OrderedDict()
_LOCK = threading.Lock()
_SPLITS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


class Plan:
    """A copy of the learning part of a model, with an epoch of training and one of evaluation as one graph each.

    The copy is trained by Keras' own `train_step`. State is copied in before an epoch and back after it, so the graphs
    serve every model whose learning part is alike: compiled again, with a new head, or at the next seed.

    Attributes:
        rest: The copy, compiled as the model is.
        epoch_seconds: What the last epoch took, by the clock; `None` before the first.
        busy: Whether a training uses it now.
    """

    def __init__(self, suffix: keras.Model, config: dict) -> None:
        self.rest = keras.models.clone_model(suffix)
        self.rest.compile_from_config(config)
        self.epoch_seconds: float | None = None
        self.busy = False
        self._functions: dict = {}

    def load(self, suffix: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Take the weights, the states of random generators and the optimizer's state."""
        _copy(suffix.variables, self.rest.variables)
        _copy(optimizer.variables, self.rest.optimizer.variables)

    def save(self, suffix: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Give back what `load` took."""
        _copy(self.rest.variables, suffix.variables)
        _copy(self.rest.optimizer.variables, optimizer.variables)

    def train(self, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        """Train on consecutive batches of `x`, in one call of a graph."""
        self._run(self.rest.train_step, x, y, batch_size)

    def test(self, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        """Evaluate on consecutive batches of `x`, in one call of a graph."""
        self._run(self.rest.test_step, x, y, batch_size)

    def _run(self, step, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        key = (step.__name__, x.dtype.str, x.shape[1:], y.dtype.str, y.shape[1:])
        if key not in self._functions:
            if not self._functions:
                _build_metrics(self.rest, y)
            self._functions[key] = _loop(step, self.rest.inputs[0].dtype, x, y)
        self._functions[key](x, y, batch_size)


def _copy(source: Sequence[keras.Variable], target: Sequence[keras.Variable]) -> None:
    for old, new in zip(source, target, strict=True):
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


def split_for(model: keras.Model) -> FrozenSplit:
    """The model as it is frozen now, cut as short as noise in the frozen part asks for; made or found."""
    splits = _SPLITS.setdefault(model, {})
    flags = _flags(model)
    if flags in splits:
        return splits[flags]
    split = split_frozen(model, refuse=False)
    if [id(v) for v in model.trainable_variables] != [id(v) for v in split.suffix.trainable_variables]:
        # The optimizer's state is copied by position.
        msg = f"The variables of {model.name!r} come in another order once it is cut. Use `model.fit`."
        raise ValueError(msg)
    if split.prefix is not None:  # else the suffix is the model, which the dictionary must not keep alive
        splits[flags] = split
    return split


@contextmanager
def borrowed_plan(suffix: keras.Model, config: dict) -> Iterator[Plan]:
    """The plan for a learning part that is like `suffix`, for a model compiled with `config`; made or found.

    Another thread, or a training inside a callback, is given a plan of its own meanwhile.
    """
    key = _key(suffix, config)
    with _LOCK:
        plan = _PLANS.get(key)
        if plan is None or plan.busy:
            plan = Plan(suffix, config)
        plan.busy = True
        _PLANS[key] = plan
        _PLANS.move_to_end(key)
        while len(_PLANS) > MAX_PLANS:
            _PLANS.popitem(last=False)
    try:
        yield plan
    finally:
        plan.busy = False


def known_plan(suffix: keras.Model, config: dict) -> Plan | None:
    """What `borrowed_plan` would find, to look at."""
    return _PLANS.get(_key(suffix, config))


def _key(suffix: keras.Model, config: dict) -> tuple:
    return structure_of(suffix), _flags(suffix), _fingerprint(config)


def _flags(model: keras.Model) -> tuple[bool, ...]:
    return tuple(layer.trainable for layer in model._flatten_layers())


def _fingerprint(config: dict) -> str:
    """Of how a model was compiled, without the learning rate: that is a variable, copied like the moments."""
    flat = json.loads(json.dumps(config, default=repr))
    optimizer = flat["optimizer"]["config"]
    optimizer["name"] = None  # Keras counts them up
    if isinstance(optimizer.get("learning_rate"), float):
        optimizer["learning_rate"] = None
    return json.dumps(flat, sort_keys=True)
