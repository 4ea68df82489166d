"""What may cross the pipe, and how: a closed set of values, each rebuilt on the other side and never executed.

`None`, `bool`, `int`, `float`, `str`, lists, tuples, sets, dictionaries; NumPy arrays and numbers; and, through
handlers that `Codec` is given, what stays where it is and answers from there: functions, data sets, models. A value of
any other type arrives as an `Opaque`, which tells only the name of its type.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tlkit.checks.held import Opaque
from tlkit.grading.remote.wire import ProtocolError, array_from_npy, npy_from_array

__all__ = ["Codec", "Opaque"]

MAX_DEPTH, MAX_NODES, MAX_NAME, MAX_TEXTS = 32, 500_000, 80, 10_000
MAX_KEYS = 5_000  # that are not texts: their hashes can be chosen so that all collide
_PLAIN = (type(None), bool, int, float, str)
_MAX_INT_BITS = 4096


class Codec:
    """Turns values into JSON with arrays beside it, and back.

    Args:
        encoders: `(test, name, encode)`: values for which `test(value)` holds become `{name: encode(value, pack)}`,
            where `pack` turns parts of it.
        decoders: Functions `decode(data, unpack)` by name, where `unpack` turns parts back.
    """

    def __init__(
        self,
        encoders: list[tuple[Callable[[Any], bool], str, Callable]],
        decoders: dict[str, Callable],
    ):
        self._encoders, self._decoders = encoders, decoders

    def encode(self, value: Any) -> tuple[Any, list[bytes]]:
        """Return the JSON and the arrays of a value."""
        arrays: list[bytes] = []
        return self._pack(value, arrays, 0), arrays

    def decode(self, data: Any, arrays: list[bytes]) -> Any:
        """Return the value.

        Raises:
            ProtocolError: If the data are not what `encode` makes.
        """
        try:
            return _Unpacking(self._decoders, arrays).value(data)
        except (ValueError, TypeError, RecursionError) as error:
            msg = f"a value that cannot be rebuilt ({type(error).__name__})"
            raise ProtocolError(msg) from None

    def _pack(self, value: Any, arrays: list[bytes], depth: int) -> Any:
        if depth > MAX_DEPTH:
            return {"opaque": "deeply nested"}

        def pack(part: Any) -> Any:
            return self._pack(part, arrays, depth + 1)

        plain = _pack_plain(value, pack)
        if plain is not _NOT_PLAIN:
            return plain
        name, encode = next(((name, encode) for test, name, encode in self._encoders if test(value)), ("", None))
        if encode:
            return {name: encode(value, pack)}
        if isinstance(value, np.ndarray | np.generic):
            return _pack_array(value, arrays)
        return {"opaque": type(value).__name__[:MAX_NAME]}


_CONTAINERS = {list: "list", tuple: "tuple", set: "set", frozenset: "set"}
_NOT_PLAIN = object()


def _pack_plain(value: Any, pack: Callable[[Any], Any]) -> Any:
    if isinstance(value, str):
        return str(value)
    if type(value) in _PLAIN:
        return value if type(value) is not int or value.bit_length() < _MAX_INT_BITS else {"opaque": "huge int"}
    if type(value) in _CONTAINERS:
        return {_CONTAINERS[type(value)]: [pack(item) for item in value]}
    if type(value) is dict:
        return {"dict": [[pack(key), pack(item)] for key, item in value.items()]}
    return _NOT_PLAIN


def _pack_array(value: Any, arrays: list[bytes]) -> dict:
    if value.dtype.kind == "U":
        return {"texts": [value.tolist()]}
    array = np.asarray(value)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    try:
        arrays.append(npy_from_array(array))
    except ProtocolError:
        return {"opaque": f"array of {value.dtype}"[:MAX_NAME]}
    return {"number" if isinstance(value, np.generic) else "npy": len(arrays) - 1}


class _Unpacking:
    """One message being turned back; counts its parts, so that a small text cannot become a huge tree."""

    def __init__(self, decoders: dict[str, Callable], arrays: list[bytes]):
        self._decoders, self._arrays, self._left = decoders, arrays, MAX_NODES
        self._keys_left = MAX_KEYS

    def value(self, data: Any, depth: int = 0) -> Any:
        self._left -= 1
        if depth > MAX_DEPTH + 1 or self._left < 0:
            _refuse("a value that is too deep or has too many parts")
        if type(data) in _PLAIN:
            return data
        if not isinstance(data, dict) or len(data) != 1:
            _refuse("a value without a kind")
        ((kind, body),) = data.items()
        if kind in self._decoders:
            return self._decoders[kind](body, lambda part: self.value(part, depth + 1))
        own = getattr(self, f"_{kind}", None) if kind in _KINDS else None
        return own(body, depth) if own else _refuse("a value of an unknown kind")

    def _items(self, body: Any, depth: int) -> list:
        if not isinstance(body, list):
            _refuse("a container without items")
        return [self.value(item, depth + 1) for item in body]

    def _list(self, body: Any, depth: int) -> list:
        return self._items(body, depth)

    def _tuple(self, body: Any, depth: int) -> tuple:
        return tuple(self._items(body, depth))

    def _set(self, body: Any, depth: int) -> set:
        return {self._key(item) for item in self._items(body, depth)}

    def _dict(self, body: Any, depth: int) -> dict:
        if not isinstance(body, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in body):
            _refuse("a dictionary without pairs")
        return {self._key(self.value(key, depth + 1)): self.value(item, depth + 1) for key, item in body}

    def _key(self, value: Any) -> Any:
        """Let through what can be a key; a tuple may hold a list, which cannot."""
        self._keys_left -= not isinstance(value, str)
        if self._keys_left < 0:
            _refuse("a set or a dictionary with too many keys")
        try:
            hash(value)
        except TypeError:
            _refuse("a key that is a container")
        return value

    def _array(self, body: Any) -> np.ndarray:
        if type(body) is not int or not 0 <= body < len(self._arrays):
            _refuse("an array that was not sent")
        return array_from_npy(self._arrays[body])

    def _npy(self, body: Any, depth: int) -> np.ndarray:
        return self._array(body)

    def _number(self, body: Any, depth: int) -> Any:
        array = self._array(body)
        return array[()] if array.ndim == 0 else _refuse("a number that is an array")

    def _texts(self, body: Any, depth: int) -> np.ndarray:
        texts = _texts_only(body)
        return np.array(texts[0]) if len(texts) == 1 else _refuse("an array of texts without its list")

    def _opaque(self, body: Any, depth: int) -> Opaque:
        return Opaque("".join(letter for letter in str(body)[:MAX_NAME] if letter.isprintable()))


_KINDS = frozenset({"list", "tuple", "set", "dict", "npy", "number", "texts", "opaque"})


def _texts_only(body: Any, depth: int = 0) -> list:
    """Return nested lists of short texts; NumPy gives each text the room of the longest."""
    if not isinstance(body, list) or depth > MAX_DEPTH or len(body) > MAX_TEXTS:
        _refuse("an array of texts without its list")
    for item in body:
        if not isinstance(item, str):
            _texts_only(item, depth + 1)
        elif len(item) > MAX_NAME:
            _refuse("an array of long texts")
    return body


def _refuse(what: str) -> Any:
    raise ProtocolError(what)
