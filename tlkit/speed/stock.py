"""What Keras itself wrote, by explicit lists, and as a text that says what it computes.

Everything that the kit does on its own account (keeping what a frozen part computes, sharing a graph between models)
rests on these lists: a kind that is not on them is treated as unknown, however harmless it looks.
`tests/test_speed_situations.py` compares what comes of them with plain Keras.
"""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.nodes import graph_nodes

__all__ = [
    "QUICK_LAYERS",
    "ROWWISE",
    "Undescribable",
    "describe",
    "is_stock_part",
    "kinds_of",
    "parts_of",
    "structure_of",
]


def kinds_of(module: Any, names: str) -> frozenset[type]:
    """The classes of a module by their names, one after the other in a text."""
    return frozenset(getattr(module, name) for name in names.split())


# Frozen, each of these gives a row of its output from the same row of its input alone, the same at every step: dropout
# where its rate is 0, recurrent layers where they keep no state (`tlkit.speed.frozen_split` looks at both first).
ROWWISE = kinds_of(
    keras.layers,
    """
    InputLayer Rescaling Normalization Resizing CenterCrop ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D
    Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D Conv1D Conv2D Conv3D Conv1DTranspose
    Conv2DTranspose Conv3DTranspose DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D Dense
    EinsumDense Embedding BatchNormalization LayerNormalization GroupNormalization UnitNormalization
    RMSNormalization Activation ReLU LeakyReLU PReLU ELU Softmax Add Subtract Multiply Average Maximum Minimum
    Concatenate Dot MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D Flatten Reshape Permute RepeatVector Identity Masking MultiHeadAttention
    GroupQueryAttention Attention AdditiveAttention LSTM LSTMCell GRU GRUCell SimpleRNN SimpleRNNCell RNN
    StackedRNNCells Bidirectional TimeDistributed Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D
    """,
)
# Bare operations on whole tensors, number by number; those with an axis where it is not the one of the rows.
OPERATIONS = {
    *("Add", "Subtract", "Multiply", "TrueDivide", "Negative", "Absolute", "Square", "Sqrt", "Exp", "Log", "Clip"),
    *("Tanh", "Sigmoid", "Relu", "Relu6", "Silu", "HardSigmoid", "HardSilu", "Gelu", "Maximum", "Minimum", "Flip"),
}
# Layers that a copy, built from the config, serves in the quick gear.
QUICK_LAYERS = kinds_of(
    keras.layers,
    """
    InputLayer Rescaling ZeroPadding2D Cropping2D UpSampling2D Conv1D Conv2D DepthwiseConv2D SeparableConv2D
    Dense Embedding BatchNormalization LayerNormalization Activation ReLU LeakyReLU PReLU ELU Softmax Add
    Multiply Average Concatenate MaxPooling1D MaxPooling2D AveragePooling2D GlobalMaxPooling1D
    GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D Flatten Reshape Permute Identity Dropout
    SpatialDropout2D GaussianNoise RandomFlip RandomTranslation RandomRotation RandomZoom RandomContrast
    RandomBrightness
    """,
)
_CONTAINERS = frozenset({type(keras.Model(inputs=(_image := keras.Input((1,))), outputs=_image)), keras.Sequential})
_KERAS = ("keras.", "keras_core.")
_PLAIN = (str, int, float, bool, bytes, type(None), np.generic)
# Attributes that change nothing in what a built layer computes.
_SILENT = ("name", "built", "build", "quantize", "call_signature_parameters", "backend", "states", "seed", "generator")
_MARKS = ("_initializer", "_regularizer", "_constraint")  # said with the variables, where they act


class Undescribable(Exception):
    """Something whose computation a text cannot describe: a function, class or attribute of the user's own."""


def parts_of(operation: Any) -> list:
    """The operation itself or, of a layer, the layer and all layers in it."""
    return list(operation._flatten_layers()) if isinstance(operation, keras.layers.Layer) else [operation]


def is_stock_part(part: Any, kinds: frozenset[type]) -> bool:
    """Whether a layer is exactly of one of `kinds`, a container of layers that are looked at, or a known operation."""
    is_operation = type(part).__module__.startswith("keras.src.ops.") and type(part).__name__ in OPERATIONS
    return type(part) in kinds or type(part) in _CONTAINERS or is_operation


