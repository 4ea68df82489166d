"""Networks for several tasks, each on images with labels of its own, many seeds side by side in one graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from tlkit.multitask.weighting import gradient_norm_weights, uncertainty_weights

__all__ = ["TaskTraining", "train_tasks"]

RULES = ("uncertainty", "gradient norm")
MOMENTUM = 0.9  # weights follow the losses and lengths of the last ten steps or so


@dataclass(frozen=True)
class TaskTraining:
    """What was noted before each step.

    Attributes:
        tasks: Names of the tasks.
        losses: `(steps, num_models, num_tasks)`: the loss of each task's batch.
        weights: `(steps, num_models, num_tasks)`: the weights of the losses.
        cosines: `(steps, num_models, num_tasks, num_tasks)`: of the angles between the tasks' gradients by the weights
            that all tasks share; NaN where there are none.
        norms: `(steps, num_models, num_tasks)`: the lengths of these gradients, without weights.
    """

    tasks: tuple[str, ...]
    losses: np.ndarray
    weights: np.ndarray
    cosines: np.ndarray
    norms: np.ndarray


def train_tasks(
    models: Sequence[keras.Model],
    features: ArrayLike,
    labels: Mapping[str, ArrayLike],
    *,
    seeds: Sequence[int],
    weights: Mapping[str, float] | str | None = None,
    steps: int = 300,
    batch_size: int = 32,
    learning_rate: float = 3e-3,
) -> TaskTraining:
    """Train networks for several tasks; images without a label for a task take no part in that task.

    At each step, each task draws a batch of its labelled images, with replacement, and Adam moves along the weighted
    sum of the gradients. What a task draws depends on the seed and on its place among the tasks only: with the same
    first task, a run with a second task meets the same batches of the first as a run without.

    Args:
        models: Keras models from `(batch, ...)` to `{task: logits (batch, num_classes)}`, built alike, without layers
            that draw or keep statistics. They are trained in place, side by side in one graph.
        features: `(num_images, ...)`: what the models take.
        labels: For each task `(num_images,)`, or `(num_models, num_images)` where they differ from model to model:
            integers, and -1 where the label is missing. Each model needs at least one label of each task.
        seeds: For each model the seed of its batches.
        weights: For each task the weight of its loss; `None` for 1 each; `"uncertainty"` for `uncertainty_weights` of
            the losses, or `"gradient norm"` for `gradient_norm_weights`, both of running means.
        steps: Number of steps, at least 1.
        batch_size: Images that each task draws for a step.
        learning_rate: Of Adam, above 0.

    Returns:
        The losses, weights, cosines and lengths of gradients at each step.

    Raises:
        ValueError: If models and seeds differ in number, if tasks and labels differ, if a model lacks the labels of a
            task, or if `weights` are not as above.

    Example:
    >>> from tlkit.multitask import hard_sharing
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(40, 5)).astype("float32")
    >>> labels = {"sign": features[:, 0] > 0, "size": np.where(np.arange(40) < 8, features[:, 1] > 0, -1)}
    >>> model = hard_sharing(5, {"sign": 2, "size": 2}, width=8)
    >>> run = train_tasks([model], features, labels, seeds=[0], steps=100)
    >>> run.losses.shape, bool((run.losses[-1] < run.losses[0]).all())
    ((100, 1, 2), True)
    """
    if len(models) != len(seeds) or not len(models):
        msg = f"`models` and `seeds` must have the same length, at least 1. Received {len(models)} and {len(seeds)}."
        raise ValueError(msg)
    tasks = _tasks_of(models[0], labels)
    numbers = [np.broadcast_to(np.asarray(labels[t]).astype("int32"), (len(models), len(features))) for t in tasks]
    rule = _check_weights(weights, tasks)
    rows = _draw_rows(numbers, tasks, seeds, steps, batch_size)  # (steps, num_models, num_tasks, batch_size)
    table, known = tf.constant(np.asarray(features, "float32")), tf.constant(np.stack(numbers, axis=1))
    graph = _SideBySide(models, _shared_places(models[0], tasks, table[:1]), tasks, learning_rate)
    noted, running = [], None
    for drawn in rows:
        losses, gram, gradients = graph.gradients(table, known, tf.constant(drawn))
        lengths = np.sqrt(np.einsum("mtt->mt", gram.numpy()))
        now = np.stack([losses.numpy(), lengths])
        running = now if running is None else MOMENTUM * running + (1 - MOMENTUM) * now
        chosen = _weights_now(rule, *running)
        graph.step(gradients, tf.constant(chosen, tf.float32))
        noted.append((now[0], chosen, gram.numpy(), lengths))
    graph.save(models)
    losses, chosen, grams, norms = map(np.stack, zip(*noted, strict=True))
    return TaskTraining(tasks, losses, chosen, _cosines(grams), norms)


class _SideBySide:
    """Gradients and steps of models that are built alike, with the models as a first axis of each weight."""

    def __init__(self, models: Sequence[keras.Model], shared: list[int], tasks: tuple[str, ...], learning_rate: float):
        self.model, self.shared, self.tasks = models[0], shared, tasks
        alike = zip(*(model.trainable_variables for model in models), strict=True)
        self.weights = [keras.Variable(np.stack([one.numpy() for one in same])) for same in alike]
        self.optimizer = keras.optimizers.Adam(learning_rate)
        self.optimizer.build(self.weights)
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.gradients = tf.function(self._gradients, autograph=False)
        self.step = tf.function(self._step, autograph=False)

    def _gradients(self, table, known, rows):
        """Losses `(num_models, num_tasks)`, inner products of shared gradients, and for each task its gradients."""
        x = tf.gather(table, rows)  # (num_models, num_tasks, batch_size, ...)
        y = tf.gather(known, rows, axis=2, batch_dims=2)
        with tf.GradientTape(persistent=True) as tape:
            weights = [tf.convert_to_tensor(weight) for weight in self.weights]
            tape.watch(weights)
            losses = tf.vectorized_map(self._losses, (weights, x, y), warn=False)
            sums = [tf.reduce_sum(losses[:, i]) for i in range(len(self.tasks))]
        found = [tape.gradient(total, weights) for total in sums]
        gradients = _filled(found, weights)
        return losses, self._inner_products(gradients), gradients

    def _losses(self, one):
        """The losses of one model, `(num_tasks,)`: each task looks at its own rows."""
        weights, x, y = one
        size = tf.shape(x)[1]
        with keras.StatelessScope(state_mapping=list(zip(self.model.trainable_variables, weights, strict=True))):
            outputs: Any = self.model(tf.reshape(x, (-1, *x.shape[2:])), training=True)
        pairs = [(y[i], outputs[task][i * size : (i + 1) * size]) for i, task in enumerate(self.tasks)]
        return tf.stack([self.loss(*pair) for pair in pairs])

    def _inner_products(self, found):
        """`(num_models, num_tasks, num_tasks)`, over the weights that all tasks share."""
        number = len(self.tasks)
        total = tf.zeros((self.weights[0].shape[0], number, number))
        for i in self.shared:
            flat = tf.stack([tf.reshape(each[i], (self.weights[0].shape[0], -1)) for each in found], axis=1)
            total += tf.matmul(flat, flat, transpose_b=True)
        return total

    def _step(self, found, chosen):
        """Move along the weighted sum of the gradients."""
        total = [
            sum(tf.reshape(chosen[:, i], (-1, *[1] * (each.shape.rank - 1))) * each for i, each in enumerate(same))
            for same in zip(*found, strict=True)
        ]
        self.optimizer.apply_gradients(zip(total, self.weights, strict=True))

    def save(self, models: Sequence[keras.Model]) -> None:
        """Give the models what they have learned."""
        for i, model in enumerate(models):
            for variable, stacked in zip(model.trainable_variables, self.weights, strict=True):
                variable.assign(stacked[i])


def _filled(found, weights):
    """The gradients, with zeros where a task has none."""
    return [[tf.zeros_like(w) if g is None else g for g, w in zip(each, weights, strict=True)] for each in found]


def _shared_places(model: keras.Model, tasks: tuple[str, ...], row) -> list[int]:
    """The places of the weights that every task's output depends on."""
    with tf.GradientTape(persistent=True) as tape:
        outputs: Any = model(row)
        sums = [tf.reduce_sum(outputs[task]) for task in tasks]
    found = [tape.gradient(total, model.trainable_variables) for total in sums]
    return [i for i in range(len(model.trainable_variables)) if all(each[i] is not None for each in found)]


