"""Train a model and leave no trace: what an audit and the search for a learning rate have in common.

The model itself is trained, so that its own `train_step`, losses, regularizers and optimizer do what they do in `fit`.
Before that, everything that training can change is recorded: variables, attributes of objects, random generators.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from tensorflow.python.eager import context
from tensorflow.python.trackable import data_structures

__all__ = ["inner_of", "left_as_it_was", "train_on", "updates_of", "values_of"]

_CONTAINERS = (OrderedDict, dict, list, set)
_NAMES, _SEEDS = "object_name_uids", "global_seed_generator"  # what Keras counts and draws for the whole process


@contextmanager
def left_as_it_was(model: keras.Model) -> Generator[dict[int, np.ndarray]]:
    """Restore at the end everything that training changes: the model, its optimizers, its metrics, random states.

    Yields:
        The values of the model's variables, by the variables' ids.
    """
    variables = {id(v): v for v in (*model.variables, *_other_variables(model))}
    before = {key: values_of(variable) for key, variable in variables.items()}
    flags = {key: variable.trainable for key, variable in variables.items()}
    containers, randoms = list(_containers(model)), _random_states()
    try:
        yield before
    finally:
        for container, content in containers:
            _refill(container, content)
        for key, variable in variables.items():
            variable.assign(before[key])
            variable.trainable = flags[key]
        _put_random_states(randoms)


def train_on(model: keras.Model, batch: Any) -> dict[str, Any]:
    """Take one step of training as `fit` does; returns the logs."""
    return model.distribute_strategy.run(model.train_step, args=(batch,))


def values_of(variable: keras.Variable) -> np.ndarray:
    """A copy: what `convert_to_numpy` returns may be the variable's own memory."""
    return np.array(keras.ops.convert_to_numpy(variable))


def inner_of(optimizer: Any) -> Any:
    """The optimizer inside one that scales the loss, or itself."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def updates_of(model: keras.Model) -> int:
    """Updates that the model's optimizer has made: steps that it skipped, or only gathered in, do not count."""
    return int(keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(model.optimizer.iterations)))


def _optimizers(model: keras.Model) -> list:
    own = [value for value in vars(model).values() if isinstance(value, keras.optimizers.Optimizer)]
    return [*own, *(inner_of(optimizer) for optimizer in own)]


def _other_variables(model: keras.Model) -> list[keras.Variable]:
    of_optimizers = [variable for optimizer in _optimizers(model) for variable in optimizer.variables]
    of_metrics = [variable for metric in model.metrics for variable in metric.variables]
    seeds = global_state.get_global_attribute(_SEEDS)
    return [*of_optimizers, *of_metrics, *([seeds.state] if seeds is not None else [])]


def _containers(model: keras.Model) -> Iterator[tuple]:
    """Attributes of all objects that a training changes, and the lists, dicts and sets in them; each with a copy."""
    compiled = (getattr(model, name, None) for name in ("_compile_loss", "_compile_metrics", "_loss_tracker"))
    things = [*model._flatten_layers(), *_optimizers(model), *model.metrics, *filter(None, compiled)]
    things += [thing._tracker for thing in things if hasattr(thing, "_tracker")]
    seen: set[int] = set()
    for thing in things:
        yield from _copies(vars(thing), seen)
    yield from _copies(global_state.get_global_attribute(_NAMES), seen)


def _copies(value: Any, seen: set[int]) -> Iterator[tuple]:
    if isinstance(value, data_structures.ListWrapper):  # TensorFlow's, around a list among its attributes
        value = vars(value)
    value = getattr(value, "__wrapped__", value)  # and around a dict
    base = next((base for base in _CONTAINERS if issubclass(type(value), base)), None)
    if base is None or id(value) in seen:
        return
    seen.add(id(value))
    yield value, base(value)
    for member in value.values() if isinstance(value, dict) else value:
        yield from _copies(member, seen)


def _refill(container: Any, content: Any) -> None:
    """Past Keras' own methods, which would track what is put in; and only where something has changed."""
    base = type(content)
    if _ids(container) == _ids(content):
        return
    base.clear(container)
    (base.extend if base is list else base.update)(container, content)


def _ids(container: Any) -> list:
    if isinstance(container, dict):
        return [(key, id(value)) for key, value in container.items()]
    return sorted(map(id, container)) if isinstance(container, set) else list(map(id, container))


def _random_states() -> tuple:
    eager = _eager_seeds()
    seeds = global_state.get_global_attribute(_SEEDS)
    return random.getstate(), np.random.get_state(), eager and eager.getstate(), seeds, _tensorflow_state()


def _eager_seeds() -> Any:
    """What gives seeds to TensorFlow's random operations outside of graphs; `None` before anyone has set a seed."""
    return getattr(context.context(), "_rng", None)


def _put_random_states(states: tuple) -> None:
    python, numpy, eager, seeds, tensorflow = states
    random.setstate(python)
    np.random.set_state(numpy)
    if eager is not None:
        _eager_seeds().setstate(eager)
    global_state.set_global_attribute(_SEEDS, seeds)
    if tensorflow is not None:
        tf.random.get_global_generator().reset(tensorflow)


def _tensorflow_state() -> np.ndarray | None:
    # Asking for the generator makes one, from seeds that nobody set
    from tensorflow.python.ops import stateful_random_ops

    made = stateful_random_ops.global_generator is not None
    return tf.random.get_global_generator().state.numpy() if made else None
