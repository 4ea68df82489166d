"""Load a backbone with the requested weights."""

from __future__ import annotations

import contextlib
import os
import socket
import traceback
from collections.abc import Generator
from pathlib import Path

import keras

from tlkit.backbones.architectures import find_builder
from tlkit.backbones.build_backbone import build_backbone, seeded
from tlkit.backbones.control import initialise_control
from tlkit.backbones.embedded_weights import (
    EmbeddedWeights,
    assign_arrays,
    find_embedded,
    list_embedded,
    read_arrays,
)
from tlkit.backbones.head import add_head
from tlkit.backbones.sizes import warn_of_large_images
from tlkit.backbones.weight_files import SUFFIXES, load_file

__all__ = ["load_backbone", "load_classifier"]

_TIMEOUT_SECONDS = 10.0


def load_backbone(
    name: str | None = None,
    *,
    weights: str | os.PathLike | None = "photos",
    input_shape: tuple = (64, 64, 3),
    alpha: float | None = None,
    seed: int | None = None,
) -> keras.Model:
    """Load a backbone: a plain, flat `keras.Model` from images to a feature map.

    It includes its own preprocessing, so that every backbone takes the same images.

    Args:
        name: As `list_backbones` names it; `None` means the architecture that the embedded weights belong to.
        weights: One of

            - the name of embedded weights, such as `"photos"`;
            - `"imagenet"`: Keras' own, downloaded once into `~/.keras/models`; those of `"efficientnet_lite0"`, which
              Keras lacks, come with the extra `tlkit[imagenet]` and need no network;
            - `"random"`: no training, He's initial values with a fixed seed. This is the control to compare with; it is
              as wide as the embedded weights of the same architecture, and its BatchNorm layers have seen noise, so
              that it does not lose merely because of the size of its features;
            - `None`: Keras' own initial values, drawn with `seed`;
            - a path to `.weights.h5`, `.h5` or `.keras` as Keras saves weights and models, or to `.npz` as
              `save_embedded` does. A classifier in it is left out. Of a saved model the weights are taken into the
              kit's own graph, so that the preprocessing is inside; a model that prepares its images in another way is
              refused. Where `name` is not given, it is read from the model's name, or from the index beside an `.npz`.
        input_shape: `(height, width, 3)` in pixels; `None` for a side that varies.
        alpha: Width of the mobilenet families. Embedded weights know theirs.
        seed: For `None` and `"random"` (there `None` means 0).

    Returns:
        A model from `(batch, height, width, 3)`, uint8 or float32 in [0, 255], to `(batch, h, w, channels)`.

    Raises:
        ValueError: If an argument names something unknown, or the parts do not fit.
        FileNotFoundError: If a weight file is missing.
        ConnectionError: If `"imagenet"` weights are neither cached nor available within seconds.
        ModuleNotFoundError: If those of `"efficientnet_lite0"` are asked for without the extra `tlkit[imagenet]`.

    Example:
        >>> backbone = load_backbone("mobilenet_v2", weights=None, alpha=0.35, input_shape=(96, 96, 3))
        >>> backbone.output.shape
        (None, 3, 3, 1280)
    """
    if name is not None:
        find_builder(name)
    if isinstance(weights, os.PathLike) or str(weights).endswith(SUFFIXES):
        return load_file(name, Path(weights), input_shape, alpha)
    if weights in (None, "imagenet", "random"):
        return _from_keras(name, weights, input_shape, alpha, seed)
    entry = find_embedded(str(weights), name)
    return _from_embedded(entry, read_arrays(entry), input_shape, alpha)


def load_classifier(
    name: str | None = None, *, weights: str = "photos", input_shape: tuple | None = None
) -> tuple[keras.Model, list[str]]:
    """Load embedded weights with the head that they were trained with.

    Args:
        name: As in `load_backbone`.
        weights: Name of embedded weights.
        input_shape: `(height, width, 3)`; `None` means the size of the images that the weights were trained on.

    Returns:
        The model, from images in [0, 255] to logits `(batch, num_classes)`, and the names of its classes.

    Raises:
        ValueError: If there are no such weights, or the file is damaged.
    """
    entry = find_embedded(weights, name)
    arrays = read_arrays(entry)
    shape = input_shape or (entry.input_size, entry.input_size, 3)
    model = add_head(_from_embedded(entry, arrays, shape, None), entry.num_classes)
    assign_arrays([model.get_layer("head")], arrays, f"The embedded weights {entry.name!r}")
    return model, list(entry.class_names)


def _from_keras(name, weights, input_shape, alpha, seed) -> keras.Model:
    if name is None or (weights == "random" and alpha is None):
        name, alpha = _like_embedded(name, alpha)
    if weights == "imagenet":
        with _download_errors(name, alpha):
            return build_backbone(name, input_shape, alpha=alpha, weights="imagenet")
    with seeded(seed if weights is None else seed or 0):
        model = build_backbone(name, input_shape, alpha=alpha)
    if weights == "random":
        initialise_control(model, seed or 0)
    return model


def _like_embedded(name: str | None, alpha: float | None) -> tuple[str, float | None]:
    """Name and width of the embedded weights, so that a control is the same network."""
    for entry in list_embedded():
        if name in (None, entry.architecture):
            return entry.architecture, entry.alpha if alpha is None else alpha
    if name is None:
        msg = "`name` must be given: there are no embedded weights to take it from. See `list_backbones()`."
        raise ValueError(msg)
    return name, alpha


def _from_embedded(entry: EmbeddedWeights, arrays: dict, input_shape, alpha) -> keras.Model:
    if alpha not in (None, entry.alpha):
        msg = f"`alpha` of the embedded weights {entry.name!r} is {entry.alpha}. Received: {alpha!r}. Leave it out."
        raise ValueError(msg)
    model = build_backbone(entry.architecture, input_shape, alpha=entry.alpha)
    warn_of_large_images(entry, input_shape)
    assign_arrays(model.layers, arrays, f"The embedded weights {entry.name!r}")
    return model


@contextlib.contextmanager
def _download_errors(name: str, alpha: float | None) -> Generator[None]:
    """Bound the wait for Keras' download, and say where its file can be put by hand."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        yield
    except (ValueError, ModuleNotFoundError):
        raise
    except Exception as error:  # Keras wraps what went wrong in a bare Exception
        raise ConnectionError(_offline(name, alpha, error)) from error
    finally:
        socket.setdefaulttimeout(before)


def _keras_home() -> Path:
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()


def _offline(name: str, alpha: float | None, error: Exception) -> str:
    address = _address(error)
    file = address.rsplit("/", 1)[-1] or f"the ImageNet weight file of {name}"
    fitting = [entry for entry in list_embedded() if (entry.architecture, entry.alpha or 1) == (name, alpha or 1)]
    embedded = [f"{entry.name!r} ({entry.architecture})" for entry in fitting]
    other = f" or take embedded weights: {', '.join(embedded)}." if embedded else ""
    reason = " ".join(str(error).split()).rstrip(".")
    return (
        f"The ImageNet weights of {name!r} could not be downloaded: {reason}. "
        f"Offline, put {file} into {_keras_home() / 'models'} (from {address or 'another machine'}), "
        f"pass a file of weights that you have, `weights=PATH`,{other}".rstrip(",")
        + ("" if embedded else f". No embedded weights exist for {name!r} of this width.")
    )


def _address(error: Exception) -> str:
    """What was being downloaded: Keras' function knows, but a time-out's message does not say."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return next((frame.f_locals["origin"] for frame in frames if "origin" in frame.f_locals), "")
