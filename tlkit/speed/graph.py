"""The graph of a model as a list of calls, and as a text that says what it computes."""

from __future__ import annotations

import hashlib
import json
import uuid
import weakref
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402

__all__ = ["graph_nodes", "structure_of"]

_STRUCTURES: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # of models: their settings, and the text
_CONFIGS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # of operations: their settings, and the config
_PLAIN = (str, int, float, tuple, type(None))  # compared by value, all others by identity
_TOKENS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def graph_nodes(model: keras.Model) -> list:
    """The nodes (calls of a layer) from the input to the output, each after those it needs."""
    if len(getattr(model, "inputs", None) or ()) != 1 or len(model.outputs) != 1:
        msg = (
            f"`model` must be a built functional model with one input and one output. Received {model.name!r}, a "
            f"{type(model).__name__}. Use `model.fit`."
        )
        raise ValueError(msg)
    order, seen = [], {id(model.inputs[0])}
    stack = [(model.outputs[0], False)]
    while stack:
        tensor, ready = stack.pop()
        if ready:
            order.append(_node(tensor))
        elif id(tensor) not in seen:
            node = _node(tensor)
            seen.update(id(output) for output in node.output_tensors)
            stack.append((tensor, True))
            stack += [(parent, False) for parent in reversed(node.input_tensors)]
    return order


def _node(tensor):
    operation, index, _ = tensor._keras_history
    return operation._inbound_nodes[index]


def structure_of(model: keras.Model) -> str:
    """What the layers of a model compute and how they are joined, as a text: without names, weights or seeds.

    A layer is described once, by whatever model holds it, and again when one of its attributes was set.
    """
    settings = [_settings(node.operation) for node in graph_nodes(model)]
    known, text = _STRUCTURES.get(model, (None, ""))
    if known != settings:
        text = _structure(model)
        _STRUCTURES[model] = settings, text
    return text


def _structure(model: keras.Model) -> str:
    numbers = {id(model.inputs[0]): 0}
    layers: dict[int, int] = {}
    calls = []
    for node in graph_nodes(model):
        operation = node.operation
        config = _known_config(operation)
        number = layers.setdefault(id(operation), len(layers))  # a layer that is called twice is one layer
        arguments = keras.tree.map_structure(lambda leaf: numbers.get(id(leaf), leaf), list(node.arguments.args))
        calls.append([number, type(operation).__qualname__, config, arguments, node.arguments.kwargs])
        numbers.update((id(output), len(numbers) + i) for i, output in enumerate(node.output_tensors))
    return json.dumps([keras.__version__, model.inputs[0].shape, model.inputs[0].dtype, calls], default=_describe)


def _known_config(operation: Any) -> list:
    settings = _settings(operation)
    known, config = _CONFIGS.get(operation, (None, []))
    if known != settings:
        config = _config(operation)
        _CONFIGS[operation] = settings, config
    return config


def _settings(operation: Any) -> list[dict]:
    """The attributes of an operation and of the layers in it, in far less time than `get_config` takes."""
    parts = operation._flatten_layers() if isinstance(operation, keras.layers.Layer) else [operation]
    return [
        {
            name: value if isinstance(value, _PLAIN) else id(value)
            for name, value in vars(part).items()
            if name[0] != "_" or name == "_dtype_policy"
        }
        for part in parts
    ]


def _config(operation: Any) -> list:
    """What an operation computes; of layers that Keras did not write also which class that is, and which layer."""
    try:
        config = _computing(operation.get_config())
    except NotImplementedError:
        config = _token(operation)
    parts = operation._flatten_layers() if isinstance(operation, keras.layers.Layer) else [operation]
    # A cell that is run again makes another class of the same name.
    return [config, [_token(type(part)) for part in parts if not type(part).__module__.startswith("keras.")]]


def _token(thing: Any) -> str:
    """A name that no other object has, in this kernel or the next."""
    return _TOKENS.setdefault(thing, uuid.uuid4().hex)


def _computing(config: Any) -> Any:
    """A configuration without what does not change the result: first values, seeds, names, who learns."""
    if isinstance(config, dict):
        left_out = ("name", "seed", "trainable", "build_config")
        kept = {k: v for k, v in config.items() if k not in left_out and not str(k).endswith("_initializer")}
        return {key: _computing(value) for key, value in kept.items()}
    return [_computing(value) for value in config] if isinstance(config, (list, tuple)) else config


def _describe(value: Any) -> str:
    if hasattr(value, "__array__"):
        return hashlib.blake2b(np.ascontiguousarray(value).tobytes()).hexdigest()
    return repr(value)
