"""What the board draws of a model."""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.freezing import Block
from tlkit.freezing.cuts import draws

__all__ = [
    "count_size",
    "cut_of",
    "describe_block",
    "layer_flags",
    "layer_multiply_adds",
    "moved",
    "name_of_cut",
    "read_state",
    "snapshot",
    "title_of",
    "write_state",
]

_MERGES = {"Add": "add", "Concatenate": "concat", "Multiply": "gate", "Average": "average", "Maximum": "maximum"}


def title_of(name: str) -> str:
    """The backbone's name of one that `add_head` made; what Keras made up, as `functional_3`, would tell nothing."""
    name = name.removesuffix("_classifier")
    return "your model" if re.fullmatch(r"(functional|sequential|model)(_\d+)?", name) else name


def describe_block(block: Block) -> dict[str, Any]:
    """What does not change about a block, for the page."""
    merges = [_MERGES[type(layer).__name__] for layer in block.layers if type(layer).__name__ in _MERGES]
    return {
        "name": block.name,
        "label": block.name.replace("expanded_conv", "block").replace("_block", "."),
        "num_layers": len(block.layers),
        "num_parameters": block.num_parameters,
        "num_bn": len(block.batchnorms),
        "shape": " × ".join(str(size) for size in block.output_shape[1:]),
        "cut": block.cut,
        "merges": {kind: merges.count(kind) for kind in dict.fromkeys(merges)},
        "branches": max(map(_num_inputs, block.layers)),
        "random": any(draws(part) for layer in block.layers for part in layer._flatten_layers()),
        "layers": [[layer.name, type(layer).__name__, layer.count_params()] for layer in block.layers],
    }


def _num_inputs(layer: keras.Layer) -> int:
    """How many branches a layer joins; 1 for any that joins none."""
    with suppress(AttributeError, ValueError):  # a layer that is used twice has no single input
        return len(layer.input) if isinstance(layer, keras.layers.Concatenate) else 1
    return 1


def layer_multiply_adds(layer: keras.Layer) -> int:
    """Multiply-adds of its kernels for one image: entries of each kernel times the places at which it is applied."""
    places = 1
    with suppress(AttributeError, ValueError):  # a layer that is used twice has no single output
        places = math.prod(size or 1 for size in layer.output.shape[1:-1])
    return places * sum(math.prod(weight.shape) for weight in layer.weights if len(weight.shape) > 1)


def count_size(weights: Sequence[Any]) -> int:
    """Scalars in a list of weights."""
    return sum(math.prod(weight.shape) for weight in weights)


def layer_flags(block: Block) -> str:
    """One character a layer: `1` learns, `0` is frozen, `-` has no weights."""
    return "".join("-" if not layer.weights else str(int(layer.trainable)) for layer in block.layers)


def cut_of(states: Sequence[str]) -> int | None:
    """Number of frozen blocks if these come first and all others learn, otherwise `None`."""
    number = next((i for i, state in enumerate(states) if state != "frozen"), len(states))
    return number if all(state == "learning" for state in states[number:]) else None


def name_of_cut(parts: Sequence[Block], states: Sequence[str]) -> str:
    """What learns, in a few words."""
    cut = cut_of(states)
    if cut == 0:
        return "all learn"
    if cut == len(parts) - 1:
        return f"{parts[-1].name} only"
    return "own pattern" if cut is None else f"from {parts[cut].name}"


def snapshot(parts: Sequence[Block]) -> list[np.ndarray]:
    """What gradients can change in each block, as one vector a block."""
    return [np.concatenate([np.ravel(w) for w in _learnable(part)] or [np.zeros(0)]) for part in parts]


def _learnable(part: Block) -> list[np.ndarray]:
    seen = {
        id(w): w for layer in part.layers for w in layer.weights if "moving_" not in w.name and "seed" not in w.name
    }
    return [np.asarray(keras.ops.convert_to_numpy(w), "float32") for w in seen.values()]


def read_state(model: keras.Model) -> list[np.ndarray]:
    """All that training changes: weights, statistics of BatchNorm, and where the generators of dropout are."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in model.variables]


def write_state(model: keras.Model, state: Sequence[np.ndarray]) -> None:
    """Give back what `read_state` read."""
    for variable, value in zip(model.variables, state, strict=True):
        variable.assign(value)


def moved(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> list[float | None]:
    """Length of each block's change, as a share of its length before; `None` where training diverged."""
    shares = [float(np.linalg.norm(b - a) / (np.linalg.norm(a) or 1)) for a, b in zip(before, after, strict=True)]
    return [share if math.isfinite(share) else None for share in shares]
