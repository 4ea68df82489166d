"""Read a submitted file: regular files only, bounded, and of its cells no more than their kind, id and source."""

import json
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tlkit.grading.lesson_plan import LessonPlan

__all__ = ["Cell", "NotReadable", "cells_of", "handed_in", "own_cells", "read_bytes", "read_cells", "require_lesson"]

MAX_BYTES = 50 << 20
MAX_SOURCE = 200_000
_MOST_OWN = 1_000_000  # characters of all cells of the learner's own


class NotReadable(ValueError):
    """A submission that cannot be graded; the message says why."""


@dataclass(frozen=True)
class Cell:
    """A cell: its kind, its grade id (the cell's own id where a tool dropped nbgrader's metadata) or "", its text."""

    kind: str
    name: str
    source: str


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a regular file, without following a link or waiting for a device.

    Raises:
        NotReadable: If it is something else, too large, or cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        why = "it is a symbolic link" if path.is_symlink() else error.strerror or "it cannot be opened"
        msg = f"The file was not opened: {why}."
        raise NotReadable(msg) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        msg = "It is not a regular file."
        raise NotReadable(msg)
    with os.fdopen(handle, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        msg = f"The file is larger than {MAX_BYTES >> 20} MB. Clear its outputs and hand it in again."
        raise NotReadable(msg)
    return data


def handed_in(path: Path) -> float:
    """Return when a file came, in seconds since 1970: by nbgrader's `timestamp.txt` beside it, or its own time."""
    try:
        with path.with_name("timestamp.txt").open("rb") as file:
            text = file.read(100).decode().strip()
        return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC).timestamp()
    except (OSError, ValueError):
        pass
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def cells_of(data: bytes) -> list[Cell]:
    """Return the cells of a notebook, in order, without those that are too long or not cells at all.

    Raises:
        NotReadable: If the bytes are not a notebook of format 4.
    """
    try:
        cells = json.loads(data)["cells"]
        found = [_cell(cell) for cell in cells] if isinstance(cells, list) else None
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
        msg = f"It is not a Jupyter notebook of format 4 ({type(error).__name__})."
        raise NotReadable(msg) from None
    if found is None:
        msg = "It is not a Jupyter notebook of format 4: it has no list of cells."
        raise NotReadable(msg)
    return [cell for cell in found if cell]


def read_cells(data: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return the sources of a notebook's code cells, and of its text cells, by name; the last one if a name comes
    twice.

    Raises:
        NotReadable: If the bytes are not a notebook of format 4.
    """
    named = [cell for cell in cells_of(data) if cell.name]
    code = {cell.name: cell.source for cell in named if cell.kind == "code"}
    return code, {cell.name: cell.source for cell in named if cell.kind == "markdown"}


def own_cells(cells: Sequence[Cell], plan: LessonPlan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the code that the lesson does not have: from cells that a learner added, the last one first, and from
    given cells that a learner changed.
    """
    code = [cell for cell in cells if cell.kind == "code"]
    added = [cell.source for cell in code if cell.name not in plan.cells]
    changed = [cell.source for cell in code if plan.is_given(cell.name) and cell.source != plan.cells[cell.name]]
    return _within_bounds(added[::-1]), _within_bounds(changed)


def require_lesson(cells: Sequence[Cell], plan: LessonPlan) -> None:
    """Refuse a notebook none of whose cells belongs to the lesson.

    Raises:
        NotReadable: If none has a grade id of the lesson, and none of the learner's own defines an answer.
    """
    names = {cell.name for cell in cells}
    answers = "|".join(map(re.escape, plan.answers))
    defines = any(cell.kind == "code" and re.search(rf"\b({answers})\b", cell.source) for cell in cells)
    if names.isdisjoint(plan.graded) and not (answers and defines):
        msg = f"No cell of this notebook belongs to {plan.name}; another one may have been saved under its name."
        raise NotReadable(msg)


def _within_bounds(sources: list[str]) -> tuple[str, ...]:
    kept, left = [], _MOST_OWN
    for source in sources:
        left -= len(source)
        if left < 0:
            break
        kept.append(source)
    return tuple(kept)


def _cell(cell: object) -> Cell | None:
    if not isinstance(cell, dict):
        return None
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else cell.get("id")
    source = cell.get("source")
    source = "".join(source) if isinstance(source, list) else source
    if not isinstance(source, str) or len(source) > MAX_SOURCE:
        return None
    return Cell(str(cell.get("cell_type")), name if isinstance(name, str) else "", source)
