"""Tune one network for each of many shops, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

__all__ = ["Tuned", "tune_each"]


@dataclass(frozen=True)
class Tuned:
    """Copies of one network, each tuned to its own rows.

    Attributes:
        model: The network that all are built like; it has not changed.
        weights: For each of its variables an array `(num_copies, ...)`.
    """

    model: keras.Model
    weights: list[np.ndarray]

    def predict(self, features: ArrayLike) -> np.ndarray:
        """Let each copy forecast its own rows: `(num_copies, num_rows, num_features)` to `(..., num_outputs)`."""
        rows = tf.convert_to_tensor(np.asarray(features, np.float32))
        return _call(self.model, [tf.convert_to_tensor(each) for each in self.weights], rows).numpy()


def tune_each(
    model: keras.Model | Sequence[keras.Model],
    features: ArrayLike,
    targets: ArrayLike,
    *,
    steps: int,
    learning_rate: float,
    loss: keras.losses.Loss | None = None,
    layers: Sequence[str] | None = None,
) -> Tuned:
    """Tune a copy of a network for each of many small tables, as so many calls of `fit` would, in one graph.

    Each copy takes `steps` steps of Adam, each on all of its rows. `model` itself stays as it is.

    Args:
        model: Without state and randomness, as a chain of `Dense` layers; or one for each copy, all built alike.
        features: `(num_copies, num_rows, num_features)`.
        targets: `(num_copies, num_rows)`.
        steps: Number of steps; 0 leaves all copies as `model` is.
        learning_rate: Of Adam.
        loss: The mean over the rows is minimised; by default Huber's with a delta of 0.5.
        layers: Names of those that learn; by default all.

    Returns:
        The tuned copies.

    Raises:
        ValueError: If the shapes or the number of models do not fit, or a layer is unknown, or the model has state.

    Example:
    >>> keras.utils.set_random_seed(0)
    >>> line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> x = np.ones((2, 5, 1))
    >>> tuned = tune_each(line, x, np.array([[1.0] * 5, [-1.0] * 5]), steps=200, learning_rate=0.1)
    >>> tuned.predict(x)[:, 0, 0].round(2).tolist()
    [1.0, -1.0]
    """
    x, y = np.asarray(features, np.float32), np.asarray(targets, np.float32)
    if x.ndim != 3 or y.shape != x.shape[:2]:
        msg = "`features` must be (copies, rows, features) and `targets` (copies, rows). "
        raise ValueError(msg + f"Received shapes {x.shape} and {y.shape}.")
    models = [model] * len(x) if isinstance(model, keras.Model) else list(model)
    if len(models) != len(x):
        msg = f"`model` must be one model, or one for each of {len(x)} copies. Received {len(models)}."
        raise ValueError(msg)
    learns = _which_learn(models[0], layers)
    starts = {id(each): each.get_weights() for each in models}
    columns = zip(*(starts[id(each)] for each in models), strict=True)
    stacked = [keras.Variable(np.stack(column)) for column in columns]
    _train(models[0], stacked, learns, (x, y[..., None]), loss or keras.losses.Huber(0.5), steps, learning_rate)
    return Tuned(models[0], [each.numpy() for each in stacked])


def _which_learn(model: keras.Model, layers: Sequence[str] | None) -> list[bool]:
    if model.non_trainable_variables:
        name = model.non_trainable_variables[0].path
        msg = f"`model` must have no state and nothing frozen. Received one with {name!r}."
        raise ValueError(msg)
    names = {layer.name for layer in model.layers}
    unknown = [name for name in layers or () if name not in names]
    if unknown:
        msg = f"`layers` must be names of layers: {', '.join(sorted(names))}. Received: {unknown[0]!r}."
        raise ValueError(msg)
    chosen = names if layers is None else set(layers)
    learning = {id(each) for layer in model.layers if layer.name in chosen for each in layer.variables}
    return [id(each) in learning for each in model.variables]


def _call(model: keras.Model, weights: list, rows: tf.Tensor) -> tf.Tensor:
    """Outputs of all copies; the weights stand in the order of `model.variables`."""
    return tf.vectorized_map(lambda own: model.stateless_call(own[:-1], [], own[-1])[0], [*weights, rows])


def _train(model, stacked, learns, data, loss, steps: int, learning_rate: float) -> None:
    moving = [each for each, learn in zip(stacked, learns, strict=True) if learn]
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(moving)
    x, y = map(tf.convert_to_tensor, data)

    def by_copy(pair):
        return tf.reduce_mean(loss.call(pair[0], pair[1]))

    @tf.function
    def run():
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                said = _call(model, [each.value for each in stacked], x)
                total = tf.reduce_sum(tf.vectorized_map(by_copy, (y, said)))
            optimizer.apply_gradients(zip(tape.gradient(total, [each.value for each in moving]), moving, strict=True))

    run()
