"""What is done stays done: each piece of a study is written to a file as it ends, and read when it goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Journal", "JournalMismatch"]


class JournalMismatch(ValueError):
    """A study that is to go on was begun with other photos or settings."""


class Journal:
    """Pieces of work by name, in a file of JSON lines; or in memory alone.

    Attributes:
        path: The file, or `None`.

    Example:
        >>> journal = Journal(None)
        >>> journal.once("two", lambda: 1 + 1), journal.once("two", lambda: 1 / 0)
        (2, 2)
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._pieces: dict[str, Any] = {}
        if path is not None and path.exists():
            self._pieces = _read(path)

    def __contains__(self, name: str) -> bool:
        return name in self._pieces

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        """Return what `work` gave the first time, in this process or before; it must be what JSON can hold."""
        if name not in self._pieces:
            value = json.loads(json.dumps(work()))
            self._append(name, value)
            self._pieces[name] = value
        return self._pieces[name]

    def check(self, name: str, value: Any, cure: str) -> None:
        """Note what the study was begun with; raise if it is not that any more.

        Raises:
            JournalMismatch: If `value` is another one than the first time.
        """
        value = json.loads(json.dumps(value))
        begun_with = self.once(name, lambda: value)
        if begun_with != value:
            told = ""
            if isinstance(value, dict) and isinstance(begun_with, dict):
                names = [each for each in value if value[each] != begun_with.get(each)]
                told = ":" + ",".join(f" {each} was {begun_with.get(each)!r} and is {value[each]!r}" for each in names)
            msg = f"This study was begun with other {name}{told}. {cure}"
            raise JournalMismatch(msg)

    def _append(self, name: str, value: Any) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "value": value}, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _read(path: Path) -> dict[str, Any]:
    """The pieces of a file; a last line that was cut short by a kill is taken away."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    try:
        pieces = [json.loads(line) for line in whole.decode("utf-8").split("\n")[:-1]]
        found = {piece["name"]: piece["value"] for piece in pieces}
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{path} is damaged: a study cannot go on from it. Take another folder for the results, or delete it."
        raise JournalMismatch(msg) from error
    if len(whole) < len(content):
        path.write_bytes(whole)
    return found
