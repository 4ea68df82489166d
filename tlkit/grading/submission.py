"""Find and read submissions. Nothing in a submitted file, nor its name, is believed."""

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Found", "NotReadable", "SubmissionCells", "find_submissions", "read_bytes", "read_cells", "safe_name"]

MAX_BYTES = 50 << 20
MAX_SOURCE = 200_000
_LONGEST_NAME = 60


class NotReadable(ValueError):
    """A submission that cannot be graded; the message says why."""


@dataclass(frozen=True)
class Found:
    """A file to grade.

    Attributes:
        path: Where it is.
        learner: Id of the learner, safe as part of a file name.
        lesson: Name of a lesson, or the file's stem, made safe, if it names none.
        conflict: Why it must not be graded although it is there, as that another file has the same learner and lesson.
    """

    path: Path
    learner: str
    lesson: str
    conflict: str = ""


@dataclass(frozen=True)
class SubmissionCells:
    """The sources of a submission's marked cells, by grade id; of a doubled id the last one, as in a run notebook."""

    code: dict[str, str]
    text: dict[str, str]


def find_submissions(paths: Iterable[Path], lessons: list[str]) -> list[Found]:
    """Return the files to grade, folders searched without following links, in order of their paths.

    Args:
        paths: Notebooks, and folders of notebooks.
        lessons: Names of the lessons.
    """
    files: dict[Path, None] = {}
    for path in paths:
        files |= dict.fromkeys(_notebooks_below(path) if path.is_dir() and not path.is_symlink() else [path])
    found, taken = [], {}
    for path in files:
        learner, lesson = _owner(path, lessons)
        key = (learner.casefold(), lesson)
        if key in taken:
            mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
            why = f"{taken[key].name!r} has the same learner and lesson; only that file was graded."
            found.append(Found(path, f"{learner}-again-{mark}", lesson, why))
        else:
            taken[key] = path
            found.append(Found(path, learner, lesson))
    return found


def _notebooks_below(folder: Path) -> list[Path]:
    found = []
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(where, name) for name in sorted(names) if name.endswith(".ipynb")]
    return found


def _owner(path: Path, lessons: list[str]) -> tuple[str, str]:
    """Return learner and lesson: of `LEARNER_lesson.ipynb`, `LEARNER/lesson.ipynb` or nbgrader's folders."""
    stem, parents = path.stem, [part.name for part in list(path.absolute().parents)[:2]]
    lesson = next((name for name in lessons if stem == name or stem.endswith(f"_{name}")), None)
    if lesson and stem != lesson:
        return safe_name(stem.removesuffix(f"_{lesson}")), lesson
    if parents[0] in lessons:
        return safe_name(parents[1]), lesson or parents[0]
    return safe_name(parents[0] if lesson else stem), lesson or safe_name(stem)


def safe_name(name: str) -> str:
    """Return a name made of letters, digits and `. _ @ + -`; one that had to change carries a mark of what it was.

    Example:

    >>> safe_name("ana.ruiz")
    'ana.ruiz'
    >>> safe_name("../../etc/passwd")
    'etc_passwd-3754d6cb'
    """
    plain = unicodedata.normalize("NFKC", name)
    plain = re.sub(r"[^\w.@+-]|--+", "_", plain)
    plain = re.sub(r"__+", "_", plain).lstrip("._-@+")[:_LONGEST_NAME].rstrip("-")
    if plain and plain == name:
        return plain
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain or 'nameless'}-{mark}"


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


def read_cells(data: bytes) -> SubmissionCells:
    """Return the marked cells of a notebook.

    Raises:
        NotReadable: If the bytes are no notebook of format 4.
    """
    try:
        cells = json.loads(data)["cells"]
        pairs = [pair for cell in cells if (pair := _marked(cell))] if isinstance(cells, list) else None
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
        msg = f"It is no Jupyter notebook of format 4 ({type(error).__name__})."
        raise NotReadable(msg) from None
    if pairs is None:
        msg = "It is no Jupyter notebook of format 4: it has no list of cells."
        raise NotReadable(msg)
    code = {name: source for kind, name, source in pairs if kind == "code"}
    return SubmissionCells(code, {name: source for kind, name, source in pairs if kind == "markdown"})


def _marked(cell: object) -> tuple[str, str, str] | None:
    """Return kind, grade id and source of a cell; its own id stands in where a tool dropped nbgrader's metadata."""
    if not isinstance(cell, dict):
        return None
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else cell.get("id")
    source = cell.get("source")
    source = "".join(source) if isinstance(source, list) else source
    if not isinstance(name, str) or not isinstance(source, str) or len(source) > MAX_SOURCE:
        return None
    return str(cell.get("cell_type")), name, source
