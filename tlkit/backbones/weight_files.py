"""Backbones from weight files and saved models: of Keras, of this kit, with and without a classifier."""

from __future__ import annotations

import contextlib
import re
import warnings
import zipfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

import h5py
import keras
import numpy as np

from tlkit.backbones.architectures import builders, family_of, find_builder, preprocess_input_of
from tlkit.backbones.build_backbone import build_backbone
from tlkit.backbones.embedded_weights import assign_arrays, entry_of, read_npz
from tlkit.backbones.stable import stable_arrays, stable_name, stable_variables, with_stable_names

__all__ = ["SUFFIXES", "load_file"]

SUFFIXES = (".weights.h5", ".h5", ".keras", ".npz")
_MOST_OF_A_HEAD = 4  # layers with weights behind the backbone that are taken for a classifier
_IMAGE_SIDE = 64  # of the images on which two models are compared, where a model takes any


def load_file(name: str | None, path: Path, input_shape: tuple, alpha: float | None) -> keras.Model:
    """Return the backbone of a file; see `load_backbone`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged, or is of another architecture.
    """
    if not path.is_file():
        msg = f"`weights` names a missing file: {path}. Check the path; the current folder is {Path.cwd()}."
        raise FileNotFoundError(msg)
    if path.suffix != ".npz":
        _check_readable(path)
    if _is_whole_model(path):
        return _from_model(name, path, input_shape, alpha)
    if path.suffix == ".npz" and name is None:
        name, alpha = entry_of(path) or (None, None)
    if name is None:
        msg = f"`name` must be given with a weight file: {path.name} does not say which architecture it is for."
        raise ValueError(msg)
    return _from_weights(build_backbone(name, input_shape, alpha=alpha), alpha, path)


def _from_weights(model: keras.Model, alpha: float | None, path: Path) -> keras.Model:
    if path.name.endswith(".weights.h5"):
        _check_size(model, path)
        return _load_weights(model, alpha, path)
    if path.suffix == ".npz":
        _assign(model, read_npz(path), path)
        return model
    try:
        _assign(model, _read_legacy(path), path)
        return model
    except ValueError:
        # Files older than names such as `kernel` are matched by the order of layers
        with contextlib.suppress(ValueError):
            return _load_weights(model, alpha, path)
        raise


def _assign(model: keras.Model, arrays: dict[str, np.ndarray], path: Path) -> None:
    """By names; what the file has more must come behind: a larger network of the family has more in between."""
    assign_arrays(model.layers, arrays, f"The weights in {path.name}")
    names = list(dict.fromkeys(key.rpartition("/")[0] for key in with_stable_names(arrays, model.layers)))
    needed = {key.rpartition("/")[0] for key in stable_variables(model.layers)}
    last = max(number for number, name in enumerate(names) if name in needed)
    between = [name for name in names[:last] if name not in needed]
    if between:
        raise ValueError(_larger(model, path, f"{between[0]!r} and {len(between) - 1} other layers"))


def _larger(model: keras.Model, path: Path, more: str) -> str:
    return (
        f"The weights in {path.name} do not fit {model.name!r}: they are of a network with {more} more. Check `name`."
    )


def _check_readable(path: Path) -> None:
    zipped = path.suffix == ".keras"
    if not (zipfile.is_zipfile(path) if zipped else _is_whole_hdf5(path)):
        kind = "a zip archive, as `model.save` makes it" if zipped else "an HDF5 file, as `save_weights` makes it"
        msg = f"{path.name} is not a readable weight file: it must be {kind}. Is it damaged, or only partly copied?"
        raise ValueError(msg)


def _is_whole_hdf5(path: Path) -> bool:
    with contextlib.suppress(OSError), h5py.File(path):
        return True
    return False


def _is_whole_model(path: Path) -> bool:
    if path.suffix != ".h5":
        return path.suffix == ".keras"
    with h5py.File(path) as file:
        return "model_config" in file.attrs


def _read_legacy(path: Path) -> dict[str, np.ndarray]:
    """Arrays of an HDF5 file as Keras 2 and Keras Applications save weights: a group for each layer."""
    with h5py.File(path) as file:
        if "layer_names" not in file.attrs:
            msg = f"{path.name} does not hold weights by layers. Save them again: `save_weights('name.weights.h5')`."
            raise ValueError(msg)
        names = [(layer, key) for layer in _texts(file, "layer_names") for key in _texts(file[layer], "weight_names")]
        return {f"{layer}/{_own_name(key)}": np.asarray(file[f"{layer}/{key}"]) for layer, key in names}


