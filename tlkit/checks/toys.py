"""Tiny models and data sets that checkers try a learner's functions on. All are built in milliseconds."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

__all__ = ["CountingImages", "hidden_rng", "tiny_backbone", "tiny_classifier", "tiny_images"]

SIZE = 8


def hidden_rng() -> np.random.Generator:
    """Return a generator with a seed of the moment: an answer cannot know the numbers that it is tried on."""
    return np.random.default_rng()


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
    model.set_weights([_draw(weight, rng) for weight in model.weights])
    return model


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
