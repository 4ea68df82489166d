"""A network that has not been trained, as a fair control: its features have the size of a trained one's."""

from __future__ import annotations

import keras
import numpy as np

__all__ = ["initialise_control"]


def initialise_control(model: keras.Model, seed: int) -> None:
    """Give a model random kernels that keep the size of the signal. No image and no label is used.

    Args:
        model: A flat model that takes images in [0, 255].
        seed: Decides all of it.
    """
    _initialise_he(model, seed)
    _calibrate_batchnorm(model, seed)


def _initialise_he(model: keras.Model, seed: int) -> None:
    """Draw all kernels anew: normal, variance 2 / fan-in ([He et al., 2015](https://arxiv.org/abs/1502.01852))."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        for variable in layer.trainable_weights:
            if len(variable.shape) >= 2:
                variable.assign(rng.standard_normal(variable.shape, np.float32) * (2 / _fan_in(layer, variable)) ** 0.5)


def _calibrate_batchnorm(model: keras.Model, seed: int) -> None:
    """Set the moving statistics to those of noise; without any, the signal fades to 1e-5 in some families."""
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    model(_noise(np.random.default_rng(seed), [side or 64 for side in model.input_shape[1:3]]), training=True)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum


def _noise(rng: np.random.Generator, sides: list[int]) -> np.ndarray:
    """Images `(64, height, width, 3)` in [0, 255] that differ in colour, contrast and fineness, as photos do."""
    images = rng.uniform(0, 255, (64, 1, 1, 3))
    for size in (2, 4, 8, 16):
        coarse = rng.normal(0, 1, (64, size, size, 3)) * rng.uniform(0, 60, (64, 1, 1, 1))
        images = images + np.asarray(keras.ops.image.resize(coarse.astype(np.float32), sides))
    return np.clip(images, 0, 255).astype(np.float32)


def _fan_in(layer: keras.Layer, variable: keras.Variable) -> int:
    """Inputs of one output. A depthwise kernel `(h, w, channels, multiplier)` sees one channel at a time."""
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) or variable.name.startswith("depthwise")
    return int(np.prod(variable.shape[:2] if depthwise else variable.shape[:-1]))
