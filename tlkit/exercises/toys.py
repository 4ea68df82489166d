"""Tiny models and data sets on which checkers try a learner's functions. All are built in milliseconds."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf

__all__ = [
    "CountingImages",
    "deep_classifier",
    "hidden_rng",
    "quiet_tracing",
    "redraw",
    "tiny_backbone",
    "tiny_batch",
    "tiny_classifier",
    "tiny_images",
]

SIZE = 8


_draws: list[np.random.SeedSequence] = []


def hidden_rng() -> np.random.Generator:
    """Return a generator with a fresh seed, so that an answer cannot know the numbers it is tried on."""
    return np.random.default_rng(_draws[-1].spawn(1)[0] if _draws else None)


@contextlib.contextmanager
def drawn_from(secret: bytes) -> Generator[None]:
    """Let `hidden_rng` draw from a secret while the block runs: an interrupted grader can then resume identically."""
    _draws.append(np.random.SeedSequence(int.from_bytes(secret)))
    try:
        yield
    finally:
        _draws.pop()


@contextlib.contextmanager
def quiet_tracing() -> Generator[None]:
    """Silence TensorFlow's advice on retracing: a check deliberately trains many small models on the same line."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


def tiny_images(num_images: int, rng: np.random.Generator) -> np.ndarray:
    """Random pictures, `(num_images, 8, 8, 3)`, `uint8` in [0, 255]."""
    return rng.integers(0, 256, (num_images, SIZE, SIZE, 3)).astype("uint8")


def tiny_backbone(rng: np.random.Generator, *, width: int = 5) -> keras.Model:
    """A convolution, a BatchNorm whose statistics match no batch, then dropout.

    Returns:
        A model from `(batch, 8, 8, 3)` to `(batch, 6, 6, width)`. It behaves differently in training and in inference.
    """
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(width, 3, name="conv")(image)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(image, keras.layers.Dropout(0.5)(x), name="tiny")
    redraw(model, rng)
    return model


def redraw(model: keras.Model, rng: np.random.Generator) -> None:
    """Give a tiny backbone new weights: faster than a new backbone, and just as unknown to an answer."""
    model.set_weights([_draw(weight, rng) for weight in model.weights])


def tiny_classifier(rng: np.random.Generator, *, width: int = 5, num_classes: int = 3) -> keras.Model:
    """The tiny backbone with average pooling as a nested model named `tiny`, and a head."""
    backbone = tiny_backbone(rng, width=width)
    x = keras.layers.GlobalAveragePooling2D()(backbone.output)
    head = keras.layers.Dense(num_classes, name="head")
    return keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.Model(backbone.inputs, x, name="tiny"), head])


def _draw(weight: keras.Variable, rng: np.random.Generator) -> np.ndarray:
    """Values around 1, positive where they are a variance."""
    return rng.uniform(0.5, 1.5, weight.shape).astype("float32")


class CountingImages:
    """Images with labels that count how often each was read.

    Each image has an average grey of its own, so that features tell which image they belong to; its pixels differ, so
    that the average is neither the largest value nor the middle one nor the first.

    Attributes:
        dataset: Batches `((batch, 8, 8, 3) float32, (batch,) int32)`, in a new order on each pass.
        labels: `(num_images,)`, `int32`, by the image's number.
        reads: `(num_images,)`: how often each image was read since the last `reset`.
    """

    def __init__(self, num_images: int, batch_size: int, rng: np.random.Generator):
        gaps = rng.uniform(0.7, 1.3, num_images).cumsum()  # uneven: another draw's images are none of these
        self._values = rng.permutation(np.interp(gaps, [gaps[0], gaps[-1]], [1, 250])).astype("float32")
        skewed = rng.permutation(np.linspace(0, 1, SIZE * SIZE) ** 2)
        self._pattern = (skewed - skewed.mean()).reshape(SIZE, SIZE, 1)  # within (-0.34, 0.67), with mean 0
        self.labels = rng.integers(0, 4, num_images).astype("int32")
        self._rng = rng
        self.reset()
        spec = (tf.TensorSpec((SIZE, SIZE, 3), tf.float32), tf.TensorSpec((), tf.int32))
        self.dataset = tf.data.Dataset.from_generator(self._read, output_signature=spec).batch(batch_size)

    def reset(self) -> None:
        """Start counting from 0 again."""
        self.reads = np.zeros(len(self.labels), int)

    def image_of(self, number: int) -> np.ndarray:
        """The image with that number, `(8, 8, 3)`, `float32`."""
        grey = self._values[number]
        return np.broadcast_to(grey + min(grey, 255 - grey) * self._pattern, (SIZE, SIZE, 3)).astype("float32")

    def _read(self):
        for number in self._rng.permutation(len(self.labels)):
            self.reads[number] += 1
            yield self.image_of(number), self.labels[number]


def deep_classifier(rng: np.random.Generator, *, kind: str = "flat", depth: int = 3, bn: bool = True) -> keras.Model:
    """Convolutions `conv_0`, `conv_1`, ..., each followed by BatchNorm (`bn_0`, ...), pooling, a `head` for 3 classes.

    Args:
        rng: Draws the weights.
        kind: `"flat"`, `"sequential"`, or `"nested"`, where the convolutions form a model `tiny` inside the model.
        depth: Number of convolutions.
        bn: Whether there is BatchNorm.

    Returns:
        A model from `(batch, 8, 8, 3)` in [0, 255] to logits `(batch, 3)`, not compiled. Every weight has a gradient.
    """
    pairs = [
        (keras.layers.Conv2D(4, 3, padding="same", use_bias=not bn, name=f"conv_{i}"), _batch_norm(i))
        for i in range(depth)
    ]
    body = [keras.layers.Rescaling(1 / 255), *(layer for pair in pairs for layer in pair[: 2 if bn else 1])]
    tail = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3, name="head")]
    inputs = keras.Input((SIZE, SIZE, 3))
    if kind == "sequential":
        model = keras.Sequential([inputs, *body, *tail])
    else:
        body_input = keras.Input((SIZE, SIZE, 3)) if kind == "nested" else inputs
        output = _chain(body, body_input)
        output = keras.Model(body_input, output, name="tiny")(inputs, training=False) if kind == "nested" else output
        model = keras.Model(inputs, _chain(tail, output))
    model.set_weights([weight + rng.uniform(0, 0.3, weight.shape).astype("float32") for weight in model.get_weights()])
    return model


def tiny_batch(rng: np.random.Generator, num_images: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Random pictures as `tiny_images` makes them, and labels of 3 classes, all of which occur."""
    return tiny_images(num_images, rng), rng.permutation(np.arange(num_images) % 3).astype("int32")


def _batch_norm(number: int) -> keras.layers.Layer:
    return keras.layers.BatchNormalization(name=f"bn_{number}")


def _chain(layers: list[keras.layers.Layer], x):
    for layer in layers:
        x = layer(x)
    return x