def _texts(group: Any, attribute: str) -> list[str]:
    parts = [attribute] if attribute in group.attrs else [key for key in group.attrs if key.startswith(attribute)]
    values = [value for key in sorted(parts) for value in group.attrs[key]]
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _own_name(key: str) -> str:
    return key.split("/")[-1].split(":")[0]


def _check_size(model: keras.Model, path: Path) -> None:
    with h5py.File(path) as file:
        layers = file["layers"].values() if "layers" in file else ()
        held = sum(len(layer.get("vars", ())) > 0 for layer in layers)
    more = held - sum(bool(layer.weights) for layer in model.layers)
    if more > _MOST_OF_A_HEAD:
        raise ValueError(_larger(model, path, f"{more} layers"))


def _load_weights(model: keras.Model, alpha: float | None, path: Path) -> keras.Model:
    """Keras' own loading: by kinds and order of layers; what a classifier adds behind them is not looked at."""
    try:
        with quiet_loading():
            model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        with contextlib.suppress(Exception), quiet_loading():  # into the graph as Keras builds it, with nested models
            return build_backbone(model.name, model.input_shape[1:], alpha=alpha, weights=str(path))
        text = str(error).split("List of objects")[0]
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        reason = " ".join(line if line[-1] in ".:!?" else f"{line}." for line in lines)
        msg = f"The weights in {path.name} do not fit {model.name!r}. Check `name` and `alpha`. Keras says: {reason}"
        raise ValueError(msg) from error
    return model


@contextlib.contextmanager
def quiet_loading() -> Generator[None]:
    """Keras 3.15 warns of every list of layers in a functional model, which its files never hold."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping nested container")
        yield


def _from_model(name: str | None, path: Path, input_shape: tuple, alpha: float | None) -> keras.Model:
    """The backbone inside a saved model: its weights in the kit's own graph, if both see images in the same way."""
    loaded = _load_model(path)
    known = _recognise(loaded)
    if name is None and known is None:
        return _as_it_stands(loaded, path, input_shape)
    architecture = name or cast(str, known)
    alpha = _alpha_of(loaded, architecture) if alpha is None else alpha
    ours = build_backbone(architecture, _shape_of(loaded, path), alpha=alpha)
    holder = _holder(loaded, ours, f"The weights in {path.name}", known)
    _assign(ours, stable_arrays(_leaves(holder)), path)
    _check_images(loaded, holder, ours, architecture, path)
    _tell_what_is_left_out(loaded, ours, path)
    if ours.input_shape[1:] == tuple(input_shape):
        return ours
    model = build_backbone(architecture, input_shape, alpha=alpha)
    assign_arrays(model.layers, stable_arrays(ours.layers), f"The weights in {path.name}")
    return model


def _load_model(path: Path) -> keras.Model:
    try:
        with quiet_loading():
            return cast(keras.Model, keras.models.load_model(path, compile=False))
    except Exception as error:
        reason = " ".join(str(error).split())
        msg = f"Keras cannot load the model in {path.name}: it may be damaged, or need a class or function of its own. "
        msg += f"Save the backbone's weights alone, by `save_weights('name.weights.h5')`. Keras says: {reason}"
        raise ValueError(msg) from error


def _models(model: keras.Model) -> list[keras.Model]:
    return [layer for layer in model._flatten_layers() if isinstance(layer, keras.Model)]


def _recognise(model: keras.Model) -> str | None:
    """The architecture that a model, or one nested in it, is named after, as Keras and the kit name theirs."""
    plain = {re.sub(r"\W|_", "", name): name for name in builders()}
    for part in _models(model):
        fitting = [key for key in plain if re.sub(r"\W|_", "", part.name.lower()).startswith(key)]
        if fitting:
            return plain[max(fitting, key=len)]
    return None


def _alpha_of(model: keras.Model, architecture: str) -> float | None:
    """Keras writes the width of a mobilenet into its model's name, as in `mobilenetv2_0.35_96`."""
    widths = [re.search(r"_(\d\.\d+)_", part.name) for part in _models(model)]
    return next((float(width[1]) for width in widths if width and architecture.startswith("mobilenet")), None)


def _shape_of(model: keras.Model, path: Path) -> tuple:
    shapes = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 3:
        msg = f"{path.name} must take one image (height, width, 3). It takes {shapes}."
        raise ValueError(msg)
    return shapes[0]


