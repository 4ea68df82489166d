"""Training as `model.fit` does it, but without running the frozen part twice."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import tensorflow as tf

from tlkit.speed.training import Training
from tlkit.speed.views import Views

__all__ = ["fit"]


def fit(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: str | int = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool | str = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int = 1,
) -> keras.callbacks.History:
    """Train a compiled model as `model.fit` does, and reach the same weights, without running the frozen part twice.

    Takes what `keras.Model.fit` takes and does what it does, in one of three gears:

    - `"kept"`: Keras' own `fit` runs. The model is cut at its freeze line; what the frozen part makes of an input is
      computed when the input is first seen, and found by its content ever after: in the next epoch, at the next seed,
      in a smaller budget. The rest is trained by Keras with the model's own layers, optimizer, loss and metrics.
    - `"quick"`: in addition, an epoch is one call of one graph, shared by models that are built alike. Used only where
      everything is of a stock kind on an explicit list, and one batch came out the same.
    - `"plain"`: `model.fit(...)`, because there is nothing to keep, or because the model does something at a step that
      the kit does not know. `verbose` prints why.

    The history says which it was: `history.gear` and `history.why`. `describe_cut` says it beforehand.

    Args:
        model: Any Keras model, compiled.
        x: As for `model.fit`; or a `Split`, a pair `(inputs, labels)` for a model with one input, or `Views` of
            augmented images.
        y: As for `model.fit`, like all that follow.
        batch_size: Rows in a step.
        epochs: Number of the last epoch.
        verbose: The pass through the frozen part has a bar of its own.
        callbacks: One that has a method `on_frozen_pass(done, total)` is told there how far the pass is.
        validation_split: Share of the rows that is held out.
        validation_data: Also a `Split`.
        shuffle: Orders are those that Keras draws; a `tf.data.Dataset` has its own.
        class_weight: Weight of each class.
        sample_weight: Weight of each row.
        initial_epoch: Number of the first epoch.
        steps_per_epoch: Batches of an epoch.
        validation_steps: Batches of an evaluation.
        validation_batch_size: Rows in a step of an evaluation.
        validation_freq: Epochs from one evaluation to the next.

    Returns:
        What `model.fit` returns: a `History`, with the attributes `gear` and `why`.

    Raises:
        ValueError: What `model.fit` raises; and if `Views` are of another frozen part, or are given for validation.

    Example:
    >>> import numpy as np
    >>> image = keras.Input((4, 4, 3))
    >>> features = keras.layers.Conv2D(4, 3, trainable=False)(image)
    >>> model = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(features)))
    >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> history = fit(model, np.ones((8, 4, 4, 3), "float32"), np.zeros(8, int), epochs=3, verbose=0)
    >>> len(history.history["loss"]), history.gear
    (3, 'quick')
    """
    given = dict(locals())
    del given["model"]
    _open_data(model, given)
    _warn_of_endless(given)
    return Training(model, given).run()


def _open_data(model: keras.Model, given: dict[str, Any]) -> None:
    """Splits and pairs as `x` and `y`, in place."""
    x, y, validation = given["x"], given["y"], given["validation_data"]
    if isinstance(x, tf.data.Dataset) and given["shuffle"] is True:
        given["shuffle"] = False  # Keras ignores its own default for data sets, and warns of it each time
    if isinstance(validation, Views):
        msg = "`validation_data` must be images as they are, not random views. Pass a `Split` or a pair."
        raise ValueError(msg)
    if hasattr(validation, "images"):
        given["validation_data"] = validation.images, validation.labels
    if y is not None:
        return
    if hasattr(x, "images"):
        given["x"], given["y"] = x.images, x.labels
    elif isinstance(x, tuple) and len(x) == 2 and _takes_one_input(model):
        given["x"], given["y"] = x


def _takes_one_input(model: keras.Model) -> bool:
    return isinstance(model, keras.Sequential) or len(getattr(model, "inputs", None) or ()) == 1


def _warn_of_endless(given: dict[str, Any]) -> None:
    x = given["x"]
    endless = isinstance(x, tf.data.Dataset) and x.cardinality() == tf.data.INFINITE_CARDINALITY
    if endless and given["steps_per_epoch"] is None:
        warnings.warn(
            "The data set never ends and `steps_per_epoch` is not given: as with `model.fit`, the first epoch goes on "
            "until a callback stops it. Pass `steps_per_epoch`, or leave out `.repeat()`.",
            stacklevel=3,
        )
