"""Batches of one epoch, in an order and with crops that depend on the seed and the epoch alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from image_sources import Source
from recipe import Recipe

__all__ = ["BATCH_SIZE", "augment", "cut_mix", "resize", "training_batches"]

BATCH_SIZE = 64


def training_batches(source: Source, recipe: Recipe, epoch: int) -> tf.data.Dataset:
    """One epoch of batches `(64, size, size, 3)`, `uint8`, with targets `(64, num_classes)`, `float32`, augmented."""
    stage, num_classes = recipe.stage_at(epoch), len(source.class_names)
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(source.train_labels))
    steps = len(order) // BATCH_SIZE
    rows = tf.data.Dataset.from_tensor_slices(order[: steps * BATCH_SIZE].reshape(steps, BATCH_SIZE))

    def read(row):
        return source.train_images[np.sort(row)], source.train_labels[np.sort(row)]

    def load(step, row):
        images, labels = tf.numpy_function(read, [row], [tf.uint8, tf.int32])
        images.set_shape((BATCH_SIZE, None, None, 3))
        labels.set_shape((BATCH_SIZE,))
        seed = (recipe.seed, epoch * steps + step)
        crops = augment(images, stage.pixels, recipe, seed=seed, strength=stage.strength)
        targets = tf.one_hot(labels, num_classes)
        return cut_mix(crops, targets, stage.mix, seed=seed) if stage.mix else (crops, targets)

    dataset = rows.enumerate().map(lambda step, row: load(tf.cast(step, tf.int32), row), num_parallel_calls=2)
    return dataset.prefetch(4).apply(tf.data.experimental.assert_cardinality(steps))


def augment(images: tf.Tensor, size: int, recipe: Recipe, seed, *, strength: float = 1.0) -> tf.Tensor:
    """Crop, mirror, resize, and vary brightness and contrast: `(batch, size, size, 3)`, `uint8`."""
    seeds = tf.random.experimental.stateless_split(tf.stack(seed), 4)
    uniform = tf.random.stateless_uniform
    side = tf.sqrt(uniform([BATCH_SIZE, 1], seeds[0], 1 - strength * (1 - recipe.crop_share), 1.0))
    side = side * tf.exp(strength * uniform([BATCH_SIZE, 2], seeds[1], -0.12, 0.12))
    side = tf.minimum(side, 1.0)
    corner = uniform([BATCH_SIZE, 2], seeds[2]) * (1.0 - side)
    y1, x1, y2, x2 = corner[:, 0], corner[:, 1], corner[:, 0] + side[:, 0], corner[:, 1] + side[:, 1]
    draws, jitter = uniform([BATCH_SIZE, 3], seeds[3]), strength * recipe.jitter
    flip = (draws[:, 0] < 0.5) & recipe.mirror
    boxes = tf.stack([y1, tf.where(flip, x2, x1), y2, tf.where(flip, x1, x2)], axis=1)
    crops = tf.image.crop_and_resize(images, boxes, tf.range(BATCH_SIZE), [size, size])
    contrast = 1.0 + jitter * (2 * draws[:, 1, None, None, None] - 1)
    brightness = 255 * jitter * (draws[:, 2, None, None, None] - 0.5)
    crops = (crops - 127.5) * contrast + 127.5 + brightness
    return tf.cast(tf.clip_by_value(crops + 0.5, 0.0, 255.0), tf.uint8)


def cut_mix(images: tf.Tensor, targets: tf.Tensor, share: float, *, seed) -> tuple[tf.Tensor, tf.Tensor]:
    """Give a share of the images, in [0, 1], a rectangle of another one, and their targets as much of its target.

    The rectangle covers a uniform share of the area, as in CutMix (Yun et al. 2019), less what falls outside.
    """
    seeds = tf.random.experimental.stateless_split(tf.stack(seed) + 1, 2)  # not those of the crops
    draws = tf.random.stateless_uniform([BATCH_SIZE, 4], seeds[0])
    other = tf.argsort(tf.random.stateless_uniform([BATCH_SIZE], seeds[1]))
    side = tf.where(draws[:, 0] < share, tf.sqrt(draws[:, 1]), 0.0)[:, None]
    width: Any = images.shape[1]
    place = (tf.range(width, dtype=tf.float32)[None] + 0.5) / width
    rows, columns = (tf.abs(place - draws[:, at, None]) < side / 2 for at in (2, 3))
    inside = rows[:, :, None] & columns[:, None, :]
    given = tf.reduce_mean(tf.cast(inside, tf.float32), axis=[1, 2])[:, None]
    mixed = tf.where(inside[..., None], tf.gather(images, other), images)
    return mixed, (1 - given) * targets + given * tf.gather(targets, other)


def resize(images: np.ndarray, size: int) -> np.ndarray:
    """Images `(num_images, size, size, 3)`, `uint8`, smoothed where they shrink."""
    if images.shape[1] == size:
        return images
    resized = tf.image.resize(images, (size, size), antialias=True)
    return tf.cast(resized + 0.5, tf.uint8).numpy()
