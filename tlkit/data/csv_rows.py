"""Read a text table (CSV) with a header, whatever separates its cells, and say what is wrong with it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tlkit.choices import check_choice
from tlkit.data.given import LeftOut

__all__ = ["Row", "read_cells", "read_rows", "without_missing"]

_SEPARATORS = ",;\t|"
_MISSING = {"", "nan", "na", "n/a", "#n/a", "<na>", "null", "?"}  # as programs write that there is nothing


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes:
        number: Number of the line in the file, from 1; a cell with line breaks counts as many.
        cells: The cells by the names of the requested columns; stripped.
    """

    number: int
    cells: dict[str, str]


def read_cells(text: str, *, strict: bool = False) -> list[tuple[int, list[str]]]:
    """Split a table into cells at commas, semicolons, tabs or bars, whichever its first line has most of.

    A line `sep=;` before it, as Excel writes it, names another separator.

    Args:
        text: The table; line ends of any kind.
        strict: Whether quotes must be closed, and be the whole cell.

    Returns:
        Each line that has something in a cell: its number, from 1 (a cell with line breaks counts as many), and cells.

    Raises:
        csv.Error: If quotes are wrong; names the line.
    """
    told = re.match(r'\s*"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', text)  # as Excel writes and reads it
    body = text[told.end() :] if told else text
    first = next(iter(body.lstrip().splitlines()), "")
    separator = told[1] if told else max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=strict)
    skipped = 1 if told else 0
    try:
        return [(reader.line_num + skipped, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        msg = f"line {reader.line_num + skipped}: {error}"
        raise csv.Error(msg) from error


def read_rows(file: Path, columns: Sequence[tuple[str, str]], skipped: list[LeftOut]) -> list[Row]:
    """Read the columns that are asked for. Lines with too few cells, or an empty one, are added to `skipped`.

    Args:
        file: In UTF-8, with a header. Cells are separated by a comma, a semicolon, a tab or a bar: whichever splits the
            header into most cells.
        columns: Pairs of an argument, for messages, and the name of a column.
        skipped: Is added to.

    Raises:
        ValueError: If the file is empty or not UTF-8, or lacks a column.
    """
    try:
        (_, header), *found = read_cells(_decode(file), strict=True)
    except csv.Error as error:
        msg = f"{file.name}, {error}. Put cells with separators or quotes in double quotes."
        raise ValueError(msg) from error
    names = [name.strip() for name in header]
    _check_columns(file, columns, names)
    places = {name: names.index(name) for _, name in columns}
    rows = [_row(file, number, cells, len(names), places, skipped) for number, cells in found]
    return [row for row in rows if row is not None]


def _decode(file: Path) -> str:
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        msg = f"{file.name} is not UTF-8 (line {line}). Save it as 'CSV UTF-8' in your spreadsheet, and call again."
        raise ValueError(msg) from error
    if not text.strip():
        msg = f"{file.name} is empty. It must have a header with the names of its columns and a line for each item."
        raise ValueError(msg)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_columns(file: Path, columns: Sequence[tuple[str, str]], names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1} & {name for _, name in columns})
    if twice:
        msg = f"{file.name} has more than one column {twice[0]!r}. Rename one."
        raise ValueError(msg)
    for argument, column in columns:
        check_choice(argument, column, names, f"These are the columns of {file.name}.")


def _row(
    file: Path, number: int, cells: list[str], width: int, places: dict[str, int], skipped: list[LeftOut]
) -> Row | None:
    where = f"{file.name}, line {number}"
    if any(cell.strip() for cell in cells[width:]):
        reason = f"{len(cells)} cells, but the header has {width}: put cells with a separator in double quotes"
        skipped.append(LeftOut(where, reason))
        return None
    found = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
    empty = [name for name, cell in found.items() if not cell]
    if empty:
        skipped.append(LeftOut(where, f"nothing in column {empty[0]!r}"))
        return None
    return Row(number, found)


def without_missing(labels: Sequence[str]) -> list[str]:
    """Return labels as they are meant: empty where a program wrote that there is none, and `1.0` as `1`.

    Example:
        >>> without_missing(["NaN", "1.0", "2"]), without_missing(["1.0", "1.5"])
        (['', '1', '2'], ['1.0', '1.5'])
    """
    found = ["" if label.strip().lower() in _MISSING else label for label in labels]
    whole = [re.fullmatch(r"([+-]?\d+)(\.0+)?", label) for label in found if label]
    return [label.split(".")[0] for label in found] if all(whole) else found
