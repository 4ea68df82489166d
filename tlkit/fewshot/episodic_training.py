"""Train as you test: many embeddings, each on batches of whole classes, side by side in one graph."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

__all__ = ["train_embeddings"]


def train_embeddings(
    models: Sequence[keras.Model],
    features: ArrayLike,
    labels: ArrayLike,
    loss: keras.losses.Loss,
    *,
    seeds: Sequence[int],
    way: int = 20,
    per_class: int = 4,
    steps: int = 200,
    learning_rate: float = 1e-3,
) -> np.ndarray:
    """Train embeddings with a loss that compares, on batches of `way` classes with `per_class` images each.

    Seeds for the price of one: all models take their steps in one graph, each on batches of its own. Adam treats every
    weight by itself, so that each model ends where it would have ended alone, up to rounding. Models are called as in
    inference: an episode is no sample of the domain, and must not move the statistics of BatchNorm.

    Args:
        models: Keras models from `(batch, ...)` to embeddings `(batch, num_dims)`. They are trained in place.
        features: `(num_images, ...)`: what the models take.
        labels: `(num_images,)`, integers.
        loss: Called with labels `(way * per_class,)` and embeddings `(way * per_class, num_dims)`, as a loss of this
            package. The images of a batch are grouped by class.
        seeds: For each model the seed of its batches.
        way: Classes in a batch, at most as many as have `per_class` images.
        per_class: Images of each class in a batch, at least 2.
        steps: Number of steps, at least 1.
        learning_rate: Of Adam, above 0.

    Returns:
        `(steps, num_models)`: the loss of each batch before its step.

    Raises:
        ValueError: If models and seeds differ in number, or there are too few classes with `per_class` images.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat(np.arange(4), 6)
    >>> features = (rng.normal(size=(24, 8)) + np.eye(8)[labels]).astype("float32")
    >>> start = keras.initializers.GlorotUniform(0)
    >>> head = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2, kernel_initializer=start)])
    >>> from tlkit.fewshot import PrototypicalLoss
    >>> options = {"seeds": [0], "way": 4, "steps": 60, "learning_rate": 0.03}
    >>> losses = train_embeddings([head], features, labels, PrototypicalLoss(), **options)
    >>> losses.shape, bool(losses[-10:].mean() < losses[:10].mean())
    ((60, 1), True)
    """
    table, numbers = np.asarray(features), np.asarray(labels)
    if len(models) != len(seeds) or not len(models):
        msg = f"`models` and `seeds` must have the same length, at least 1. Received {len(models)} and {len(seeds)}."
        raise ValueError(msg)
    rows_of = _rows_by_class(numbers, way, per_class)
    variables = [variable for model in models for variable in model.trainable_variables]
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(variables)

    @tf.function
    def step(batches, batch_labels):
        with tf.GradientTape() as tape:
            each = [loss(batch_labels[i], model(batches[i], training=False)) for i, model in enumerate(models)]
            total = tf.reduce_sum(tf.stack(each))
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
        return tf.stack(each)

    generators = [np.random.default_rng(seed) for seed in seeds]
    losses = []
    for _ in range(steps):
        rows = np.stack([_batch(rows_of, way, per_class, rng) for rng in generators])  # (num_models, way * per_class)
        losses.append(step(tf.constant(table[rows]), tf.constant(numbers[rows])))
    return np.stack([each.numpy() for each in losses])


def _rows_by_class(labels: np.ndarray, way: int, per_class: int) -> list[np.ndarray]:
    if per_class < 2:
        msg = f"`per_class` must be at least 2: an image is compared with others of its class. Received: {per_class}."
        raise ValueError(msg)
    rows = [np.flatnonzero(labels == each) for each in np.unique(labels)]
    rows = [each for each in rows if len(each) >= per_class]
    if not 2 <= way <= len(rows):
        msg = (
            f"`way` must lie between 2 and {len(rows)}, the classes with at least {per_class} images. Received: {way}."
        )
        raise ValueError(msg)
    return rows


def _batch(rows_of: list[np.ndarray], way: int, per_class: int, rng: np.random.Generator) -> np.ndarray:
    """`(way * per_class,)` rows, grouped by class."""
    chosen = rng.choice(len(rows_of), way, replace=False)
    return np.concatenate([rng.choice(rows_of[each], per_class, replace=False) for each in chosen])
