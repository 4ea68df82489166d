"""Read R's data files (`.rda`, XDR format): as much of them as data frames need."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["read_rda"]

_OPENERS = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}
_SYMBOL, _PAIRS, _STRING, _LOGICAL, _INTEGER, _REAL, _TEXTS, _LIST = 1, 2, 9, 10, 13, 14, 16, 19
_NOTHING, _REFERENCE = (0, 242, 251, 253, 254), 255


def read_rda(path: Path) -> dict:
    """Read the objects of a file by their names: lists become dicts, vectors arrays, factors arrays of strings.

    Raises:
        ValueError: If it is no such file, or holds what no data frame has.
    """
    content = path.read_bytes()
    content = _OPENERS.get(content[:2], lambda same: same)(content)
    if not content.startswith((b"RDX2\nX\n", b"RDX3\nX\n")):
        msg = f"{path} is no `.rda` file in XDR format: it begins with {content[:7]!r}."
        raise ValueError(msg)
    reader = _Reader(content, 7)
    version = reader.integers(3)[0]
    if version == 3:
        reader.skip(reader.integers(1)[0])  # the name of the encoding
    return reader.item()


class _Reader:
    """What stands at a place of the file; symbols are told once, and later by number."""

    def __init__(self, content: bytes, place: int):
        self._content, self._place, self._symbols = content, place, []

    def skip(self, count: int) -> bytes:
        self._place += count
        return self._content[self._place - count : self._place]

    def integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}i", self.skip(4 * count))

    def item(self) -> Any:
        flags = self.integers(1)[0]
        kind, has_attributes, has_tag = flags & 255, bool(flags & 512), bool(flags & 1024)
        if kind in _NOTHING:
            return {} if kind == 254 else None
        if kind == _REFERENCE:
            return self._symbols[(flags >> 8) - 1]
        if kind == _SYMBOL:
            self._symbols.append(self.item())
            return self._symbols[-1]
        if kind == _PAIRS:
            return self._pairs(has_attributes, has_tag)
        values = self._values(kind)
        return _named(values, self.item()) if has_attributes else values

    def _pairs(self, has_attributes: bool, has_tag: bool) -> dict:
        if has_attributes:
            self.item()
        name = self.item() if has_tag else ""
        value = self.item()
        return {name: value} | self.item()

    def _values(self, kind: int) -> Any:
        length = self.integers(1)[0]
        if kind == _STRING:
            return None if length == -1 else self.skip(length).decode("latin-1")
        if kind in (_TEXTS, _LIST):
            items = [self.item() for _ in range(length)]
            return np.array([str(item) for item in items]) if kind == _TEXTS else items
        if kind in (_LOGICAL, _INTEGER):
            return np.array(self.integers(length))
        if kind == _REAL:
            return np.frombuffer(self.skip(8 * length), ">f8").astype(float)
        msg = f"An object of R's type {kind} is in no data frame. Received one at byte {self._place}."
        raise ValueError(msg)


def _named(values, attributes: dict):
    if "levels" in attributes:
        return attributes["levels"][values - 1]
    names = attributes.get("names")
    return dict(zip(names.tolist(), values, strict=True)) if isinstance(values, list) and names is not None else values
