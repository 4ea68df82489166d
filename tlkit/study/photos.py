"""The photos of a study: read once, dealt often, the test set apart."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from tlkit.data import Dataset, FolderDataset, FolderWarning, images_from_folder
from tlkit.data.folder.findings import Finding, printable
from tlkit.study.archives import unpack
from tlkit.study.settings import Settings

__all__ = ["Photos", "read_study_photos"]


@dataclass(eq=False)
class Photos:
    """All photos that may be learned from, in one order; those of the test stay in the vault.

    Attributes:
        dataset: As read from a folder; or one that `load_dataset` gives, whose images have one size and no files.
        root: The folder that the files lie in, where they have one.
    """

    dataset: Dataset
    root: Path = Path()
    _sizes: dict[int, Dataset] = field(default_factory=dict, repr=False)

    @property
    def class_names(self) -> list[str]:
        """Of the labels, in their order."""
        return self.dataset.class_names

    @property
    def num_classes(self) -> int:
        """Number of classes, at least 2."""
        return len(self.class_names)

    @cached_property
    def labels(self) -> np.ndarray:
        """`(num_photos,)`, `int32`."""
        return np.concatenate([self.dataset.train.labels, self.dataset.val.labels])

    @cached_property
    def paths(self) -> list[Path]:
        """The file of each photo; empty where photos have none."""
        splits = (self.dataset.train, self.dataset.val)
        return [Path(path) for split in splits if split.paths is not None for path in split.paths]

    @cached_property
    def groups(self) -> np.ndarray:
        """`(num_photos,)`: equal for photos that stay together."""
        numbers = getattr(self.dataset, "groups", {})
        return np.array([numbers[path] for path in self.paths]) if numbers else np.arange(len(self))

    @property
    def findings(self) -> list[Finding]:
        """What was found in the folder."""
        return getattr(self.dataset, "findings", [])

    def describe(self) -> str:
        """What was found, in lines: counts, and each finding with its next step."""
        num_groups = len(np.unique(self.groups))
        together = f" {num_groups:,} groups of photos stay together." if num_groups < len(self) else ""
        lines = [
            f"{len(self):,} photos of {self.num_classes} classes to learn from, {self.dataset.test.num_images:,} for "
            f"the test, which is opened once.{together}"
        ]
        counts = np.bincount(self.labels, minlength=self.num_classes)
        lines += [f"  {printable(name)}: {number:,}" for name, number in zip(self.class_names, counts, strict=True)]
        return "\n".join([*lines, *(f"- {finding}" for finding in self.findings)])

    def __len__(self) -> int:
        return len(self.labels)

    def images(self, size: int) -> np.ndarray:
        """`(num_photos, size, size, 3)`, `uint8`; another size than the first is read from the files once."""
        dataset = self.at(size)
        return np.concatenate([dataset.train.images, dataset.val.images])

    def at(self, size: int) -> Dataset:
        """The dataset at a size in pixels, in the same splits.

        Raises:
            ValueError: If the photos are of another size and have no files to be read again.
        """
        own = self.dataset.train.images.shape[1]
        if own == size:
            return self.dataset
        if not isinstance(self.dataset, FolderDataset):
            msg = f"`size` must be {own}, that of {self.dataset.name!r}, which has no files. Received: {size}."
            raise ValueError(msg)
        if size not in self._sizes:
            self._sizes[size] = self.dataset.at_size(size)
        return self._sizes[size]


def read_study_photos(
    path: str | os.PathLike[str],
    settings: Settings,
    *,
    unpack_to: Path | None = None,
    progress: Callable[[str, int, int], object] = lambda *_: None,
) -> Photos:
    """Read a folder, or a zip archive of one.

    Args:
        path: As `tlkit.data.images_from_folder` takes it, or a `.zip`.
        settings: How to read it.
        unpack_to: A folder for the photos of an archive. Nothing is ever written into `path`.
        progress: Called with what is being done, the files done, and all.

    Raises:
        ValueError: What `images_from_folder` refuses, or an archive without a place to unpack it to, or one that
            cannot be unpacked.
        OSError: If the path is not there.
    """
    root = Path(path).expanduser()
    if root.is_file():
        root = _unpack(root, unpack_to, partial(progress, "unpacking"))
    how = {name: getattr(settings, name) for name in ("size", "min_per_class", "class_names", "labels", "group_by")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FolderWarning)  # `describe` says it, and the report
        return Photos(images_from_folder(root, **how, progress=partial(progress, "reading photos")), root)


def _unpack(path: Path, folder: Path | None, progress: Callable[[int, int], object]) -> Path:
    """The folder of an archive; what is no archive is left to `images_from_folder` to refuse."""
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            msg = f"{path.name} is no zip archive, or was cut off. Download it again, or pass a folder."
            raise ValueError(msg)
        return path
    if folder is None:
        msg = f"`path` is an archive, {path.name}: unpack it, and pass the folder."
        raise ValueError(msg)
    return unpack(path, folder, progress)
