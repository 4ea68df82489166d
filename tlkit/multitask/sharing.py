"""Networks for several tasks: one trunk with a head for each task, or a trunk for each task with an exchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

__all__ = ["CrossStitch", "hard_sharing", "soft_sharing"]

ops: Any = keras.ops  # its type hints say that each result may be `None`
Tasks = Mapping[str, int]


def hard_sharing(num_features: int, num_classes: Tasks, *, width: int = 64, seed: int = 0) -> keras.Model:
    """Return one trunk with a head for each task: whatever the trunk learns, all tasks have to live with.

    Args:
        num_features: Numbers in a row of the input, at least 1.
        num_classes: For each task its number of classes, as `{"digit": 10, "parity": 2}`.
        width: Units of the trunk, a dense layer with tanh, at least 1.
        seed: Of the first weights. The trunk's do not depend on which tasks there are, nor do those of a head.

    Returns:
        A Keras model from `(batch, num_features)` to `{task: logits (batch, num_classes)}`, not compiled. Its layers
        are named `trunk` and by the tasks.

    Raises:
        ValueError: If there is no task.

    Example:
    >>> model = hard_sharing(5, {"digit": 10, "parity": 2}, width=4)
    >>> {task: tuple(logits.shape) for task, logits in model(ops.zeros((3, 5))).items()}
    {'digit': (3, 10), 'parity': (3, 2)}
    >>> len(model.get_layer("trunk").weights), model.count_params()
    (2, 84)
    """
    _need_tasks(num_classes)
    features = keras.Input((num_features,))
    shared = _trunk("trunk", width, seed)(features)
    return keras.Model(features, {task: _head(task, num_classes[task], seed)(shared) for task in num_classes})


def soft_sharing(num_features: int, num_classes: Tasks, *, width: int = 64, seed: int = 0) -> keras.Model:
    """Return a trunk and a head for each task, with a cross-stitch unit between: it learns how much they exchange.

    Args:
        num_features: Numbers in a row of the input, at least 1.
        num_classes: For each task its number of classes.
        width: Units of each trunk, at least 1.
        seed: Of the first weights.

    Returns:
        A Keras model as `hard_sharing` returns it. Its layers are named `trunk_` and a task, `cross_stitch`, and by
        the tasks.

    Raises:
        ValueError: If there is no task.

    Reference:
        Misra, Shrivastava, Gupta and Hebert (2016), [Cross-stitch networks for multi-task
        learning](https://arxiv.org/abs/1604.03539).

    Example:
    >>> model = soft_sharing(5, {"digit": 10, "parity": 2}, width=4)
    >>> model.count_params()  # two trunks, four weights of the exchange, two heads
    112
    """
    _need_tasks(num_classes)
    features = keras.Input((num_features,))
    own = [_trunk(f"trunk_{task}", width, seed + 1000 * i)(features) for i, task in enumerate(num_classes)]
    mixed = CrossStitch(len(own), name="cross_stitch")(own)
    heads = {task: _head(task, num_classes[task], seed)(x) for task, x in zip(num_classes, mixed, strict=True)}
    return keras.Model(features, heads)


class CrossStitch(keras.layers.Layer):
    """Mixes the outputs of several trunks: each task gets a weighted sum, whose weights are learned.

    Args:
        num_tasks: Number of trunks, at least 1.
        own: The weight that a task's own trunk starts with, in [0, 1]; the others share the rest.

    Input:
        A list of `num_tasks` tensors of one shape `(batch, width)`.

    Output:
        A list of as many tensors of that shape.

    Example:
    >>> layer = CrossStitch(2, own=0.75)
    >>> [float(x[0, 0]) for x in layer([ops.ones((1, 1)), ops.zeros((1, 1))])]
    [0.75, 0.25]
    """

    def __init__(self, num_tasks: int, own: float = 0.9, **kwargs):
        super().__init__(**kwargs)
        self.num_tasks, self.own = num_tasks, own

    def build(self, input_shape):  # noqa: ARG002 - Keras passes it
        """Make the matrix of the exchange, `(num_tasks, num_tasks)`: row i says what task i takes."""
        rest = (1 - self.own) / max(self.num_tasks - 1, 1)
        start = [[self.own if i == j else rest for j in range(self.num_tasks)] for i in range(self.num_tasks)]
        shape = (self.num_tasks, self.num_tasks)
        self.exchange = self.add_weight(shape=shape, initializer=lambda *_, **__: ops.array(start), name="exchange")

    def call(self, inputs) -> Any:
        """Return, for each task, its mixture."""
        tasks = range(self.num_tasks)
        return [sum(self.exchange[i, j] * inputs[j] for j in tasks) for i in tasks]

    def compute_output_shape(self, input_shape):
        """Return the shapes of the outputs, which are those of the inputs."""
        return input_shape

    def get_config(self):
        """Return what makes the layer again."""
        return {**super().get_config(), "num_tasks": self.num_tasks, "own": self.own}


def _need_tasks(num_classes: Tasks) -> None:
    if not num_classes:
        msg = "`num_classes` must name at least one task, as {'digit': 10}. Received: {}."
        raise ValueError(msg)


def _trunk(name: str, width: int, seed: int) -> keras.layers.Layer:
    start = keras.initializers.GlorotUniform(seed)
    return keras.layers.Dense(width, activation="tanh", kernel_initializer=start, name=name)


def _head(task: str, num_classes: int, seed: int) -> keras.layers.Layer:
    start = keras.initializers.GlorotUniform(seed + 500)
    return keras.layers.Dense(num_classes, kernel_initializer=start, name=task)
