"""Features on disk: whole segments that appear at once, so that a killed kernel or a full disk leaves nothing broken.

One segment is a folder `<cache>/features/<key of the prefix>/<random name>` with the ids of its images and their
features. It is written under a temporary name and renamed when it is complete. Two kernels that share the cache write
two segments; an image in both does no harm.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlkit.data import cache_dir
from tlkit.files import replacing

__all__ = ["CacheEntry", "clear_cache", "list_cache", "open_segments", "write_segment"]

STALE_SECONDS = 3600


@dataclass(frozen=True)
class CacheEntry:
    """Features of one frozen prefix on disk.

    Attributes:
        key: Fingerprint of the prefix: its layers and weights.
        num_images: Images whose features are kept.
        num_bytes: Size on disk.
        path: Its folder.
    """

    key: str
    num_images: int
    num_bytes: int
    path: Path


def _root() -> Path:
    return cache_dir() / "features"


def _segments(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if (path / "ids.npy").is_file()) if folder.is_dir() else []


def list_cache() -> list[CacheEntry]:
    """What is kept on disk, one entry per prefix.

    Example:
        >>> import tempfile
        >>> from unittest.mock import patch
        >>> ids, features = np.zeros((3, 16), np.uint8), np.ones((3, 2), np.float32)
        >>> with tempfile.TemporaryDirectory() as folder, patch.dict("os.environ", TLKIT_CACHE=folder):
        ...     _ = write_segment("prefix", ids, (2,), features.dtype, [features])
        ...     [(entry.key, entry.num_images, entry.num_bytes) for entry in list_cache()]
        [('prefix', 3, 328)]
    """
    root = _root()
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    return [_entry(folder) for folder in folders if not folder.name.startswith(".tmp-")]


def _entry(folder: Path) -> CacheEntry:
    images = sum(len(np.load(segment / "ids.npy", mmap_mode="r")) for segment in _segments(folder))
    size = sum(path.stat().st_size for path in folder.rglob("*.npy"))
    return CacheEntry(folder.name, images, size, folder)


def clear_cache(key: str | None = None) -> int:
    """Delete the features of one prefix, or of all, and what killed kernels have left behind.

    Args:
        key: As `list_cache` gives it; `None` for all.

    Returns:
        The number of bytes set free.

    Raises:
        ValueError: If there is no such key.
    """
    entries = [entry for entry in list_cache() if key in (None, entry.key)]
    if key is not None and not entries:
        msg = f"`key` must be one of {[entry.key for entry in list_cache()]}. Received {key!r}. See `list_cache()`."
        raise ValueError(msg)
    for entry in entries:
        shutil.rmtree(entry.path, ignore_errors=True)
    _remove_stale(0 if key is None else STALE_SECONDS)
    return sum(entry.num_bytes for entry in entries)


def _remove_stale(seconds: float) -> None:
    for path in _root().glob(".tmp-*"):
        with contextlib.suppress(OSError):
            if time.time() - max(p.stat().st_mtime for p in (path, *path.rglob("*"))) >= seconds:
                shutil.rmtree(path, ignore_errors=True)


def open_segments(key: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ids `(n, 16)` uint8 and features `(n, ...)`, the latter mapped from the file, of each segment of a prefix."""
    for path in _segments(_root() / key):
        # Another kernel may clear the cache meanwhile.
        with contextlib.suppress(OSError, ValueError):
            ids, features = np.load(path / "ids.npy"), np.load(path / "features.npy", mmap_mode="r")
            if len(ids) == len(features):
                yield ids, features


def write_segment(key: str, ids: np.ndarray, shape: tuple[int, ...], dtype: np.dtype, batches: Iterable) -> np.ndarray:
    """Stream features to a new segment.

    Args:
        key: The key of the prefix.
        ids: `(n, 16)` uint8.
        shape: The shape of the features of one image.
        dtype: The dtype of the features.
        batches: Arrays `(batch, *shape)`, n rows in all.

    Returns:
        The features `(n, *shape)`, mapped from the file.

    Raises:
        OSError: If the disk is full. Nothing is left behind.
    """
    root = _root()
    needed = len(ids) * int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    root.mkdir(parents=True, exist_ok=True)
    _remove_stale(STALE_SECONDS)
    _check_space(root, needed)
    segment = root / key / uuid.uuid4().hex
    try:
        with replacing(segment, within=root) as folder:
            folder.mkdir()
            _write_rows(folder / "features.npy", (len(ids), *shape), np.dtype(dtype), batches)
            np.save(folder / "ids.npy", ids)
    except OSError as error:
        msg = f"The features ({needed / 1e6:.0f} MB) could not be written to {root}: {error}. {_CURE}"
        raise OSError(error.errno, msg) from error
    return np.load(segment / "features.npy", mmap_mode="r")


_CURE = "Free space with `tlkit cache --clear`, or set TLKIT_CACHE to a folder on a larger disk."


def _check_space(root: Path, needed: int) -> None:
    free = shutil.disk_usage(root).free
    if needed > free:
        msg = f"{needed / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free"
        raise OSError(28, f"{msg} in {root}. {_CURE}")


def _write_rows(path: Path, shape: tuple[int, ...], dtype: np.dtype, batches: Iterable) -> None:
    # Plain writes, not a memory map: on a full disk a map kills the process, a write raises.
    with path.open("wb") as file:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(file, header)
        for batch in batches:
            file.write(np.ascontiguousarray(batch, dtype).data)
        file.flush()
        os.fsync(file.fileno())
