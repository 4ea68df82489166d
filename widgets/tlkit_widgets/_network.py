"""What the board draws of a model, and how it sets what learns."""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

from tlkit.freezing import Block  # noqa: E402

__all__ = [
    "count_size",
    "cut_of",
    "describe_block",
    "draws",
    "layer_flags",
    "layer_multiply_adds",
    "moved",
    "set_states",
    "snapshot",
]

_MERGES = {"Add": "add", "Concatenate": "concat", "Multiply": "gate", "Average": "average", "Maximum": "maximum"}


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
        "random": any(map(draws, block.layers)),
        "layers": [[layer.name, type(layer).__name__, layer.count_params()] for layer in block.layers],
    }


def _num_inputs(layer: keras.Layer) -> int:
    """How many branches a layer joins; 1 for any that joins none."""
    with suppress(AttributeError, ValueError):  # a layer that is used twice has no single input
        return len(layer.input) if isinstance(layer, keras.layers.Concatenate) else 1
    return 1


def draws(layer: keras.Layer) -> bool:
    """Whether a layer gives another output at each step, as dropout does: nothing behind it can be computed once."""
    seeded = any(isinstance(value, keras.random.SeedGenerator) for value in vars(layer).values())
    return seeded and getattr(layer, "rate", None) != 0


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
    """Number of frozen blocks if these come first and all others learn, else `None`."""
    number = next((i for i, state in enumerate(states) if state != "frozen"), len(states))
    return number if all(state == "learning" for state in states[number:]) else None


def set_states(model: keras.Model, parts: Sequence[Block], states: Sequence[str], *, bn: str) -> None:
    """Set `trainable` of each layer; a block that is `"partly"` frozen stays as it is.

    BatchNorm learns in a block that learns, and only with `bn="learning"`.
    """
    flags = {layer: layer.trainable for part in parts for layer in part.layers}
    for part, state in zip(parts, states, strict=True):
        if state != "partly":
            flags |= dict.fromkeys(part.layers, state == "learning")
            flags |= dict.fromkeys(part.batchnorms, state == "learning" and bn == "learning")
    if any(flags.values()):
        for container in _containers(model):  # one that is frozen hides what its layers' flags say
            if not container.trainable:
                container.trainable = True
    for layer, flag in flags.items():
        if layer.trainable != flag:
            layer.trainable = flag


def _containers(model: keras.Model) -> Iterator[keras.Model]:
    yield model
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _containers(layer)


def snapshot(parts: Sequence[Block]) -> list[np.ndarray]:
    """What gradients can change in each block, as one vector a block."""
    return [np.concatenate([np.ravel(w) for w in _learnable(part)] or [np.zeros(0)]) for part in parts]


def _learnable(part: Block) -> list[np.ndarray]:
    seen = {
        id(w): w for layer in part.layers for w in layer.weights if "moving_" not in w.name and "seed" not in w.name
    }
    return [np.asarray(keras.ops.convert_to_numpy(w), "float32") for w in seen.values()]


def moved(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> list[float | None]:
    """Length of each block's change, as a share of its length before; `None` where training diverged."""
    shares = [float(np.linalg.norm(b - a) / (np.linalg.norm(a) or 1)) for a, b in zip(before, after, strict=True)]
    return [share if math.isfinite(share) else None for share in shares]
