"""Read a table of labels: a CSV file with the file and the class of each photo."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlkit.counts import count
from tlkit.data.csv_rows import read_cells, without_missing
from tlkit.data.folder.findings import list_names
from tlkit.data.folder.split_words import split_word

__all__ = ["BadTable", "LabelRow", "LabelTable", "read_table"]

_FILE_COLUMNS = (
    "filename", "filenames", "file", "files", "filepath", "filepaths", "path", "paths", "imagepath", "imagefile",
    "imagename", "imageid", "image", "images", "img", "photo", "picture", "name", "id",
)  # fmt: skip
_LABEL_COLUMNS = (
    "label", "labels", "class", "classes", "classname", "category", "target", "species", "breed", "diagnosis", "dx",
    "y",
)  # fmt: skip
_SPLIT_COLUMNS = ("split", "set", "subset", "dataset", "partition", "usage")
_EXAMPLE = 'Write a header and a row for each photo, such as "file,label" and "photos/1.jpg,cat".'
_MAX_NUMBERS = 20  # different numbers in a label column above which they are amounts, not classes


class BadTable(ValueError):
    """A table cannot be read as labels; the message says why, and what to do."""


@dataclass(frozen=True)
class LabelRow:
    """One row: the file as it is written, its class, and its split or `None`."""

    file: str
    label: str
    split: str | None = None


@dataclass(frozen=True)
class LabelTable:
    """A table of labels.

    Attributes:
        path: Where it lies; files in it are looked for from there.
        rows: In the order of the file.
        columns: The names of the columns that were read, for a person.
        doubts: What was guessed, in sentences, each with a next step.
        is_named: Whether the column of the labels has the name of one.
    """

    path: Path
    rows: tuple[LabelRow, ...]
    columns: str
    doubts: tuple[tuple[str, str], ...] = ()
    is_named: bool = True


def read_table(path: Path) -> LabelTable:
    """Read a table by the names of its columns, whatever its case, separator and encoding.

    The file is in the first column named `file`, `filename`, `image`, `path`, `id` or the like; the class in the one
    named `label`, `class`, `category`, `target` or the like, or, without such a column, in the one of two columns
    that is left, or in the names of columns of 0 and 1; the split, if there is one, in `split`, `set` or `subset`.

    Raises:
        BadTable: If these cannot be found.
    """
    (header, *rows), doubts = _read_cells(path)
    if not rows:
        msg = f"{path.name} has no row below its first line. {_EXAMPLE}"
        raise BadTable(msg)
    names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in header]
    if not _is_header(header):
        msg = f"the first line of {path.name} names no columns: {', '.join(header[:4])}. " + _EXAMPLE
        raise BadTable(msg)
    file_column = _find_file_column(path, names, header, rows)
    split_column = next((names.index(name) for name in _SPLIT_COLUMNS if name in names), None)
    others = [place for place in range(len(header)) if place not in (file_column, split_column)]
    labels, told, used = _read_labels(path, names, header, rows, others)
    splits: list[str | None] = [None] * len(rows)
    if split_column is not None:
        splits = [_read_split(row[split_column]) for row in rows]
        told += f"; splits: {header[split_column]!r}"
        doubts += _doubt_splits(path, header[split_column], [row[split_column].strip() for row in rows], splits)
    unused = [place for place in others if place not in used and header[place].strip()]
    told += f"; not read: {_list(header, unused)}" if unused else ""
    files = [row[file_column].strip() for row in rows]
    read = tuple(LabelRow(*cells) for cells in zip(files, without_missing(labels), splits, strict=True))
    is_named = len(used) > 1 or names[used[0]] in _LABEL_COLUMNS
    return LabelTable(path, read, f"{header[file_column]!r} and {told}", tuple(doubts), is_named)


def _doubt_splits(path: Path, column: str, cells: list[str], splits: Sequence[str | None]) -> list[tuple[str, str]]:
    """What is unclear in a column of splits: cells that name none."""
    unclear = [cell for cell, split in zip(cells, splits, strict=True) if split is None]
    if not unclear:
        return []
    names = list_names([cell or "nothing" for cell in dict.fromkeys(unclear)])
    told = f"The column {column!r} of {path.name} names no split in {count(len(unclear), 'row')} ({names}): "
    step = "Write train, val or test into each row, or rename the column."
    return [(f"{told}those photos are among the ones to learn from.", step)]


def _read_cells(path: Path) -> tuple[list[list[str]], list[tuple[str, str]]]:
    """The lines of a table, and what was guessed to read them."""
    content = path.read_bytes()
    doubts = []
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        words = dict.fromkeys(word for word in re.findall(r"\w+", text) if not word.isascii())
        told = f"{path.name} is not in UTF-8: it is read as Windows writes it ({list_names(list(words))})."
        doubts = [(told, "If these signs are wrong, save it as 'CSV UTF-8'.")]
    if "\0" in text or not text.strip():
        msg = f"{path.name} is {'no text in UTF-8' if text.strip() else 'empty'}. {_EXAMPLE}"
        raise BadTable(msg)
    try:
        rows = [row for _, row in read_cells(text, strict=True)]
    except csv.Error as error:
        msg = f"{path.name}, {error}. Close each quote, and put cells with separators or quotes in double quotes."
        raise BadTable(msg) from error
    width = len(rows[0])
    if width < 2:
        msg = f"{path.name} has one column: {rows[0][0][:40]!r}. {_EXAMPLE}"
        raise BadTable(msg)
    return [row[:width] + [""] * (width - len(row)) for row in rows], doubts


def _is_header(cells: Sequence[str]) -> bool:
    """Whether no cell is a file's name or a number."""
    return not any(_looks_like_file(cell) or re.fullmatch(r"[\d.]+", cell.strip()) for cell in cells)


