"""Tiny models and data sets that checkers try a learner's functions on. All are built in milliseconds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

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
    "with_dead_branch",
]

SIZE = 8


_draws: list[np.random.SeedSequence] = []


def hidden_rng() -> np.random.Generator:
    """Return a generator with a seed of the moment: an answer cannot know the numbers that it is tried on."""
    return np.random.default_rng(_draws[-1].spawn(1)[0] if _draws else None)


@contextlib.contextmanager
def drawn_from(secret: bytes) -> Iterator[None]:
    """Let `hidden_rng` draw from a secret while the block runs, so that a grader that was stopped can go on alike."""
    _draws.append(np.random.SeedSequence(int.from_bytes(secret)))
    try:
        yield
    finally:
        _draws.pop()


@contextlib.contextmanager
def quiet_tracing() -> Iterator[None]:
    """Silence TensorFlow's advice on tracing: a check trains many small models at the same line, on purpose."""
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
    """A convolution and a BatchNorm whose statistics are not those of any batch, then dropout.

    Returns:
        A model from `(batch, 8, 8, 3)` to `(batch, 6, 6, width)`. It behaves otherwise in training than in inference.
    """
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(width, 3, name="conv")(image)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(image, keras.layers.Dropout(0.5)(x), name="tiny")
    redraw(model, rng)
    return model


def redraw(model: keras.Model, rng: np.random.Generator) -> None:
    """Give a tiny backbone new weights: quicker than a new backbone, and as unknown to an answer."""
    model.set_weights([_draw(weight, rng) for weight in model.weights])


def tiny_classifier(rng: np.random.Generator, *, width: int = 5, num_classes: int = 3) -> keras.Model:
    """The tiny backbone as a nested model named `tiny`, average pooling and a head."""
    backbone = tiny_backbone(rng, width=width)
    x = keras.layers.GlobalAveragePooling2D()(backbone.output)
    head = keras.layers.Dense(num_classes, name="head")
    return keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.Model(backbone.inputs, x, name="tiny"), head])


def _draw(weight: keras.Variable, rng: np.random.Generator) -> np.ndarray:
    """Values around 1, positive where they are a variance."""
    return rng.uniform(0.5, 1.5, weight.shape).astype("float32")


class CountingImages:
    """Images with labels, that know how often each was read.

    Every pixel of an image has a value of its own, so that features tell which image they belong to.

    Attributes:
        dataset: Batches `((batch, 8, 8, 3) float32, (batch,) int32)`, in a new order at each pass.
        labels: `(num_images,)`, `int32`, by the image's number.
        reads: `(num_images,)`: how often each image was read since the last `reset`.
    """

    def __init__(self, num_images: int, batch_size: int, rng: np.random.Generator):
        self._values = rng.permutation(np.linspace(1, 250, num_images)).astype("float32")
        self.labels = rng.integers(0, 4, num_images).astype("int32")
        self._rng = rng
        self.reset()
        spec = (tf.TensorSpec((SIZE, SIZE, 3), tf.float32), tf.TensorSpec((), tf.int32))
        self.dataset = tf.data.Dataset.from_generator(self._read, output_signature=spec).batch(batch_size)

    def reset(self) -> None:
        """Count from 0."""
        self.reads = np.zeros(len(self.labels), int)

    def image_of(self, number: int) -> np.ndarray:
        """The image of that number, `(8, 8, 3)`, `float32`."""
        return np.full((SIZE, SIZE, 3), self._values[number], "float32")

    def _read(self):
        for number in self._rng.permutation(len(self.labels)):
            self.reads[number] += 1
            yield self.image_of(number), self.labels[number]


def deep_classifier(rng: np.random.Generator, *, kind: str = "flat", depth: int = 3, bn: bool = True) -> keras.Model:
    """Convolutions `conv_0`, `conv_1`, ..., each followed by BatchNorm (`bn_0`, ...), pooling, a `head` for 3 classes.

    Args:
        rng: Of the weights.
        kind: `"flat"`, `"sequential"`, or `"nested"`: the convolutions are a model named `tiny` within the model.
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


def with_dead_branch(rng: np.random.Generator) -> keras.Model:
    """A classifier whose layer `dead` may learn by its flag, but whose output is multiplied by 0."""
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 255)(image)
    alive, dead = keras.layers.Conv2D(4, 3, name="alive")(x), keras.layers.Conv2D(4, 3, name="dead")(x)
    x = keras.layers.Add()([alive, keras.layers.Rescaling(0.0)(dead)])
    model = keras.Model(image, keras.layers.Dense(3, name="head")(keras.layers.GlobalAveragePooling2D()(x)))
    model.set_weights([weight + rng.uniform(0, 0.3, weight.shape).astype("float32") for weight in model.get_weights()])
    return model


def tiny_batch(rng: np.random.Generator, num_images: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Random pictures as `tiny_images` makes them, and labels of 3 classes, each of them there."""
    return tiny_images(num_images, rng), rng.permutation(np.arange(num_images) % 3).astype("int32")


def _batch_norm(number: int) -> keras.layers.Layer:
    return keras.layers.BatchNormalization(name=f"bn_{number}")


def _chain(layers: list[keras.layers.Layer], x):
    for layer in layers:
        x = layer(x)
    return x
