"""Weights that come with the kit: an index, a reader that trusts no file, and a writer for the recipes.

A weight file is an uncompressed NumPy archive with one array for each variable, under `<layer>/<variable>`; layers that
Keras numbers are counted within their model, so that a name does not depend on what else was built. Kernels
are stored in half precision, everything else (biases, BatchNorm) as it is; `head/kernel` and `head/bias` are the
classifier that the backbone was trained with.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tlkit.backbones.stable import stable_variables, with_stable_names
from tlkit.choices import nearest_or_all
from tlkit.files import write_whole
from tlkit.paths import data_dir

__all__ = [
    "EmbeddedWeights",
    "assign_arrays",
    "compact_array",
    "entry_of",
    "find_embedded",
    "list_embedded",
    "read_arrays",
    "save_embedded",
    "weights_dir",
]

_REQUIRED = ("architecture", "alpha", "input_size", "source", "class_names")


@dataclass(frozen=True)
class EmbeddedWeights:
    """An entry of the index.

    Attributes:
        name: As `load_backbone(weights=...)` takes it.
        architecture: The backbone's name.
        alpha: Its width, or `None` where the architecture has no such option.
        input_size: Side of the images that it was trained on, in pixels.
        source: Name of the data that it was trained on. Entries of different architectures may share it.
        class_names: The class names of the source task, in the order of the head's outputs.
        file: The weight file.
        sha256: Its checksum.
        facts: Everything the index says, including accuracy and how the weights were made.
    """

    name: str
    architecture: str
    alpha: float | None
    input_size: int
    source: str
    class_names: tuple[str, ...]
    file: Path
    sha256: str
    facts: dict = field(repr=False)

    @property
    def num_classes(self) -> int:
        """Number of classes of the source task."""
        return len(self.class_names)


def weights_dir() -> Path:
    """Return the folder of embedded weights."""
    return data_dir() / "weights"


def list_embedded() -> list[EmbeddedWeights]:
    """List the embedded weights, the default first. Reads the index, no weight file.

    Raises:
        ValueError: If the index is damaged.
    """
    folder = weights_dir()
    if not (folder / "weights.json").exists():
        return []
    try:
        index = json.loads((folder / "weights.json").read_text("utf-8"))
        return [_entry(name, facts, folder) for name, facts in index["weights"].items()]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        msg = f"The index of embedded weights is damaged: {folder / 'weights.json'} ({error!r}). Reinstall tlkit."
        raise ValueError(msg) from error


def find_embedded(weights: str, architecture: str | None = None) -> EmbeddedWeights:
    """Return the entry of that name, or of that source and architecture.

    Args:
        weights: Name of an entry, or of a source that several entries share.
        architecture: Which backbone; `None` means the first that matches.

    Raises:
        ValueError: If there is none.
    """
    entries = list_embedded()
    named = sorted((e for e in entries if weights in (e.name, e.source)), key=lambda e: e.name != weights)
    for entry in named:
        if architecture in (None, entry.architecture):
            return entry
    raise ValueError(_not_found(weights, architecture, entries, named))


def read_arrays(entry: EmbeddedWeights) -> dict[str, np.ndarray]:
    """Read a weight file after comparing its checksum.

    Raises:
        FileNotFoundError: If the file is missing.
        ValueError: If it is not the file that the index describes.
    """
    if not entry.file.is_file():
        msg = f"The embedded weights {entry.name!r} are missing: no file {entry.file}. Reinstall tlkit."
        raise FileNotFoundError(msg)
    found = hashlib.sha256(entry.file.read_bytes()).hexdigest()
    if found != entry.sha256:
        msg = f"The embedded weights {entry.name!r} are damaged: {entry.file} has SHA-256 {found}, "
        msg += f"the index says {entry.sha256}. Restore the file or reinstall tlkit."
        raise ValueError(msg)
    return read_npz(entry.file)


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Read an archive of arrays; nothing in it is executed."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        msg = f"{path} is not a readable weight file of this kit: {error}. It is made by `save_embedded`."
        raise ValueError(msg) from error


def assign_arrays(layers: list[keras.Layer], arrays: dict[str, np.ndarray], source: str) -> None:
    """Give every variable of the layers its array. On an error no variable is changed.

    Raises:
        ValueError: If an array is missing, or has another shape.
    """
    variables, arrays = stable_variables(layers), with_stable_names(arrays, layers)
    for key, variable in variables.items():
        needed = tuple(variable.shape)
        if key not in arrays or arrays[key].shape != needed:
            found = f"has shape {arrays[key].shape}" if key in arrays else "is missing"
            msg = (
                f"{source} do not fit this architecture: {key!r} {found}, expected {needed}. Check `name` and `alpha`."
            )
            raise ValueError(msg)
    for key, variable in variables.items():
        variable.assign(arrays[key].astype(variable.dtype))
    for layer in layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # what it computes with is derived from its variables


def entry_of(path: Path) -> tuple[str, float | None] | None:
    """Return the architecture and width that the index beside a weight file gives for it; `None` if it does not."""
    index = path.with_name("weights.json")
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        entries = json.loads(index.read_text("utf-8"))["weights"].values()
        return next(((entry["architecture"], entry["alpha"]) for entry in entries if entry["file"] == path.name), None)
    return None


def save_embedded(
    name: str, backbone: keras.Model, head: keras.layers.Dense, facts: dict, *, directory: str | os.PathLike
) -> EmbeddedWeights:
    """Write a weight file and its entry in the folder's index; an entry of the same name is replaced.

    Args:
        name: Name of the entry and, with `.npz`, of the file.
        backbone: The trained backbone, built by `keras.applications` or `load_backbone`.
        head: The linear layer that was trained with it, on averaged features.
        facts: At least `architecture`, `alpha` (or `None`), `input_size` (pixels), `source` and `class_names`; the
            rest (accuracy, card, recipe) is stored as it is and must be JSON.
        directory: The folder; `weights_dir()` of a repository.

    Returns:
        The entry as it is then read back.

    Raises:
        ValueError: If a fact is missing, or a weight is not finite.
    """
    _check_facts(facts, head)
    _check_finalized(backbone.layers)
    arrays = {key: compact_array(key, np.asarray(v)) for key, v in stable_variables(backbone.layers).items()}
    arrays |= {"head/kernel": compact_array("head/kernel", np.asarray(head.kernel)), "head/bias": np.asarray(head.bias)}
    folder, stored = Path(directory), io.BytesIO()
    np.savez(stored, **arrays)
    file, index_file = folder / f"{name}.npz", folder / "weights.json"
    write_whole(file, stored.getvalue())
    entry = {"file": file.name, "sha256": hashlib.sha256(stored.getvalue()).hexdigest(), **facts}
    index = json.loads(index_file.read_text("utf-8")) if index_file.exists() else {"weights": {}}
    index["weights"][name] = entry
    write_whole(index_file, json.dumps(index, indent=1, ensure_ascii=False) + "\n")
    return _entry(name, entry, folder)


def _entry(name: str, facts: dict, folder: Path) -> EmbeddedWeights:
    known = {key: facts[key] for key in ("architecture", "alpha", "input_size", "source", "sha256")}
    return EmbeddedWeights(
        name=name, class_names=tuple(facts["class_names"]), file=folder / facts["file"], facts=facts, **known
    )


def _not_found(weights: str, architecture: str | None, entries: list, named: list) -> str:
    if named:
        fitting = ", ".join(entry.architecture for entry in named)
        also = [entry.name for entry in entries if entry.architecture == architecture]
        other = f" Embedded for {architecture!r}: {', '.join(also)}." if also else ""
        return f"`weights={weights!r}` exist for: {fitting}. Received: name={architecture!r}.{other}"
    allowed = ["imagenet", "random", *(entry.name for entry in entries)]
    return (
        f"`weights` must be None, 'imagenet', 'random', an embedded name or a path to a weight file. "
        f"Received: {weights!r}.{nearest_or_all(weights, allowed)}"
    )


def _flat(value: Any) -> np.ndarray:
    return np.ravel(value)


def _check_finalized(layers: list[keras.Layer]) -> None:
    """A `Normalization` computes with what it derived from its variables, which alone are stored."""
    for layer in layers:
        if isinstance(layer, keras.layers.Normalization) and hasattr(layer, "adapt_mean"):
            used = _flat(layer.mean), _flat(layer.variance)
            if not all(map(np.array_equal, used, (_flat(layer.adapt_mean), _flat(layer.adapt_variance)))):
                msg = f"{layer.name!r} does not compute with the mean and variance that it holds. Call its "
                msg += "`finalize_state()`, or `adapt` it again, before it is saved."
                raise ValueError(msg)


def compact_array(key: str, array: np.ndarray) -> np.ndarray:
    """Return kernels in half precision where they fit, everything else as it is.

    Raises:
        ValueError: If a value is not finite.
    """
    if not np.isfinite(array).all():
        msg = f"Weights must be finite. Received NaN or infinity in {key!r}: the training has diverged."
        raise ValueError(msg)
    if array.ndim < 2:
        return array
    half = array.astype(np.float16)
    return half if np.isfinite(half).all() else array


def _check_facts(facts: dict, head: keras.layers.Dense) -> None:
    missing = [key for key in _REQUIRED if key not in facts]
    if missing:
        msg = f"`facts` must have {', '.join(_REQUIRED)}. Missing: {', '.join(missing)}."
        raise ValueError(msg)
    if len(facts["class_names"]) != head.units:
        num_names = len(facts["class_names"])
        msg = f"`facts['class_names']` must name each output of the head, {head.units}. Received: {num_names} names."
        raise ValueError(msg)
