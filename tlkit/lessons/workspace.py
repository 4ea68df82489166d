"""The learner's workspace: copies of the lessons, which belong to the learner.

A copy is never overwritten once it differs from what was shipped. `.tlkit/shipped.json` holds the SHA-256 of each file
as it was copied: equal to the file now means "not touched", and only then is a newer lesson put in its place.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tlkit.lessons.catalog import LessonInfo, find_lesson, list_lessons

__all__ = ["Opened", "open_workspace", "reset_lesson"]


@dataclass(frozen=True)
class Opened:
    """What `open_workspace` did, as file names: made, brought up to date, kept because the learner changed them."""

    folder: Path
    added: tuple[str, ...]
    updated: tuple[str, ...]
    kept: tuple[str, ...]


def open_workspace(folder: Path) -> Opened:
    """Copy the lessons that are missing in `folder`, and renew those that the learner has not touched.

    Args:
        folder: Made if it does not exist.

    Raises:
        ValueError: If `folder` is a file.
        OSError: If it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"The workspace must be a folder. Received a file: {folder}. Choose another with `--dir`."
        raise ValueError(msg)
    (folder / ".tlkit").mkdir(parents=True, exist_ok=True)
    shipped = _read_shipped(folder)
    done = {lesson.path.name: _bring(lesson, folder, shipped) for lesson in list_lessons()}
    _write_shipped(shipped, folder)
    names = {what: tuple(name for name, happened in done.items() if happened == what) for what in _HAPPENINGS}
    return Opened(folder, *(names[what] for what in _HAPPENINGS))


_HAPPENINGS = ("added", "updated", "kept")


def reset_lesson(name: str, folder: Path, *, now: datetime | None = None) -> Path | None:
    """Put the shipped notebook in place of the learner's, which is kept under a dated name.

    Args:
        name: Number or name of the lesson.
        folder: The workspace.
        now: Time in the dated name; by default the current one.

    Returns:
        Where the learner's notebook is now, or `None` if there was none.

    Raises:
        ValueError: If there is no such lesson.
    """
    lesson = find_lesson(name)
    mine = folder / lesson.path.name
    kept = _set_aside(mine, now or datetime.now()) if mine.exists() else None
    (folder / ".tlkit").mkdir(parents=True, exist_ok=True)
    shipped = _read_shipped(folder)
    _copy_new(lesson, mine, shipped)
    _write_shipped(shipped, folder)
    return kept


def _bring(lesson: LessonInfo, folder: Path, shipped: dict[str, str]) -> str:
    mine = folder / lesson.path.name
    if not mine.exists():
        _copy_new(lesson, mine, shipped)
        return "added"
    newest, have = _digest(lesson.path), _digest(mine)
    if have == newest:
        shipped[mine.name] = newest
        return "same"
    if have != shipped.get(mine.name):
        return "kept" if shipped.get(mine.name) != newest else "in work"
    _replace(lesson.path, mine)
    shipped[mine.name] = newest
    return "updated"


def _copy_new(lesson: LessonInfo, target: Path, shipped: dict[str, str]) -> None:
    """Copy; mode "x" fails rather than overwrite, even if the file appears at this very moment."""
    data = lesson.path.read_bytes()
    with target.open("xb") as file:
        file.write(data)
    shipped[target.name] = _digest(target)


def _set_aside(path: Path, now: datetime) -> Path:
    """Give the file a dated name that is free."""
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        aside = path.with_name(f"{path.stem}.{now:%Y-%m-%d-%H%M%S}{suffix}{path.suffix}")
        if not aside.exists():
            path.rename(aside)
            return aside
    msg = f"There are too many dated copies of {path.name} in {path.parent}. Move some of them elsewhere."
    raise OSError(msg)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _replace(source: Path, target: Path) -> None:
    _write_atomically(source.read_bytes(), target)


def _write_atomically(data: bytes, target: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.chmod(temporary, 0o644)  # mkstemp makes it private
    os.replace(temporary, target)


def _read_shipped(folder: Path) -> dict[str, str]:
    """Return the digests; a file that cannot be read counts as none, so that every copy counts as the learner's."""
    try:
        found = json.loads((folder / ".tlkit" / "shipped.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_shipped(shipped: dict[str, str], folder: Path) -> None:
    text = json.dumps(shipped, indent=1, sort_keys=True) + "\n"
    _write_atomically(text.encode(), folder / ".tlkit" / "shipped.json")
