"""Features on disk: whole segments that appear at once, so that a killed kernel or a full disk leaves nothing broken.

One segment is a folder `<cache>/features/<key of the prefix>/<random name>` with the ids of its images and their
features. It is written under a temporary name and renamed when it is complete. Two kernels that share the cache write
two segments; a double image does no harm.
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
    """What is kept on disk, one entry a prefix.

    Example:

    >>> all(entry.num_bytes >= 0 for entry in list_cache())
    True
    """
    root = _root()
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    return [_entry(folder) for folder in folders if not folder.name.startswith(".tmp-")]


def _entry(folder: Path) -> CacheEntry:
    images = sum(len(np.load(segment / "ids.npy", mmap_mode="r")) for segment in _segments(folder))
    size = sum(path.stat().st_size for path in folder.rglob("*.npy"))
    return CacheEntry(folder.name, images, size, folder)


def clear_cache(key: str | None = None) -> int:
    """Delete the features of one prefix, or of all, and what killed kernels have left.

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
            if time.time() - max(p.stat().st_mtime for p in (path, *path.iterdir())) >= seconds:
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
        key: Of the prefix.
        ids: `(n, 16)` uint8.
        shape: Of the features of one image.
        dtype: Of the features.
        batches: Arrays `(batch, *shape)`, n rows in all.

    Returns:
        The features `(n, *shape)`, mapped from the file.

    Raises:
        OSError: Where the disk is full. Nothing is left behind.
    """
    root = _root()
    needed = len(ids) * int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    root.mkdir(parents=True, exist_ok=True)
    _remove_stale(STALE_SECONDS)
    _check_space(root, needed)
    name = uuid.uuid4().hex
    folder = root / f".tmp-{name}"
    try:
        folder.mkdir()
        _write_rows(folder / "features.npy", (len(ids), *shape), np.dtype(dtype), batches)
        np.save(folder / "ids.npy", ids)
        (root / key).mkdir(exist_ok=True)
        os.replace(folder, root / key / name)
    except OSError as error:
        msg = f"The features need {needed / 1e6:.0f} MB in {root}, which failed: {error}. {_CURE}"
        raise OSError(error.errno, msg) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return np.load(root / key / name / "features.npy", mmap_mode="r")


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
