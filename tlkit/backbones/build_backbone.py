"""Build an architecture as one flat graph that takes images in [0, 255]."""

from __future__ import annotations

import contextlib
import functools
import inspect
import random
import re
from collections.abc import Generator
from typing import cast

import keras
import numpy as np

from tlkit.backbones.architectures import family_of, find_builder, preprocess_input_of
from tlkit.counts import check_count

__all__ = ["build_backbone", "preprocess", "seeded"]


def build_backbone(
    name: str, input_shape: tuple, *, alpha: float | None = None, weights: str | None = None
) -> keras.Model:
    """Return the architecture from the image in [0, 255] to the last feature map, without nested models.

    Args:
        name: As `list_backbones` names it.
        input_shape: `(height, width, 3)`; `None` for a side that varies.
        alpha: Width multiplier, for the families that have one; `None` means Keras' default.
        weights: `None` or `"imagenet"`, as Keras takes it.

    Raises:
        ValueError: If the name is unknown, the image too small or `alpha` not applicable.
    """
    builder = find_builder(name)
    input_shape = _checked_shape(input_shape)
    image = keras.Input(input_shape, name="image")
    x = preprocess(image, family_of(builder))
    options = {} if alpha is None else {"alpha": _checked_alpha(alpha, name, builder)}
    try:
        built = builder(include_top=False, weights=weights, input_tensor=x, input_shape=input_shape, **options)
    except ValueError as error:
        raise _explained(error, name, input_shape) from error
    # Keras' builders make a model of a list of inputs, which then warns at every call with one array.
    model = keras.Model(image, built.outputs[0], name=name)
    return flatten(model, copy_weights=weights is not None)


def preprocess(image: keras.KerasTensor, family: str) -> keras.KerasTensor:
    """Apply what `keras.applications.<family>.preprocess_input` does, as plain Keras operations.

    The constants are read from that function itself: it maps each channel linearly, perhaps after a flip to BGR.

    Args:
        image: `(batch, height, width, 3)` in [0, 255].
        family: A module of `keras.applications`.
    """
    flipped, scale, offset = preprocessing_constants(family)
    if flipped:
        image = cast(keras.KerasTensor, keras.ops.flip(image, axis=-1))
    if np.allclose(scale, 1, rtol=0, atol=1e-9) and not np.any(offset):
        return image  # either nothing to do, or the architecture does it itself
    return keras.layers.Rescaling(scale, offset, name="preprocessing")(image)


def preprocessing_constants(family: str) -> tuple[bool, list[float], list[float]]:
    """Measure `preprocess_input`: whether it flips to BGR, and the scale and offset of each output channel."""
    function = preprocess_input_of(family)
    probe = np.concatenate([np.zeros((1, 3)), 255 * np.eye(3)]).reshape(4, 1, 1, 3)  # black, red, green, blue
    black, *colours = function(probe.copy(), data_format="channels_last").reshape(4, 3)
    response = (np.array(colours) - black) / 255  # (input channel, output channel)
    flipped = bool(response[0, 0] == 0)
    scale = response[::-1].diagonal() if flipped else response.diagonal()
    return flipped, scale.tolist(), black.tolist()


def flatten(model: keras.Model, *, copy_weights: bool = True) -> keras.Model:
    """Return a model in which nested models are flattened into the outer graph; the same model if none is nested.

    Args:
        model: A functional model; those nested in it are sequential.
        copy_weights: Whether the copies take over the weights; otherwise they are initialised again.
    """
    if not any(isinstance(layer, keras.Model) for layer in model.layers):
        return model
    copies = {}

    def clone(operation):
        if not isinstance(operation, keras.Model):
            copies[operation] = operation.__class__.from_config(operation.get_config())
        return copies.get(operation, operation)

    def call(operation, *args, **kwargs):
        if not isinstance(operation, keras.Sequential):
            return operation(*args, **kwargs)
        return functools.reduce(lambda x, layer: clone(layer)(x), operation.layers, args[0])

    flat = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer, copy in copies.items() if copy_weights else ():
        if getattr(layer, "weights", None):
            copy.set_weights(layer.get_weights())
    return flat


@contextlib.contextmanager
def seeded(seed: int | None) -> Generator[None]:
    """Make the initial weights of layers that are made inside depend on `seed` alone; the caller's state is kept.

    Keras draws an initializer's seed from Python's generator. `None` leaves everything as it is.
    """
    if seed is None:
        yield
        return
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def _checked_shape(input_shape) -> tuple:
    shape = tuple(input_shape) if isinstance(input_shape, (tuple, list)) else ()
    try:
        sides = tuple(side if side is None else check_count("input_shape", side) for side in shape)
    except ValueError:
        sides = ()
    if len(sides) != 3 or sides[2] != 3:
        msg = f"`input_shape` must be (height, width, 3), in pixels. Received: {input_shape!r}. Example: (64, 64, 3)."
        raise ValueError(msg)
    return sides


def _checked_alpha(alpha: float, name: str, builder) -> float:
    if "alpha" not in inspect.signature(builder).parameters:
        msg = f"`alpha` is the width of a mobilenet; {name!r} has none. Received: alpha={alpha!r}. Leave it out."
        raise ValueError(msg)
    return alpha


def _explained(error: ValueError, name: str, input_shape) -> ValueError:
    """Turn Keras' complaint about a small image into one that says what to do."""
    minimum = re.search(r"at least (\d+)\s*x\s*\1", str(error))
    if not minimum:
        return error
    side = minimum[1]
    return ValueError(
        f"`input_shape` of {name!r} must be at least ({side}, {side}, 3). Received: {tuple(input_shape)}. "
        f"Load the images at {side} pixels or more, or take a backbone without this minimum, such as 'mobilenet_v2'."
    )
