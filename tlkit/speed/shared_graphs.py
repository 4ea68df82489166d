"""Graphs that stay warm: one trace for each shape of the learning part, set of learning layers and way of compiling."""

from __future__ import annotations

import json
import random
import threading
import weakref
from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.forward import pin
from tlkit.speed.frozen_split import FrozenSplit, split_frozen
from tlkit.speed.kept import flags_of, learning_part
from tlkit.speed.stock import Undescribable, structure_of

__all__ = ["Plan", "borrowed_plan", "build_metrics", "known_plan", "plan_key", "split_for"]

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
        drawn = random.getstate()
        self.rest = keras.models.clone_model(suffix)
        for layer, twin in zip(suffix._flatten_layers(), self.rest._flatten_layers(), strict=True):
            twin.trainable = layer.trainable  # outer layers come first: setting one sets all inside it
        self.rest.compile_from_config(config)
        # New layers draw seeds for their first weights: what the user makes next would come out differently.
        random.setstate(drawn)
        self.epoch_seconds: float | None = None
        self.busy = False
        self._functions: dict = {}

    def load(self, suffix: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Take the weights, the states of random generators and the optimizer's state."""
        _copy(suffix.variables, self.rest.variables)
        _copy(optimizer.variables, self.rest.optimizer.variables)

    def save(self, suffix: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Give back what `load` took, and what the metrics say."""
        _copy(self.rest.variables, suffix.variables)
        _copy(self.rest.optimizer.variables, optimizer.variables)
        self.save_metrics(suffix)

    def save_metrics(self, suffix: keras.Model) -> None:
        """Let the metrics of the user's model say what those of the copy say."""
        _copy(self.rest.metrics_variables, suffix.metrics_variables)

    def difference(self, model: keras.Model, suffix: keras.Model, x: np.ndarray, y: np.ndarray) -> str | None:
        """What comes out differently for one batch: outputs, loss or gradients of the copy and of the user's layers."""
        if [v.shape for v in suffix.variables] != [v.shape for v in self.rest.variables]:
            return "the layers have variables that differ from what their configs give"
        self.load(suffix, model.optimizer)
        own = _outcome(learning_part(model, suffix), x, y)
        copied = _outcome(self.rest, x, y)
        for name, mine, other in zip(("outputs", "the loss", "gradients"), own, copied, strict=True):
            if not all(
                np.allclose(a, b, rtol=1e-3, atol=1e-5, equal_nan=True) for a, b in zip(mine, other, strict=True)
            ):
                return f"{name} of one batch came out differently in the copy"
        return None

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
                build_metrics(self.rest, y)
            self._functions[key] = _loop(step, self.rest.inputs[0].dtype, x, y)
        self._functions[key](x, y, batch_size)


def _outcome(part: keras.Model, x: np.ndarray, y: np.ndarray) -> tuple[list, list, list]:
    """Outputs, loss and gradients of a batch; what else a step moves (statistics, random states) is put back."""
    before = [variable.numpy() for variable in part.variables]
    try:
        with tf.GradientTape() as tape:
            outputs: Any = part(tf.cast(x, part.inputs[0].dtype), training=True)
            loss: Any = part.compute_loss(None, tf.constant(y), outputs)
        gradients = tape.gradient(loss, part.trainable_variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    finally:
        _copy(before, part.variables)
        part.reset_metrics()
    dense = [tf.convert_to_tensor(gradient).numpy() for gradient in gradients]
    return [outputs.numpy()], [loss.numpy()], dense


def _copy(source: Sequence[keras.Variable | np.ndarray], target: Sequence[keras.Variable]) -> None:
    for old, new in zip(source, target, strict=True):
        new.assign(old)


def build_metrics(rest: keras.Model, y: np.ndarray) -> None:
    """Make the variables of the metrics now: a graph that makes variables is traced twice.

    Args:
        rest: A learning part, compiled.
        y: Labels `(n, ...)` of the kind that it is trained on.
    """
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
    try:
        # Layers by identity, too: one that was popped may have been followed by one that looks the same.
        key = structure_of(model), flags_of(model), tuple(map(id, model._flatten_layers()))
    except Undescribable:
        return _pinned_split(model)
    splits = _SPLITS.setdefault(model, {})
    if key in splits:
        return splits[key]
    split = _pinned_split(model)
    if split.prefix is not None:  # otherwise the suffix is the model, which the dictionary must not keep alive
        splits[key] = split
    return split


def _pinned_split(model: keras.Model) -> FrozenSplit:
    split = split_frozen(model, refuse=False)
    if split.prefix is not None:
        pin(split.prefix)
    return split


@contextmanager
def borrowed_plan(suffix: keras.Model, config: dict, last: Plan | None = None) -> Generator[Plan]:
    """The plan for a learning part that is like `suffix`, for a model compiled with `config`; made or found.

    Meanwhile, another thread, or a training inside a callback, is given a plan of its own.

    Args:
        suffix: The learning part.
        config: The result of `get_compile_config`.
        last: The plan that has trained the model since it was compiled, which goes on as it was made.
    """
    with _LOCK:
        plan = last if last is not None and not last.busy else _free_plan(suffix, config)
        plan.busy = True
    try:
        yield plan
    finally:
        plan.busy = False


def _free_plan(suffix: keras.Model, config: dict) -> Plan:
    key = plan_key(suffix, config)
    plan = _PLANS.get(key)
    if plan is None or plan.busy:
        plan = Plan(suffix, config)
    _PLANS[key] = plan
    _PLANS.move_to_end(key)
    while len(_PLANS) > MAX_PLANS:
        _PLANS.popitem(last=False)
    return plan


def known_plan(suffix: keras.Model, config: dict) -> Plan | None:
    """What `borrowed_plan` would find, to look at."""
    try:
        return _PLANS.get(plan_key(suffix, config))
    except Undescribable:
        return None


def plan_key(suffix: keras.Model, config: dict) -> tuple:
    """What must be alike for two learning parts to share a plan."""
    return structure_of(suffix), flags_of(suffix), _fingerprint(config)


def _fingerprint(config: dict) -> str:
    """How a model was compiled, but for the learning rate: that is a variable, copied like the moments."""
    flat = json.loads(json.dumps(config, default=repr))
    optimizer = flat["optimizer"]["config"]
    optimizer["name"] = None  # Keras counts them up
    if isinstance(optimizer.get("learning_rate"), float):
        optimizer["learning_rate"] = None
    return json.dumps(flat, sort_keys=True)
