"""Read arrays from a file that PyTorch has written, without PyTorch, and without running what is in it.

The old format (before 1.6): pickles of a magic number, a version, facts on the machine and the arrays' descriptions;
then the numbers, one storage after the other. A pickle can name any function to be called: here four names are known,
and every other is refused.
"""

from __future__ import annotations

import collections
import functools
import hashlib
import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["read_state_dict"]

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001


@dataclass
class _Storage:
    """Numbers in a row, read after all descriptions."""

    dtype: type
    size: int
    values: np.ndarray | None = None


@dataclass
class _Described:
    """An array as a part of a storage; offset, shape and strides count numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def read(self) -> np.ndarray:
        """A copy of the numbers."""
        values = self.storage.values
        if values is None:
            msg = "a storage without numbers"
            raise pickle.UnpicklingError(msg)
        steps = [stride * values.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, steps, writeable=False).copy()


def _describe(storage: _Storage, offset: int, shape: tuple, strides: tuple, *_: object) -> _Described:
    shape, strides = tuple(shape), tuple(strides)
    last = offset + sum((side - 1) * stride for side, stride in zip(shape, strides, strict=True))
    if min((offset, *shape, *strides), default=0) < 0 or (0 not in shape and last >= storage.size):
        msg = "an array lies outside its storage"
        raise pickle.UnpicklingError(msg)
    return _Described(storage, offset, shape, strides)


_KNOWN = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _describe,
    ("torch", "FloatStorage"): np.float32,
    ("torch", "LongStorage"): np.int64,
}


class _Reader(pickle.Unpickler):
    """An unpickler that knows four names."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Give what one of the known names stands for."""
        if (module, name) not in _KNOWN:
            msg = f"it asks for {module}.{name}, which no file of arrays needs"
            raise pickle.UnpicklingError(msg)
        return _KNOWN[module, name]

    def persistent_load(self, pid: tuple) -> _Storage:
        """Note a storage, whose numbers come later."""
        _, dtype, key, _, size, *_ = pid
        return self.storages.setdefault(key, _Storage(dtype, size))


@functools.lru_cache(maxsize=1)
def read_state_dict(path: str, sha256: str) -> dict[str, np.ndarray]:
    """Read the named arrays of a file in PyTorch's old format.

    Args:
        path: The file.
        sha256: What its content must hash to.

    Raises:
        ValueError: If the file is another one, or of another format.
        FileNotFoundError: If it is not there.
    """
    content = Path(path).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        msg = f"{path} is not the file of weights that this kit knows: its SHA-256 is {found}, not {sha256}. "
        raise ValueError(msg + "Install the package again.")
    try:
        return _parse(io.BytesIO(content))
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError) as error:
        msg = f"{path} is no file of PyTorch's old format: {error}."
        raise ValueError(msg) from error


def _parse(file: io.BytesIO) -> dict[str, np.ndarray]:
    if (_Reader(file).load(), _Reader(file).load()) != (_MAGIC, _VERSION):
        msg = "magic number or version"
        raise ValueError(msg)
    _Reader(file).load()  # facts on the machine
    reader = _Reader(file)
    described = reader.load()
    for key in _Reader(file).load():
        storage = reader.storages[key]
        (size,) = np.frombuffer(file.read(8), "<i8")
        if size != storage.size:
            msg = f"storage {key} holds {size} numbers, not {storage.size}"
            raise ValueError(msg)
        storage.values = np.frombuffer(file.read(size * np.dtype(storage.dtype).itemsize), storage.dtype)
    return {name: array.read() for name, array in described.items()}
