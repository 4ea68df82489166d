"""Restart training without tracing it again: repeated runs then cost steps, not compilation."""

from __future__ import annotations

import tlkit.quiet_start

import keras

from tlkit.backbones.build_backbone import seeded

__all__ = ["renew_optimizer", "restart"]


def restart(model: keras.Model, seed: int) -> keras.Model:
    """Give a model new initial weights and its optimizer an empty memory.

    A new model must be traced before its first step, which on a small CPU costs more than a short training run.
    The same model with new weights does not. What is trainable, the loss and the learning rate stay the same.

    Args:
        model: Built; compiled or not. Changed in place.
        seed: The seed of the initial weights. An initializer that was given a seed of its own keeps it.

    Returns:
        The model.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> first, second, again = (restart(model, seed).get_weights()[0] for seed in (0, 1, 0))
    >>> bool(np.array_equal(first, again)), bool(np.array_equal(first, second))
    (True, False)
    """
    with seeded(seed):
        model.set_weights(keras.models.clone_model(model).get_weights())
    if model.compiled and model.optimizer.built:
        renew_optimizer(model)
    return model


def renew_optimizer(model: keras.Model) -> None:
    """Empty the memory of a compiled model's optimizer: moments, averages, the number of steps."""
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    optimizer.build(model.trainable_variables)
    model.optimizer.build(model.trainable_variables)
    for mine, fresh in zip(model.optimizer.variables, optimizer.variables, strict=True):
        mine.assign(fresh)
