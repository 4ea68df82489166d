"""Messages between the two sides: a JSON text, and arrays as npy without pickle. Both sides distrust what they read.

A frame is the length of the text (4 bytes, little-endian), the text, then the arrays one after another; the text's
entry `"arrays"` holds their lengths. Every length is compared with a limit before anything is allocated.
"""

import contextlib
import io
import json
import struct
import threading
from collections.abc import Callable
from typing import BinaryIO

import numpy as np

__all__ = ["Channel", "ProtocolError", "array_from_npy", "npy_from_array"]

MAX_TEXT_BYTES = 4 << 20
MAX_ARRAYS = 20_000
MAX_ARRAY_BYTES = 512 << 20
_LENGTH = struct.Struct("<I")
_MAX_HEADER = 512
_MAX_DIMENSIONS = 16
_DTYPES = frozenset(
    {"|b1", "|i1", "|u1", *(f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)), "<f2", "<f4", "<f8"}
)


class ProtocolError(Exception):
    """The other side sent something that no honest one sends."""


class Channel:
    """A pair of byte streams that carries frames; sending is safe from several threads.

    Args:
        reader: Blocking binary stream.
        writer: Binary stream, flushed after each frame.
        max_array_bytes: Most bytes of arrays in a frame that is read.
        max_total_bytes: Most bytes that are read in all.
        hang_up: Breaks the connection, so that a thread that waits in `send` or `receive` gets an error.
    """

    def __init__(
        self,
        reader: BinaryIO,
        writer: BinaryIO,
        *,
        max_array_bytes: int = MAX_ARRAY_BYTES,
        max_total_bytes: float = float("inf"),
        hang_up: Callable[[], None] = lambda: None,
    ):
        self._reader, self._writer, self._limit = reader, writer, max_array_bytes
        self._total, self._left = max_total_bytes, max_total_bytes
        self.hang_up = hang_up
        self._lock = threading.Lock()

    def send(self, message: dict, arrays: list[bytes]) -> None:
        """Send a message.

        Raises:
            OSError: If the other side is gone.
        """
        text = json.dumps(message | {"arrays": [len(array) for array in arrays]}).encode("ascii")
        with self._lock:
            self._writer.write(_LENGTH.pack(len(text)) + text)
            for array in arrays:
                self._writer.write(array)
            self._writer.flush()

    def receive(self) -> tuple[dict, list[bytes]]:
        """Wait for the next message.

        Raises:
            EOFError: If the other side is gone.
            ProtocolError: If the frame breaks the format or a limit.
        """
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        if length > MAX_TEXT_BYTES:
            msg = f"a message of {length} bytes; at most {MAX_TEXT_BYTES} are read"
            raise ProtocolError(msg)
        message = _parse(self._read(length))
        sizes = self._sizes(message)
        self._left -= length + sum(sizes)
        if self._left < 0:
            msg = f"more than {self._total} bytes in all"
            raise ProtocolError(msg)
        return message, [self._read(size) for size in sizes]

    def _sizes(self, message: dict) -> list[int]:
        sizes: list[int] = message.get("arrays") or []
        fine = isinstance(sizes, list) and len(sizes) <= MAX_ARRAYS and all(type(size) is int for size in sizes)
        if not fine or min(sizes, default=0) < 0 or sum(sizes) > self._limit:
            msg = f"arrays that are too many or too large; at most {self._limit} bytes are read"
            raise ProtocolError(msg)
        return sizes

    def _read(self, length: int) -> bytes:
        data = self._reader.read(length)
        if len(data or b"") < length:
            raise EOFError
        return data

    def close(self) -> None:
        """Close both streams."""
        for stream in (self._writer, self._reader):
            with contextlib.suppress(OSError):  # the other side is gone, and buffered bytes with it
                stream.close()


def _parse(text: bytes) -> dict:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"a message that is not JSON ({type(error).__name__})"
        raise ProtocolError(msg) from None
    if not isinstance(message, dict):
        msg = "a message that is not an object"
        raise ProtocolError(msg)
    return message


def npy_from_array(array: np.ndarray) -> bytes:
    """Return a numeric array as npy, version 1.0.

    Raises:
        ProtocolError: If the dtype is not one of those that may be sent.

    Example:

    >>> array_from_npy(npy_from_array(np.arange(3, dtype="int16")))
    array([0, 1, 2], dtype=int16)
    """
    _require_dtype(array.dtype)
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(array) if array.ndim else array, (1, 0), allow_pickle=False)
    return file.getvalue()


def array_from_npy(data: bytes) -> np.ndarray:
    """Return the array of an npy text. Its header is compared with the bytes that are there; nothing is allocated.

    Raises:
        ProtocolError: If it is not npy of version 1.0, or its dtype, shape or length do not fit.
    """
    file = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            msg = "an array that is not npy 1.0"
            raise ProtocolError(msg)
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_MAX_HEADER)
    except ProtocolError:
        raise
    except Exception as error:  # NumPy parses it as Python, so there are many kinds
        msg = f"an array with a broken header ({type(error).__name__})"
        raise ProtocolError(msg) from None
    _require_dtype(dtype)
    _require_shape(shape, dtype.itemsize, len(data) - file.tell())
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape, order="F" if fortran else "C").copy()


def _require_dtype(dtype: np.dtype) -> None:
    if dtype.str not in _DTYPES:
        msg = f"an array of dtype {dtype.str[:20]}; allowed are {', '.join(sorted(_DTYPES))}"
        raise ProtocolError(msg)


def _require_shape(shape: tuple, itemsize: int, available: int) -> None:
    size = itemsize
    for length in shape:
        size *= length
    if len(shape) > _MAX_DIMENSIONS or min(shape, default=0) < 0 or size != available:
        msg = f"an array whose shape does not fit its {available} bytes"
        raise ProtocolError(msg)