def _cosines(grams: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.einsum("...tt->...t", grams))
    with np.errstate(all="ignore"):
        return grams / (norms[..., :, None] * norms[..., None, :])


def _tasks_of(model: keras.Model, labels: Mapping[str, ArrayLike]) -> tuple[str, ...]:
    outputs = model.output_names if isinstance(model.output, dict) else []
    if not labels or set(labels) != set(outputs):
        msg = f"`labels` must name the outputs of the models, {sorted(outputs)}. Received: {sorted(labels)}."
        raise ValueError(msg)
    return tuple(labels)


def _check_weights(weights: Mapping[str, float] | str | None, tasks: tuple[str, ...]) -> np.ndarray | str:
    """The name of a rule, or one weight for each task."""
    given = dict.fromkeys(tasks, 1.0) if weights is None else weights
    if isinstance(given, str) and given in RULES:
        return given
    if isinstance(given, str) or set(given) != set(tasks) or not all(value >= 0 for value in given.values()):
        msg = (
            f"`weights` must be None, one of {list(RULES)}, or a weight of at least 0 for each of {list(tasks)}. "
            f"Received: {weights!r}."
        )
        raise ValueError(msg)
    return np.array([float(given[task]) for task in tasks])


def _weights_now(rule: np.ndarray | str, losses: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """`(num_models, num_tasks)`, by the running means of losses and lengths."""
    if isinstance(rule, str):
        return uncertainty_weights(losses) if rule == "uncertainty" else gradient_norm_weights(norms)
    return np.broadcast_to(rule, losses.shape)


def _draw_rows(numbers, tasks, seeds, steps: int, batch_size: int) -> np.ndarray:
    """`(steps, num_models, num_tasks, batch_size)`: rows with a label for the task."""
    found = np.empty((steps, len(seeds), len(tasks), batch_size), "int32")
    for i, seed in enumerate(seeds):
        for j, task in enumerate(tasks):
            known = np.flatnonzero(numbers[j][i] >= 0)
            if not len(known):
                msg = f"Each model needs at least one label of {task!r}. Model {i} has none."
                raise ValueError(msg)
            found[:, i, j] = np.random.default_rng([seed, j]).choice(known, (steps, batch_size))
    return found
