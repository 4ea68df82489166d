"""Find the files of a folder, and read its photos."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tlkit.data.decode import DecodedImage, UnknownFormat, UnusableImage, decode_image
from tlkit.data.depth import Span
from tlkit.data.folder.findings import Scan
from tlkit.data.folder.formats import FileFormat, find_format, is_photo_like
from tlkit.data.folder.photo_files import FoundFile
from tlkit.data.folder.split_words import are_contents

__all__ = ["Photo", "find_files", "read_photos"]

_PLUGINS = {"AVIF": "AVIF", "HEIC": "HEIF"}  # formats that some installations of Pillow read
_NEVER = ("camera raw", "layered")  # Pillow would read the small preview in it, or one layer
_HEAD = 64  # bytes that tell a format
_HELPERS = (
    "__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini", "@eaDir", "$RECYCLE.BIN", "System Volume Information",
    "lost+found",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Photo:
    """A file that could be read."""

    file: FoundFile
    decoded: DecodedImage


def find_files(root: Path, scan: Scan) -> tuple[list[Path], list[Path]]:
    """List what may be photos, and what may be tables of labels, below a folder, sorted by path."""
    photos, tables = [], []
    for path in _walk(root, scan):
        if path.suffix.lower() in (".csv", ".tsv"):
            tables.append(path)
        elif is_photo_like(path):
            photos.append(path)
        else:
            _skip_format(path, find_format(path), scan)
    _note_without_photo(root, photos, scan)
    return photos, tables


def _note_without_photo(root: Path, photos: list[Path], scan: Scan) -> None:
    """Note folders beside folders of photos that hold files, but no photo: one may be meant as a class."""
    used = {folder for path in photos for folder in path.parents}
    places = {folder.parent for folder in used if folder != root}
    lost = {folder for item in scan.skipped for folder in item.path.parents if item.kind not in ("helper", "empty")}
    for folder in sorted(lost - used):
        if folder.parent in places and folder.is_relative_to(root) and not are_contents([folder.name]):
            scan.skip(folder, "a folder without a photo", "empty")


def read_photos(
    files: list[FoundFile], size: int, scan: Scan, progress: Callable[[int, int], object] = lambda *_: None
) -> list[Photo]:
    """Decode the files; values of more than 8 bits get one scale. What cannot be used is noted in `scan`."""
    photos = []
    for number, file in enumerate(files):
        progress(number, len(files))
        photo = _try_to_read(file, size, scan)
        if photo is not None:
            photos.append(photo)
    for is_float in (False, True):
        spans = {
            row: photo.decoded.span
            for row, photo in enumerate(photos)
            if photo.decoded.span and photo.decoded.span.is_float == is_float
        }
        scale = _find_scale(list(spans.values()))
        for row in spans:
            if photos[row].decoded.scale != scale:
                decoded = _read(photos[row].file.path, size, scale)
                photos[row] = Photo(photos[row].file, decoded)
    return photos


def _find_scale(spans: list[Span]) -> Span | None:
    if not spans:
        return None
    joined = spans[0]
    for span in spans:
        joined = joined.join(span)
    return joined.scale()


def _try_to_read(file: FoundFile, size: int, scan: Scan) -> Photo | None:
    try:
        return Photo(file, _read(file.path, size))
    except UnknownFormat as error:
        _skip_format(file.path, _name_format(file.path), scan, str(error))
    except UnusableImage as error:
        scan.skip(file.path, str(error), "damaged")
    except OSError as error:
        scan.skip(file.path, f"cannot be read ({error.strerror or error})", "unreadable")
    return None


def _read(path: Path, size: int, scale: Span | None = None) -> DecodedImage:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would wait for ever
        msg = "not a regular file"
        raise UnusableImage(msg)
    if status.st_size == 0:
        msg = "empty file"
        raise UnusableImage(msg)
    found = find_format(path)
    if found and found.name.startswith(_NEVER):
        msg = "not an image of a known format"
        raise UnknownFormat(msg)
    with open(path, "rb") as file:
        return decode_image(file, size, scale=scale)


def _name_format(path: Path) -> FileFormat | None:
    """Name the format of a file that could not be read; `None` if only damage kept it from being read."""
    with open(path, "rb") as file:
        found = find_format(path, file.read(_HEAD))
    plugin = _PLUGINS.get(found.name.split(",")[0]) if found else None
    return None if plugin in Image.OPEN else found


def _skip_format(path: Path, found: FileFormat | None, scan: Scan, reason: str = "not an image") -> None:
    if found is None:
        scan.skip(path, reason, "damaged")
    else:
        told = "not an image" if found.name == "no images" else f"not an image that is read here: {found.name}"
        scan.skip(path, told, found.name)


def _walk(folder: Path, scan: Scan) -> Iterator[Path]:
    for path in _list(folder, scan):
        is_folder = path.is_dir()
        reason, kind = _reason_to_skip(path, is_folder)
        if reason:
            scan.skip(path, reason, kind)
        elif is_folder:
            _note_empty(path, scan)
            yield from _walk(path, scan)
        else:
            yield path


def _note_empty(folder: Path, scan: Scan) -> None:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:  # an error is reported where the folder is listed
        if not any(entries):
            scan.skip(folder, "a folder without a file", "empty")


def _list(folder: Path, scan: Scan) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder))
    except OSError as error:
        scan.skip(folder, f"cannot be read ({error.strerror or error})", "unreadable")
        return []


def _reason_to_skip(path: Path, is_folder: bool) -> tuple[str, str]:
    if path.name.startswith(".") or path.name in _HELPERS:
        return "hidden, or a helper file of the system", "helper"
    if not _is_text(path.name):
        return "a name that is no text in this system's encoding", "name"
    if path.is_symlink() and is_folder:
        return "a link to a folder (links to files are followed)", "link"
    if path.is_symlink() and not path.exists():
        return "a broken link", "link"
    return "", ""


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
