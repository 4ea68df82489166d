"""Features of images under a frozen prefix, each computed once."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tlkit.speed import disk
from tlkit.speed.forward import forward_for, has_changed, read_weights
from tlkit.speed.rows import ID_BYTES, num_rows, row_bytes, row_ids, take_rows
from tlkit.speed.stock import Undescribable, structure_of

__all__ = ["MEMORY_LIMIT", "FeatureStore", "Progress", "prefix_key", "run_prefix", "store_for"]

MEMORY_LIMIT = 2**30  # bytes of features held in memory, over all prefixes
PASS_BYTES = 128 * 64 * 64 * 3 * 4  # images of one batch of the pass, as float32: 128 images of 64 pixels

Progress = Callable[[int, int], object]  # rows done, rows in all; what it raises ends the pass

_STORES: OrderedDict[str, FeatureStore] = OrderedDict()
_LOCK = threading.RLock()


def prefix_key(prefix: keras.Model) -> str:
    """A fingerprint of what a prefix computes: its layers, how they are joined, and its weights.

    Raises:
        Undescribable: If the prefix holds something that is not Keras' own.
    """
    digest = hashlib.blake2b(structure_of(prefix).encode(), digest_size=ID_BYTES)
    for weight in read_weights(prefix):
        digest.update(np.ascontiguousarray(weight.numpy()).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def run_prefix(prefix: keras.Model, rows: Any, progress: Progress | None = None) -> Iterator[np.ndarray]:
    """The features of `rows` in batches."""
    total = num_rows(rows)
    size = int(np.clip(PASS_BYTES // max(row_bytes(rows), 1), 8, 256))
    forward, weights = forward_for(prefix, rows), read_weights(prefix)
    for start in range(0, total, size):
        yield forward(take_rows(rows, slice(start, start + size)), weights).numpy()
        if progress:
            progress(min(start + size, total), total)


@dataclass
class _Chunk:
    start: int
    features: np.ndarray  # (n, ...), in memory or mapped from a file


class FeatureStore:
    """The features of all images that one prefix has seen, found by their content.

    Attributes:
        key: The key of the prefix.
        is_lasting: Whether other models, and later kernels, find it. A prefix with something in it that is not Keras'
            own is run anew for each training: what it computes cannot be told from its description.
        num_passed: Images that went through the prefix.
        seconds: What the passes took, by the clock, tracing included.
    """

    def __init__(self, key: str, *, is_lasting: bool = True) -> None:
        self.key = key
        self.is_lasting = is_lasting
        self.num_passed = 0
        self.seconds = 0.0
        self._rows: dict[bytes, int] = {}
        self._chunks: list[_Chunk] = []
        for ids, features in disk.open_segments(key) if is_lasting else ():
            self._append([bytes(i) for i in ids], features)

    @property
    def memory_bytes(self) -> int:
        """Bytes of features that are held in memory."""
        return sum(c.features.nbytes for c in self._chunks if not isinstance(c.features, np.memmap))

    def features(
        self, prefix: keras.Model, rows: Any, *, where: str = "auto", progress: Progress | None = None
    ) -> np.ndarray:
        """The features `(n, ...)` of `rows`; those not seen before go through the prefix now.

        Args:
            prefix: The model that `key` belongs to.
            rows: An array `(n, ...)`, or a dict or list of them: what the prefix takes.
            where: Where new features go. `"memory"`: kept where they fit `MEMORY_LIMIT`, otherwise returned and
                forgotten; `"disk"`: in a file; `"auto"`: in memory where they fit, otherwise in a file.
            progress: Called after each batch of the pass. What was done before it raises is kept, if in memory.
        """
        ids = row_ids(rows)
        new = self.missing(ids)
        if new:
            unseen = rows if len(new) == len(ids) else take_rows(rows, list(new.values()))
            batches = run_prefix(prefix, unseen, progress)
            computed, kept = self.fill(list(new), batches, where)
            if not kept:
                return self._mix(ids, computed, list(new))
        return self.lookup(ids)

    def missing(self, ids: list[bytes]) -> dict[bytes, int]:
        """The ids that have not been seen, each with its first position."""
        new = {i: position for position, i in reversed(list(enumerate(ids))) if i not in self._rows}
        return dict(reversed(new.items()))

    def count(self, ids: list[bytes]) -> int:
        """How many of these images have been seen."""
        return sum(i in self._rows for i in ids)

    def fill(self, ids: list[bytes], batches: Iterator[np.ndarray], where: str) -> tuple[np.ndarray, bool]:
        """Take in the features of new images from `batches`; returns them, and whether they are kept."""
        began = time.monotonic()
        try:
            first = next(batches)
            fits = not self.is_lasting or (where != "disk" and _make_room(first[0].nbytes * len(ids), self))
            if where == "memory" or fits:
                return self._hold(ids, _chain(first, batches), fits), fits
            table = np.frombuffer(b"".join(ids), np.uint8).reshape(-1, ID_BYTES)
            computed = disk.write_segment(self.key, table, first.shape[1:], first.dtype, _chain(first, batches))
            self.num_passed += len(ids)
            self._append(ids, computed)
            return computed, True
        finally:
            self.seconds += time.monotonic() - began

    def lookup(self, ids: list[bytes]) -> np.ndarray:
        """The features `(n, ...)` of images that have been seen, by their `row_ids`."""
        return self._gather(np.fromiter((self._rows[i] for i in ids), np.int64, len(ids)))

    def _hold(self, ids: list[bytes], batches: Iterator[np.ndarray], keep: bool) -> np.ndarray:
        """Collect features in memory. A pass that is stopped half-way keeps what it has."""
        features, done = np.empty(0), 0
        try:
            for batch in batches:
                features = features if done else np.empty((len(ids), *batch.shape[1:]), batch.dtype)
                features[done : done + len(batch)] = batch
                done += len(batch)
        finally:
            self.num_passed += done
            if keep and done:
                self._append(ids[:done], features[:done])
        return features

    def _mix(self, ids: list[bytes], computed: np.ndarray, new: list[bytes]) -> np.ndarray:
        """Features of which some are kept and some are not."""
        position = {i: row for row, i in enumerate(new)}
        mixed = np.empty((len(ids), *computed.shape[1:]), computed.dtype)
        for row, i in enumerate(ids):
            mixed[row] = computed[position[i]] if i in position else self._gather(np.array([self._rows[i]]))[0]
        return mixed

    def _append(self, ids: list[bytes], features: np.ndarray) -> None:
        with _LOCK:
            start = self._chunks[-1].start + len(self._chunks[-1].features) if self._chunks else 0
            self._chunks.append(_Chunk(start, features))
            self._rows.update(zip(ids, range(start, start + len(ids)), strict=True))

    def _gather(self, rows: np.ndarray) -> np.ndarray:
        """`(len(rows), ...)`: the features at `rows`; without a copy where they lie one after the other."""
        starts = np.array([chunk.start for chunk in self._chunks])
        owner = np.searchsorted(starts, rows, side="right") - 1
        first = self._chunks[owner[0]]
        if (owner == owner[0]).all():
            local = rows - first.start
            in_order = len(local) == local[-1] - local[0] + 1 and (np.diff(local) == 1).all()
            return first.features[local[0] : local[-1] + 1] if in_order else first.features[local]
        gathered = np.empty((len(rows), *first.features.shape[1:]), first.features.dtype)
        for number in np.unique(owner):
            mine = owner == number
            gathered[mine] = self._chunks[number].features[rows[mine] - starts[number]]
        return gathered


def _chain(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest


def _make_room(num_bytes: int, store: FeatureStore) -> bool:
    """Forget the prefixes that were used least recently until `num_bytes` more fit the limit; whether they do."""
    with _LOCK:
        for key in list(_STORES):
            if sum(each.memory_bytes for each in _STORES.values()) + num_bytes <= MEMORY_LIMIT:
                return True
            if _STORES[key] is not store:
                del _STORES[key]
    return store.memory_bytes + num_bytes <= MEMORY_LIMIT


def store_for(prefix: keras.Model) -> FeatureStore:
    """The store of a prefix with these weights, made or found; one of its own where no text says what it computes."""
    try:
        key = prefix_key(prefix)
    except Undescribable:
        return FeatureStore(uuid.uuid4().hex, is_lasting=False)
    if has_changed(prefix):
        return FeatureStore(uuid.uuid4().hex, is_lasting=False)
    with _LOCK:
        if key not in _STORES:
            _STORES[key] = FeatureStore(key)
        _STORES.move_to_end(key)
        return _STORES[key]
