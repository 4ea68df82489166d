"""Load a backbone with the weights that are asked for."""

from __future__ import annotations

import contextlib
import os
import socket
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import keras

from tlkit.backbones.build import build_backbone, seeded
from tlkit.backbones.catalog import find_builder
from tlkit.backbones.control import initialise_control
from tlkit.backbones.embedded import (
    EmbeddedWeights,
    assign_arrays,
    find_embedded,
    list_embedded,
    read_arrays,
    read_npz,
)
from tlkit.backbones.head import add_head

__all__ = ["load_backbone", "load_classifier"]

_SUFFIXES = (".weights.h5", ".h5", ".keras", ".npz")
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

    Its own preprocessing is inside, so that every backbone takes the same images.

    Args:
        name: As `list_backbones` names it; `None` means the architecture that the embedded weights belong to.
        weights: One of

            - the name of embedded weights, such as `"photos"`;
            - `"imagenet"`: Keras' own, downloaded once into `~/.keras/models`;
            - `"random"`: no training, He's initial values of a fixed seed. The control to compare with; it is as wide
              as the embedded weights of the same architecture, and its BatchNorm layers have seen noise, so
              that it does not lose for the size of its features alone;
            - `None`: Keras' own initial values, of `seed`;
            - a path to `.weights.h5` or `.keras` as Keras saves them, or to `.npz` as `save_embedded` does.
        input_shape: `(height, width, 3)` in pixels; `None` for a side that varies.
        alpha: Width of the mobilenet families. Embedded weights know theirs.
        seed: For `None` and `"random"` (there `None` means 0).

    Returns:
        A model from `(batch, height, width, 3)`, uint8 or float32 in [0, 255], to `(batch, h, w, channels)`.

    Raises:
        ValueError: If an argument names nothing that there is, or the parts do not fit.
        FileNotFoundError: If a weight file is missing.
        ConnectionError: If `"imagenet"` weights are neither cached nor to be had within seconds.

    Example:
        >>> backbone = load_backbone("mobilenet_v2", weights=None, alpha=0.35, input_shape=(96, 96, 3))
        >>> backbone.output.shape
        (None, 3, 3, 1280)
    """
    if name is not None:
        find_builder(name)
    if isinstance(weights, os.PathLike) or str(weights).endswith(_SUFFIXES):
        return _from_file(name, Path(os.fspath(weights)), input_shape, alpha)
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
        with _download_errors(name):
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
    assign_arrays(model.layers, arrays, f"The embedded weights {entry.name!r}")
    return model


def _from_file(name: str | None, path: Path, input_shape, alpha) -> keras.Model:
    if not path.is_file():
        msg = f"`weights` names a file that is not there: {path}. Check the path; the current folder is {Path.cwd()}."
        raise FileNotFoundError(msg)
    if path.suffix == ".keras":
        return _whole_model(name, path, input_shape)
    if name is None:
        msg = f"`name` must be given with a weight file: {path.name} does not say which architecture it is of."
        raise ValueError(msg)
    model = build_backbone(name, input_shape, alpha=alpha)
    if path.suffix == ".npz":
        assign_arrays(model.layers, read_npz(path), f"The weights in {path.name}")
        return model
    try:
        with _quiet_loading():
            model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        msg = f"The weights in {path} do not fit {name!r}: {reason} Check `name` and `alpha`."
        raise ValueError(msg) from error
    return model


@contextlib.contextmanager
def _quiet_loading() -> Iterator[None]:
    """Keras 3.15 warns of every list of layers in a functional model, which its files never hold."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping nested container")
        yield


def _whole_model(name: str | None, path: Path, input_shape) -> keras.Model:
    """A `.keras` file has its own graph, which is returned as it is: it must be the one that was asked for."""
    with _quiet_loading():
        model = cast(keras.Model, keras.models.load_model(path, compile=False))
    if name not in (None, model.name) or tuple(model.input_shape[1:]) != tuple(input_shape):
        msg = f"{path.name} holds {model.name!r} for images {model.input_shape[1:]}. Received: name={name!r}, "
        msg += f"input_shape={tuple(input_shape)}. Pass what it holds, or save its weights alone."
        raise ValueError(msg)
    if len(model.output_shape) != 4:
        msg = f"{path.name} gives {model.output_shape}, no feature map. Save the backbone without its head."
        raise ValueError(msg)
    return model


@contextlib.contextmanager
def _download_errors(name: str) -> Iterator[None]:
    """Bound the wait for Keras' download, and say where its file can be put by hand."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        yield
    except ValueError:
        raise
    except Exception as error:  # Keras wraps what went wrong in a bare Exception
        raise ConnectionError(_offline(name, error)) from error
    finally:
        socket.setdefaulttimeout(before)


def _keras_home() -> Path:
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()


def _offline(name: str, error: Exception) -> str:
    address = _address(error)
    file = address.rsplit("/", 1)[-1] or f"the ImageNet weight file of {name}"
    embedded = ", ".join(f"{e.name!r} ({e.architecture})" for e in list_embedded()) or "none"
    return (
        f"The ImageNet weights of {name!r} could not be downloaded: {error}. "
        f"Offline, put {file} into {_keras_home() / 'models'} (from {address or 'another machine'}), "
        f"or use embedded weights: {embedded}."
    )


def _address(error: Exception) -> str:
    """What was being downloaded: Keras' function knows, but a time-out's message does not say."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return next((frame.f_locals["origin"] for frame in frames if "origin" in frame.f_locals), "")
