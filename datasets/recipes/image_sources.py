"""Where pre-training images come from: labelled `uint8` arrays, whatever the source.

Every source returns `(images, labels, class_names)` for training and for validation, so that
`pretrain.py` need not know what it learns from.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tlkit.data import images_from_folder
from tlkit.files import replacing

__all__ = ["Source", "file_sha256", "read_folder", "read_tiny_imagenet"]


@dataclass(frozen=True)
class Source:
    """Images to pre-train on.

    Attributes:
        train_images: `(num_train, size, size, 3)`, `uint8` in [0, 255].
        train_labels: `(num_train,)`, `int32` in [0, num_classes).
        val_images: Like `train_images`; never trained on.
        val_labels: Like `train_labels`.
        class_names: One name for each class.
        data_sha256: Hash of the file or of the arrays that the source was read from.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    val_images: np.ndarray
    val_labels: np.ndarray
    class_names: list[str]
    data_sha256: str


def read_tiny_imagenet(archive: Path, cache_dir: Path) -> Source:
    """Read the official `tiny-imagenet-200.zip`; decoded once, then memory-mapped.

    Args:
        archive: The zip file, in the layout of
            [Stanford's CS231n](http://cs231n.stanford.edu/tiny-imagenet-200.zip).
        cache_dir: Where the decoded arrays are kept (about 1.1 GB).

    Returns:
        200 classes, 64 x 64 pixels; the official validation set is `val_images`.
    """
    digest = file_sha256(archive)
    with zipfile.ZipFile(archive) as files:
        names = [name for name in files.namelist() if name.endswith(".JPEG")]
        wnids = _read_member(files, "wnids.txt").split()
        index = {wnid: label for label, wnid in enumerate(wnids)}
        words = dict(line.split("\t", 1) for line in _read_member(files, "words.txt").splitlines())
        notes = [line.split("\t") for line in _read_member(files, "val_annotations.txt").splitlines()]
        val_label = {row[0]: index[row[1]] for row in notes}
        train = sorted(name for name in names if "/train/" in name)
        val = sorted(name for name in names if "/val/" in name)
        prefix = cache_dir / f"tiny-imagenet-{digest[:12]}"
        return Source(
            train_images=_decode(files, train, Path(f"{prefix}-train.npy")),
            train_labels=np.array([index[Path(name).parts[-3]] for name in train], "int32"),
            val_images=_decode(files, val, Path(f"{prefix}-val.npy")),
            val_labels=np.array([val_label[Path(name).name] for name in val], "int32"),
            class_names=[words[wnid].split(",")[0] for wnid in wnids],
            data_sha256=digest,
        )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_member(files: zipfile.ZipFile, ending: str) -> str:
    name = next(name for name in files.namelist() if name.endswith(ending))
    return files.read(name).decode()


def _decode(files: zipfile.ZipFile, names: list[str], target: Path) -> np.ndarray:
    if not target.exists():
        with replacing(target) as partial:
            images = np.lib.format.open_memmap(partial, "w+", "uint8", (len(names), 64, 64, 3))
            for row, name in enumerate(names):
                images[row] = np.asarray(Image.open(io.BytesIO(files.read(name))).convert("RGB"))
            images.flush()
    return np.load(target, mmap_mode="r")


def read_folder(folder: Path, *, size: int = 64) -> Source:
    """Read own photos in class folders: a fifth is for validation, a fifth stays in the vault."""
    photos = images_from_folder(folder, size=size)
    train, val = photos.train, photos.val
    digest = hashlib.sha256(train.images.tobytes()).hexdigest()
    return Source(train.images, train.labels, val.images, val.labels, list(photos.class_names), digest)