def _as_it_stands(model: keras.Model, path: Path, input_shape: tuple) -> keras.Model:
    """A network of the user's own: nothing is known about it, so nothing is changed, and that is said."""
    if len(model.outputs) != 1 or len(model.outputs[0].shape) != 4:
        shapes = [tensor.shape for tensor in model.outputs]
        msg = f"{path.name} holds {model.name!r}, no architecture that the kit knows by its name, and gives {shapes}, "
        msg += "no feature map. Pass `name`, or save the part up to the last feature map."
        raise ValueError(msg)
    if _shape_of(model, path) != tuple(input_shape):
        msg = f"{path.name} holds {model.name!r} for images {_shape_of(model, path)}. Received: "
        msg += f"input_shape={tuple(input_shape)}. Pass what it holds."
        raise ValueError(msg)
    warnings.warn(
        f"{path.name} holds {model.name!r}, no architecture that the kit knows by its name: it is used as it stands. "
        "Its own preprocessing must be inside, since it is given images in [0, 255]. Pass `name` if it is one of "
        "`list_backbones()`.",
        stacklevel=4,
    )
    return model


def _holder(loaded: keras.Model, ours: keras.Model, source: str, known: str | None) -> keras.Model:
    """The model in `loaded` (itself, or one nested in it) that has all weights of the architecture."""
    needed = {key: tuple(variable.shape) for key, variable in stable_variables(ours.layers).items()}
    best: dict[str, tuple] = {}
    for part in sorted(_models(loaded), key=lambda part: len(_leaves(part))):  # the innermost that has all
        held = {key: array.shape for key, array in stable_arrays(_leaves(part)).items()}
        if all(held.get(key) == shape for key, shape in needed.items()):
            return part
        best = max(best, held, key=lambda shapes: len(shapes.keys() & needed.keys()))
    key = next(key for key, shape in needed.items() if best.get(key) != shape)
    found = f"has shape {best[key]}" if key in best else "is missing"
    looks = f" The file is named as {known!r}." if known and known != ours.name else ""
    msg = (
        f"{source} do not fit {ours.name!r}: {key!r} {found}, expected {needed[key]}.{looks} Check `name` and `alpha`."
    )
    raise ValueError(msg)


def _check_images(loaded: keras.Model, holder: keras.Model, ours: keras.Model, name: str, path: Path) -> None:
    """Run both on images in [0, 255]: a saved model may prepare them in itself, leave it to its user, or do it anew."""
    sides = [side or _IMAGE_SIDE for side in ours.input_shape[1:3]]
    images = np.random.default_rng(0).uniform(0, 255, (2, *sides, 3)).astype("float32")
    last = [layer for layer in ours.layers if layer.weights][-1]
    expected = np.asarray(keras.Model(ours.inputs[0], last.output)(images))
    theirs = _features(loaded, holder, stable_name(last, ours.layers))
    prepare = preprocess_input_of(family_of(find_builder(name)))
    for prepared in (images, prepare(images.copy(), data_format="channels_last")):
        found = theirs(prepared)
        if found.shape == expected.shape and np.allclose(found, expected, rtol=0, atol=1e-3 * np.abs(expected).max()):
            return
    msg = f"{path.name} prepares its images in a way of its own, neither as {name!r} does in the kit nor as "
    msg += "`preprocess_input` of Keras does: with the kit's preprocessing its weights would see other images. Load it "
    msg += "by `keras.models.load_model`, or, to have the kit's, save the backbone's weights alone, by `save_weights`."
    raise ValueError(msg)


def _features(loaded: keras.Model, holder: keras.Model, name: str) -> Callable:
    """What `loaded` makes of an image up to a layer of `holder`."""
    layer = next(layer for layer in holder.layers if stable_name(layer, _leaves(holder)) == name)
    inside = keras.Model(holder.inputs[0], layer.output)
    if holder is loaded:
        return lambda images: np.asarray(inside(images, training=False))
    for node in holder._inbound_nodes:
        with contextlib.suppress(ValueError):  # a call of the nested model in another graph
            before = keras.Model(loaded.inputs[0], node.input_tensors[0])
            return lambda images: np.asarray(inside(before(images, training=False), training=False))
    return lambda _: np.zeros(0)


def _tell_what_is_left_out(loaded: keras.Model, ours: keras.Model, path: Path) -> None:
    leaves = _leaves(loaded)
    kept = {key.rpartition("/")[0] for key in stable_variables(ours.layers)}
    more = [leaf.name for leaf in leaves if leaf.weights and stable_name(leaf, leaves) not in kept]
    if more:
        warnings.warn(f"{path.name} holds more than a backbone: {', '.join(more)} is left out.", stacklevel=4)


def _leaves(model: keras.Model) -> list[keras.Layer]:
    return [layer for layer in model._flatten_layers() if not isinstance(layer, keras.Model)]
