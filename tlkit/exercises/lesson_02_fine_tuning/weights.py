"""How a model's weight arrays changed."""

from __future__ import annotations

import tlkit.quiet_start

import keras
import numpy as np

__all__ = ["arrays_of", "differences", "layers_of"]


def layers_of(model: keras.Model) -> list[keras.Layer]:
    nested = [layers_of(layer) if isinstance(layer, keras.Model) else [layer] for layer in model.layers]
    return [layer for group in nested for layer in group]


def arrays_of(model: keras.Model) -> list[np.ndarray]:
    return [np.array(weight.numpy()) for layer in layers_of(model) for weight in layer.weights]


def differences(model: keras.Model, before: list[np.ndarray]) -> dict[str, float]:
    """Largest change of each weight array, by `layer/name`."""
    names = [f"{layer.name}/{weight.name}" for layer in layers_of(model) for weight in layer.weights]
    arrays = [np.array(weight.numpy()) for layer in layers_of(model) for weight in layer.weights]
    return {name: float(np.abs(new - old).max()) for name, new, old in zip(names, arrays, before, strict=True)}
