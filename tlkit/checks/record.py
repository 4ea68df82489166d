"""The learner's progress: one JSON file in `tlkit.paths.home_dir()`.

It survives what happens to files. A new version is written to a temporary file and moved into place; the last good
state is kept in `progress.backup.json`; an unreadable file is set aside under a dated name. Two kernels that write at
once take turns by means of a lock, and each reads before it writes.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from tlkit.files import write_whole
from tlkit.paths import home_dir

__all__ = ["Standing", "read_record", "record_in_memory", "standing_of", "update_record"]

_EMPTY = '{"version": 1, "exercises": {}, "notes": []}'
_PATIENCE_S = 10.0
_in_memory: list[dict] = []


@dataclass(frozen=True)
class Standing:
    """How far an exercise is done.

    Attributes:
        points: The best that were earned.
        attempts: How often it was checked.
        hints: How many were asked for.
        prediction: The answer that was locked in, or `None`.
    """

    points: float = 0.0
    attempts: int = 0
    hints: int = 0
    prediction: Any = None


def standing_of(record: dict, exercise_id: str) -> Standing:
    """Return how far an exercise is done, by a record that `read_record` returned.

    >>> standing_of({"exercises": {"1.1": {"points": 2.0, "attempts": 3}}}, "1.1")
    Standing(points=2.0, attempts=3, hints=0, prediction=None)
    """
    entry = record["exercises"].get(exercise_id, {})
    known = {name: entry[name] for name in ("points", "attempts", "hints") if name in entry}
    return Standing(**known, prediction=entry.get("prediction", {}).get("answer"))


def read_record() -> dict:
    """Return the record: `exercises` by id, and `notes` on repairs. If there is none yet, return an empty one."""
    if _in_memory:
        return _in_memory[-1]
    home = home_dir()
    return _read_good(home / "progress.json") or _read_good(home / "progress.backup.json") or json.loads(_EMPTY)


def update_record(name: str, change: Callable[[dict], None], *, section: str = "exercises") -> str:
    """Let `change` alter the entry of an exercise, and save the record.

    Args:
        name: The id of the exercise, such as `"1.3"`.
        change: Receives the entry, a dictionary that is empty at first, and changes it in place.
        section: Where in the record the entry is; another one than the exercises' holds what earns no points.

    Returns:
        An empty string, or why it could not be saved. Nothing is raised: a full disk must not cost a grade.
    """
    if _in_memory:
        change(_in_memory[-1].setdefault(section, {}).setdefault(name, {}))
        return ""
    home = home_dir()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _lock(home / "progress.lock"):
            record = _repaired(home)
            change(record.setdefault(section, {}).setdefault(name, {}))
            _save(record, home)
    except OSError as error:
        return f"Your progress could not be saved in {home}: {error.strerror or error}."
    return ""


@contextmanager
def record_in_memory() -> Generator[None]:
    """Use an empty, temporary record while the block runs: for those who grade the work of others."""
    _in_memory.append(json.loads(_EMPTY))
    try:
        yield
    finally:
        _in_memory.pop()


def _read_good(path: Path) -> dict | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        usable = isinstance(record["exercises"], dict) and isinstance(record["notes"], list)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if usable else None


def _repaired(home: Path) -> dict:
    """Return the record; a damaged file is first moved aside, and the repair is noted."""
    path = home / "progress.json"
    if path.exists() and _read_good(path) is None:
        aside = _free_name(home, datetime.now())
        os.replace(path, aside)
        record = read_record()
        record["notes"].append(f"progress.json was damaged; it is kept as {aside.name}; the last good copy is used.")
        return record
    return read_record()


def _free_name(home: Path, now: datetime) -> Path:
    stem = f"progress.damaged-{now:%Y-%m-%d-%H%M%S}"
    names = (home / f"{stem}{suffix}.json" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())


def _save(record: dict, home: Path) -> None:
    path = home / "progress.json"
    if path.exists():
        write_whole(home / "progress.backup.json", path.read_text(encoding="utf-8"), private=True)
    text = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(path, text, private=True)


@contextmanager
def _lock(path: Path) -> Generator[None]:
    """Hold the lock file. The system frees it when a process dies, so it cannot stay behind."""
    with path.open("a+") as file:
        _acquire(file)
        try:
            yield
        finally:
            _release(file)


def _acquire(file: IO[str]) -> None:
    give_up = time.monotonic() + _PATIENCE_S
    while True:
        try:
            _system_lock(file, acquire=True)
            return
        except (BlockingIOError, PermissionError) as error:
            if time.monotonic() > give_up:
                msg = f"another program holds {file.name}"
                raise OSError(msg) from error
            time.sleep(0.02)


def _release(file: IO[str]) -> None:
    _system_lock(file, acquire=False)


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _system_lock(file: IO[str], *, acquire: bool) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK if acquire else msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _system_lock(file: IO[str], *, acquire: bool) -> None:
        fcntl.flock(file.fileno(), (fcntl.LOCK_EX | fcntl.LOCK_NB) if acquire else fcntl.LOCK_UN)
