"""Find the image files of a folder, with their classes, and read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tlkit.data.decode import DecodedImage, UnusableImage, decode_image

__all__ = ["FoundFile", "Photo", "Skipped", "find_files", "read_photos"]

_SPLIT_NAMES = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was not used, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class FoundFile:
    """A file in a class folder; `split` is `None` where the folders do not say it."""

    path: Path
    class_name: str
    split: str | None = None


@dataclass(frozen=True, eq=False)
class Photo:
    """A file that could be read."""

    file: FoundFile
    decoded: DecodedImage


def find_files(root: Path, skipped: list[Skipped]) -> list[FoundFile]:
    """List the files of `root/class/...`, or of `root/train/class/...`, `root/test/class/...`, sorted by path.

    Folders inside a class folder count for the class. What is no candidate is added to `skipped`.
    """
    folders = _visible_folders(root, skipped)
    splits = {folder: _SPLIT_NAMES.get(folder.name.lower()) for folder in folders}
    if "train" not in splits.values() or not {"val", "test"} & set(splits.values()):
        return [file for folder in folders for file in _files_of_class(folder, None, skipped)]
    files = []
    for folder, split in splits.items():
        if split is None:
            skipped.append(Skipped(folder, "a folder beside train/ that is not val/ or test/"))
            continue
        for class_folder in _visible_folders(folder, skipped):
            files += _files_of_class(class_folder, split, skipped)
    return files


def read_photos(files: list[FoundFile], size: int, skipped: list[Skipped]) -> list[Photo]:
    """Decode the files; those that cannot be used are added to `skipped`."""
    photos = []
    for file in files:
        try:
            photos.append(Photo(file, _read(file.path, size)))
        except UnusableImage as error:
            skipped.append(Skipped(file.path, str(error)))
        except OSError as error:
            skipped.append(Skipped(file.path, f"cannot be read ({error.strerror or error})"))
    return photos


def _read(path: Path, size: int) -> DecodedImage:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would wait for ever
        msg = "not a regular file"
        raise UnusableImage(msg)
    if status.st_size == 0:
        msg = "empty file"
        raise UnusableImage(msg)
    with open(path, "rb") as file:
        return decode_image(file, size)


def _visible_folders(parent: Path, skipped: list[Skipped]) -> list[Path]:
    folders = []
    for path in _list(parent, skipped):
        reason = _reason_to_skip(path, is_folder=path.is_dir())
        if reason is None and not path.is_dir():
            reason = "not in a class folder"
        if reason is None:
            folders.append(path)
        else:
            skipped.append(Skipped(path, reason))
    return folders


def _files_of_class(folder: Path, split: str | None, skipped: list[Skipped]) -> Iterator[FoundFile]:
    is_empty = True
    for path in _walk(folder, skipped):
        is_empty = False
        yield FoundFile(path, folder.name, split)
    if is_empty:
        skipped.append(Skipped(folder, "a class folder without a file"))


def _walk(folder: Path, skipped: list[Skipped]) -> Iterator[Path]:
    for path in _list(folder, skipped):
        is_folder = path.is_dir()
        reason = _reason_to_skip(path, is_folder)
        if reason is not None:
            skipped.append(Skipped(path, reason))
        elif is_folder:
            yield from _walk(path, skipped)
        else:
            yield path


def _list(folder: Path, skipped: list[Skipped]) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder))
    except OSError as error:
        skipped.append(Skipped(folder, f"cannot be read ({error.strerror or error})"))
        return []


def _reason_to_skip(path: Path, is_folder: bool) -> str | None:
    if path.name.startswith(".") or path.name in ("__MACOSX", "Thumbs.db", "desktop.ini"):
        return "hidden, or a helper file of the system"
    if path.is_symlink() and is_folder:
        return "a link to a folder (links to files are followed)"
    if path.is_symlink() and not path.exists():
        return "a broken link"
    return None