def structure_of(model: keras.Model) -> str:
    """What the layers of a model compute and how they are joined, as a text: without names, weights or seeds.

    It is read from the attributes of each layer as they are now, not from its config: what was set late is in it, and
    so are the constants that `Normalization` adapts, dtype policies, and the flags of single variables.

    Raises:
        Undescribable: If a layer, or something that it holds, is not Keras' own.
    """
    facts = [keras.__version__, model.dtype_policy.name, model.autocast, _joined(model)]
    return json.dumps(facts, default=_text)


def _joined(model: keras.Model) -> list:
    numbers = {id(tensor): i for i, tensor in enumerate(model.inputs)}
    layers: dict[int, int] = {}
    calls: list = [[[tensor.shape, tensor.dtype] for tensor in model.inputs]]
    for node in graph_nodes(model):
        operation = node.operation
        is_new = id(operation) not in layers  # a layer that is called twice is one layer
        number = layers.setdefault(id(operation), len(layers))
        arguments = keras.tree.map_structure(
            lambda leaf: f"#{numbers[id(leaf)]}" if id(leaf) in numbers else _value(leaf),
            [list(node.arguments.args), dict(node.arguments.kwargs)],
        )
        calls.append([number, describe(operation) if is_new else None, arguments])
        numbers.update((id(output), len(numbers) + i) for i, output in enumerate(node.output_tensors))
    return [calls, [numbers[id(tensor)] for tensor in model.outputs]]


def describe(operation: Any) -> list:
    """What one operation computes, as lists and texts.

    Raises:
        Undescribable: If it is not Keras' own, or holds something that is not.
    """
    if not type(operation).__module__.startswith(_KERAS):
        msg = f"{type(operation).__name__} is a class of your own"
        raise Undescribable(msg)
    if isinstance(operation, keras.Model):
        return [type(operation).__name__, operation.dtype_policy.name, operation.autocast, _joined(operation)]
    kept = {name: _value(value) for name, value in sorted(vars(operation).items()) if _says_something(name)}
    if not isinstance(operation, keras.layers.Layer):
        return [type(operation).__name__, kept]
    inner = [describe(layer) for layer in operation._layers]
    variables = [
        _variable(variable) for variable in operation._trainable_variables + operation._non_trainable_variables
    ]
    return [type(operation).__name__, operation.dtype_policy.name, operation.autocast, kept, variables, inner]


@functools.lru_cache(maxsize=1)
def _base_names() -> frozenset[str]:
    return frozenset(vars(keras.layers.Layer())) - {"activity_regularizer"}


def _says_something(name: str) -> bool:
    return not (
        name in _SILENT
        or name in _base_names()
        or name.endswith(_MARKS)
        or name.startswith(("_self_", "_obj_reference", "_build_"))
        or name in ("seed_generator", "_random_generator", "_inbound_nodes", "_outbound_nodes")
    )


def _variable(variable: keras.Variable) -> list:
    return [
        variable.shape,
        variable.dtype,
        variable.trainable,
        _value(variable.regularizer),
        _value(variable.constraint),
        variable.aggregation,
    ]


def _value(value: Any) -> Any:
    """A value as something that JSON can hold."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _value(item) for key, item in value.items()}
    if isinstance(value, keras.Variable):
        return "variable"
    if isinstance(value, keras.layers.Layer):
        return "layer"  # it is described among the layers of its owner
    if isinstance(value, (np.ndarray, tf.Tensor)):
        return _digest(np.asarray(value))
    if isinstance(value, (slice, type(Ellipsis), tf.DType, np.dtype)):
        return repr(value)
    return _object(value)


def _object(value: Any) -> Any:
    module = getattr(value, "__module__", None) or ""
    if not module.startswith(_KERAS):
        msg = f"{getattr(value, '__name__', type(value).__name__)!r} is not Keras' own"
        raise Undescribable(msg)
    if callable(value) and hasattr(value, "__name__"):
        return [module, value.__qualname__]
    if hasattr(value, "get_config"):
        return [type(value).__qualname__, _value(value.get_config())]
    return [type(value).__qualname__]


def _digest(array: np.ndarray) -> list:
    rows = np.ascontiguousarray(array)
    return [str(rows.dtype), rows.shape, hashlib.blake2b(rows.tobytes(), digest_size=16).hexdigest()]


def _text(value: Any) -> str:
    return value.item() if isinstance(value, np.generic) else repr(value)
