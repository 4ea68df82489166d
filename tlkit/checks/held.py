"""What a value holds, in whatever it comes: the one reader of learners' values, for the notebook and for `tlkit grade`.

A fraction, a NumPy number, an array or a tensor of shape `()` is a number; a named tuple is a tuple; a tensor, a Keras
variable or a pandas column is an array; a dataclass, as an `Interval` of this kit, is a dictionary of its fields.
"""

import dataclasses
import functools
import numbers
from collections.abc import ItemsView, Iterator, KeysView, Mapping, Sequence, Set, ValuesView
from decimal import Decimal
from typing import Any

import numpy as np

__all__ = ["Opaque", "held", "in_words"]

_LONGEST = 80
_ONE_BY_ONE = ("generator", "map", "filter", "zip", "enumerate", "reversed", "islice", "cycle")


def held(value: Any) -> Any:
    """Return what a value holds, made of Python's and NumPy's own types.

    Args:
        value: Whatever an answer returned.

    Returns:
        `None`, `bool`, `int`, `float`, `str`, lists, tuples, sets and dictionaries of these, and arrays of numbers with
        at least one axis. What is none of them, as a function, a model or a data set, comes back as it is.

    Example:
    >>> from fractions import Fraction
    >>> held((np.float32(0.5), Fraction(1, 4), np.array(3), np.array(["a", "b"])))
    (0.5, 0.25, 3, ['a', 'b'])
    """
    try:
        return _read(value)
    except Exception:  # a number or list of its own making may fail in any way
        return Opaque(type(value).__name__)


class Opaque:
    """A value that cannot be read; it compares equal to nothing but itself."""

    def __init__(self, type_name: str):
        self.type_name = type_name

    def __repr__(self) -> str:
        """Return the name of the type."""
        return f"<{self.type_name} object>"


@functools.singledispatch
def _read(value: Any) -> Any:
    try:
        return _read_other(value)
    except Exception:  # as a symbolic tensor, which has no value yet
        return value


def _read_other(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: held(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return _of_array(np.asarray(value.__array__())) if hasattr(type(value), "__array__") else value


def _of_array(array: np.ndarray) -> Any:
    if array.dtype.kind == "V" and array.dtype.names is None:  # bfloat16, which NumPy itself does not know
        array = array.astype("float32")
    if array.dtype.kind == "f" and array.dtype.itemsize > np.dtype(float).itemsize:
        array = array.astype(float)
    if array.ndim == 0 or array.dtype.kind in "OSU":
        return held(array.tolist())
    return array


@_read.register(bytes)
def _(value: bytes) -> Any:
    return value.decode()  # a text in a tensor


@_read.register(str)
def _(value: str) -> str:
    return str.__str__(value)


@_read.register(bool)
@_read.register(np.bool_)
def _(value: Any) -> bool:
    return bool(value)


@_read.register(numbers.Integral)
def _(value: Any) -> int:
    return int(value)


@_read.register(numbers.Real)
@_read.register(Decimal)
def _(value: Any) -> float:
    return float(value)


@_read.register(tuple)
def _(value: tuple) -> tuple:
    return tuple(map(held, value))


@_read.register(Sequence)
@_read.register(KeysView)
@_read.register(ValuesView)
@_read.register(ItemsView)
def _(value: Any) -> list:
    return list(map(held, value))


@_read.register(Set)
def _(value: Any) -> set:
    return set(map(held, value))


@_read.register(Mapping)
def _(value: Any) -> dict:
    return {held(key): held(part) for key, part in value.items()}


def in_words(value: Any) -> str:
    """Return a value in a few words, for "Received: ...".

    Example:
    >>> in_words(np.zeros((2, 3))), in_words([1, 2]), in_words(in_words)
    ('an array of shape (2, 3)', '[1, 2]', 'the function in_words')
    """
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if _is_read_once(value):
        kind = _type_name(value)
        return f"a {kind}, which can be read only once: `list(...)` makes a list of it"
    if callable(value):
        name = getattr(value, "__name__", None)
        return f"the function {name}" if isinstance(name, str) else f"a {type(value).__name__}, which can be called"
    text = " ".join(str(value).split()) if not isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _is_read_once(value: Any) -> bool:
    """Whether it is a generator, a `map` and the like, or one of another process, which tells only its type."""
    if isinstance(value, Opaque):
        return value.type_name in _ONE_BY_ONE or value.type_name.endswith("iterator")
    return isinstance(value, Iterator)


def _type_name(value: Any) -> str:
    return value.type_name if isinstance(value, Opaque) else type(value).__name__
