"""What all loaders of your own data share: the path of a file or folder, shares of the splits, what was left out."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tlkit.choices import did_you_mean

__all__ = ["LeftOut", "check_file", "check_folder", "check_shares"]


@dataclass(frozen=True)
class LeftOut:
    """Something that was not used.

    Attributes:
        where: A file, or a line of one.
        reason: Why.
    """

    where: str
    reason: str


def check_file(argument: str, path: str | os.PathLike[str], what: str) -> Path:
    """Return the path of a file, or say what is wrong with it.

    Raises:
        FileNotFoundError: If it does not exist; names the nearest file beside it.
        IsADirectoryError: If it is a folder.
    """
    file = Path(path).expanduser()
    if file.is_dir():
        msg = f"`{argument}` must be {what}. Received a folder: {file}. Name the file in it."
        raise IsADirectoryError(msg)
    if not file.exists():
        raise FileNotFoundError(_not_found(argument, file, _beside(file)))
    if not file.is_file():  # a pipe would wait for ever
        msg = f"`{argument}` must be {what}. Received what is no regular file: {file}."
        raise OSError(msg)
    return file


def check_folder(path: str | os.PathLike[str]) -> Path:
    """Return the path of a folder of class folders, or say what is wrong with it.

    Raises:
        FileNotFoundError: If it does not exist; names the nearest folder beside it.
        NotADirectoryError: If it is a file.
    """
    root = Path(path).expanduser()
    if root.is_dir():
        return root
    if root.exists():
        msg = f"`path` must be a folder of class folders. Received a file: {root}. Unpack an archive first."
        raise NotADirectoryError(msg)
    raise FileNotFoundError(_not_found("path", root, filter(Path.is_dir, _beside(root))))


def _beside(path: Path) -> Iterable[Path]:
    return path.parent.iterdir() if path.parent.is_dir() else ()


def _not_found(argument: str, path: Path, beside: Iterable[Path]) -> str:
    guess = did_you_mean(path.name, (entry.name for entry in beside)) or f" Seen from {Path.cwd()}."
    return f"`{argument}` does not exist. Received: {path}.{guess}"


def check_shares(val_share: float, test_share: float) -> None:
    """Raise a `ValueError` unless both shares are above 0, and below 0.9 together."""
    if not (val_share > 0 and test_share > 0 and val_share + test_share < 0.9):
        msg = (
            "`val_share` and `test_share` must be above 0, and below 0.9 together. "
            f"Received: {val_share!r} and {test_share!r}. Try 0.2 and 0.2."
        )
        raise ValueError(msg)