def _looks_like_file(cell: str) -> bool:
    return bool(re.search(r"\.(jpe?g|png|bmp|gif|tiff?|webp|heic|avif)$", cell.strip().lower()))


def _find_file_column(path: Path, names: list[str], header: list[str], rows: list[list[str]]) -> int:
    with_suffix = [place for place in range(len(header)) if _looks_like_file(rows[0][place])]
    named = [names.index(name) for name in _FILE_COLUMNS if name in names]
    for place in [*(each for each in named if each in with_suffix), *with_suffix, *named]:
        return place
    msg = f"{path.name} has no column of files. Received: {_list(header)}. Name it `file`."
    raise BadTable(msg)


def _read_labels(
    path: Path, names: list[str], header: list[str], rows: list[list[str]], others: list[int]
) -> tuple[list[str], str, list[int]]:
    """The label of each row, in words where it comes from, and the columns."""
    named = [place for place in others if names[place] in _LABEL_COLUMNS]
    if not named and len(others) == 1:
        named = others
    if named:
        place = _choose_label_column(path, header, rows, named)
        labels = [row[place].strip() for row in rows]
        _check_classes(path, header[place], labels)
        return labels, repr(header[place]), [place]
    flags = [place for place in others if all(_is_flag(row[place]) for row in rows)]
    if len(flags) >= 2:
        labels = [_read_flags(header, row, flags) for row in rows]
        return labels, f"the columns of 0 and 1 ({_list(header, flags)})", flags
    msg = f"{path.name} has no column of labels. Received: {_list(header)}. Name it `label`."
    raise BadTable(msg)


def _choose_label_column(path: Path, header: list[str], rows: list[list[str]], named: list[int]) -> int:
    """Choose the label where there is a label and its number; refuse two columns that say different things."""
    texts = [place for place in named if not all(_is_number(row[place]) for row in rows)] or named
    pairs = {(row[texts[0]].strip(), row[place].strip()) for row in rows for place in texts}
    if len(texts) > 1 and len(pairs) > len({row[texts[0]].strip() for row in rows}):
        msg = f"{path.name} has {count(len(texts), 'column')} that may be the label: {_list(header, texts)}. "
        msg += "Keep one of them, or rename the others."
        raise BadTable(msg)
    return texts[0]


def _check_classes(path: Path, column: str, labels: list[str]) -> None:
    different = set(labels)
    if all(_is_number(label) for label in different if label) and len(different) > _MAX_NUMBERS:
        msg = f"the column {column!r} of {path.name} holds {len(different)} different numbers: amounts, not classes. "
        msg += "Predicting an amount is regression. To classify, write classes in their place, such as young and old."
        raise BadTable(msg)
    if len(labels) > _MAX_NUMBERS and len(different) > len(labels) / 2:
        msg = f"the column {column!r} of {path.name} says something else in nearly every row: these are not classes. "
        msg += "Name the column of the classes `label`."
        raise BadTable(msg)


def _is_flag(cell: str) -> bool:
    return cell.strip() in ("0", "1", "0.0", "1.0")


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d+([.,]\d+)?", cell.strip()))


def _read_flags(header: list[str], row: list[str], flags: list[int]) -> str:
    return "+".join(header[place].strip() for place in flags if float(row[place]) == 1)


def _read_split(cell: str) -> str | None:
    word = split_word(cell)
    return None if word is None else "val" if word[0] == "eval" else word[0]


def _list(header: Sequence[str], places: Iterable[int] | None = None) -> str:
    return list_names([header[place] for place in (range(len(header)) if places is None else places)], 6)
