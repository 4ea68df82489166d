"""The learner's workspace: copies of the lessons that belong to the learner.

A copy is never overwritten once it differs from what was shipped. `.tlkit/shipped.json` holds the SHA-256 of each file
as it was copied. If the file still has it, the learner has not touched it; only then does a newer lesson, or the same
one in another language, replace it. The file's name is the same in every language: a lesson that was begun stays in
its own, and `reset_lesson` gives it in another.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tlkit.files import write_whole
from tlkit.languages import ENGLISH
from tlkit.lessons.catalog import LessonInfo, find_lesson, list_lessons
from tlkit.lessons.translation import lesson_bytes

__all__ = ["Opened", "open_workspace", "reset_lesson"]


@dataclass(frozen=True)
class Opened:
    """What `open_workspace` did, as file names: made, brought up to date, kept because the learner changed them."""

    folder: Path
    added: tuple[str, ...]
    updated: tuple[str, ...]
    kept: tuple[str, ...]


def open_workspace(folder: Path, *, apart: bool = False, language: str = ENGLISH) -> Opened:
    """Copy the lessons that are missing in `folder`, and update those that the learner has not touched.

    Args:
        folder: Created if it does not exist.
        apart: Whether each lesson has its own folder, named after it, as nbgrader expects.
        language: Of the lessons, as far as they are translated; the others are in English.

    Raises:
        ValueError: If `folder` is a file.
        OSError: If it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"The workspace must be a folder. Received a file: {folder}. Choose another with `--dir`."
        raise ValueError(msg)
    (folder / ".tlkit").mkdir(parents=True, exist_ok=True)
    shipped = _read_shipped(folder)
    places = {lesson: folder / lesson.path.stem if apart else folder for lesson in list_lessons()}
    done = {lesson.path.name: _bring(lesson, place, shipped, language) for lesson, place in places.items()}
    _write_shipped(shipped, folder)
    names = {what: tuple(name for name, happened in done.items() if happened == what) for what in _HAPPENINGS}
    return Opened(folder, *(names[what] for what in _HAPPENINGS))


_HAPPENINGS = ("added", "updated", "kept")


def reset_lesson(name: str, folder: Path, *, now: datetime | None = None, language: str = ENGLISH) -> Path | None:
    """Replace the learner's notebook with the shipped one; the learner's is kept under a dated name.

    Args:
        name: Number or name of the lesson.
        folder: The workspace.
        now: Time in the dated name; by default the current one.
        language: Of the shipped one, if it is translated.

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
    _copy_new(lesson, mine, shipped, language)
    _write_shipped(shipped, folder)
    return kept


def _bring(lesson: LessonInfo, folder: Path, shipped: dict[str, str], language: str) -> str:
    mine = folder / lesson.path.name
    if not mine.exists():
        _copy_new(lesson, mine, shipped, language)
        return "added"
    data = lesson_bytes(lesson.path, language)
    newest, have = _digest(data), _digest(mine.read_bytes())
    if have == newest:
        shipped[mine.name] = newest
        return "same"
    if have != shipped.get(mine.name):
        return "kept" if shipped.get(mine.name) != newest else "in work"
    write_whole(mine, data)
    shipped[mine.name] = newest
    return "updated"


def _copy_new(lesson: LessonInfo, target: Path, shipped: dict[str, str], language: str = ENGLISH) -> None:
    """Copy the lesson; mode "x" fails rather than overwrites, even if the file appears at this very moment."""
    data = lesson_bytes(lesson.path, language)
    target.parent.mkdir(exist_ok=True)
    with target.open("xb") as file:
        file.write(data)
    shipped[target.name] = _digest(data)


def _set_aside(path: Path, now: datetime) -> Path:
    """Give the file a dated name that is free."""
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        aside = path.with_name(f"{path.stem}.{now:%Y-%m-%d-%H%M%S}{suffix}{path.suffix}")
        if not aside.exists():
            path.rename(aside)
            return aside
    msg = f"There are too many dated copies of {path.name} in {path.parent}. Move some of them elsewhere."
    raise OSError(msg)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_shipped(folder: Path) -> dict[str, str]:
    """Return the digests; without a readable file there are none, so that every copy counts as the learner's."""
    try:
        found = json.loads((folder / ".tlkit" / "shipped.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_shipped(shipped: dict[str, str], folder: Path) -> None:
    text = json.dumps(shipped, indent=1, sort_keys=True) + "\n"
    write_whole(folder / ".tlkit" / "shipped.json", text)
