"""Names of variables that do not depend on what else was built in the same kernel.

Keras numbers the layers that have no name of their own: `conv2d`, `conv2d_1`, ... goes on with the next model. Here
they are counted within their model, in the order in which they were made, so that the names are those of a model that
was built first of all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import keras
import numpy as np
from keras.src.utils.naming import to_snake_case

__all__ = ["stable_arrays", "stable_name", "stable_variables", "with_stable_names"]


def stable_variables(layers: Sequence[keras.Layer]) -> dict[str, keras.Variable]:
    """Return the variables of the layers by their stable names, `<layer>/<variable>`.

    Raises:
        ValueError: If two have the same.

    Example:
        >>> x = inputs = keras.Input((2,))
        >>> for _ in range(2):
        ...     x = keras.layers.Dense(2, use_bias=False)(x)
        >>> list(stable_variables(keras.Model(inputs, x).layers))
        ['dense/kernel', 'dense_1/kernel']
    """
    pairs = [(layer.name, variable) for layer in layers for variable in layer.weights]
    keys = _stable_keys([(layer, variable.name) for layer, variable in pairs], layers)
    named = {key: variable for key, (_, variable) in zip(keys, pairs, strict=True)}
    if len(named) != len(pairs):
        msg = (
            "The variables of a layer must have different names. Received a model with nested layers: flatten it first."
        )
        raise ValueError(msg)
    return named


def stable_arrays(layers: Sequence[keras.Layer]) -> dict[str, np.ndarray]:
    """Return copies of the values by stable names; of two variables of the same name, the first."""
    pairs = [(layer.name, variable) for layer in layers for variable in layer.weights]
    keys = _stable_keys([(layer, variable.name) for layer, variable in pairs], layers)
    arrays: dict[str, np.ndarray] = {}
    for key, (_, variable) in zip(keys, pairs, strict=True):
        arrays.setdefault(key, np.array(variable.numpy()))
    return arrays


def stable_name(layer: keras.Layer, layers: Sequence[keras.Layer]) -> str:
    """Return the stable name of one of the layers with weights; another one keeps its own."""
    names = _renamed([other.name for other in layers if other.weights], _kinds(layers))
    return str(names.get(layer.name, layer.name))


def with_stable_names(arrays: dict[str, np.ndarray], layers: Sequence[keras.Layer]) -> dict[str, np.ndarray]:
    """Rename arrays of a file that may have the numbers of the kernel in which it was made."""
    pairs = [(key.rpartition("/")[0], key.rpartition("/")[2]) for key in arrays]
    return dict(zip(_stable_keys(pairs, layers), arrays.values(), strict=True))


def _stable_keys(pairs: Sequence[tuple[str, str]], layers: Sequence[keras.Layer]) -> list[str]:
    """Of names of layers and of their variables, which Keras numbers, too, where they have none."""
    names = _renamed([layer for layer, _ in pairs], _kinds(layers))
    own: dict[str, list[str]] = {}
    for layer, variable in pairs:
        own.setdefault(layer, []).append(variable)
    variables = {layer: _renamed(members, {"variable"}) for layer, members in own.items()}
    return [f"{names[layer]}/{variables[layer][variable]}" for layer, variable in pairs]


def _kinds(layers: Iterable[keras.Layer]) -> set[str]:
    """What Keras would call layers of these classes."""
    return {to_snake_case(type(layer).__name__) for layer in layers}


def _renamed(names: Iterable[str], kinds: set[str]) -> dict[str, str]:
    """Count names as `conv2d_17` anew within their kind; other names stay."""
    numbered: dict[str, list[tuple[int, str]]] = {}
    renamed = {name: name for name in names}
    for name in renamed:
        found = re.fullmatch(r"(.+?)(?:_(\d+))?", name)
        if found and found[1] in kinds:
            numbered.setdefault(found[1], []).append((int(found[2] or 0), name))
    for kind, pairs in numbered.items():
        for rank, (_, name) in enumerate(sorted(pairs)):
            renamed[name] = f"{kind}_{rank}" if rank else kind
    return renamed
