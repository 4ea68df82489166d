"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing", "write_whole"]


def write_whole(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write a temporary file and move it into place: a reader sees the old content or the new one, never a part.

    Args:
        path: Where it belongs; its folder is created if it is missing.
        content: Text is written as UTF-8, with its line ends unchanged.
        private: Whether only its owner may read it.

    Raises:
        OSError: If it cannot be written. What was there before is untouched, and nothing else is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        if not private:
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def replacing(path: Path, *, within: Path | None = None) -> Generator[Path]:
    """Give a name to write to: what the block leaves there, a file or a folder, is moved to `path` in one step.

    The name is the last part of `path`, in a temporary folder `.tmp-*` of its own. If the block raises, what was at
    `path` is untouched, and nothing else is left behind.

    Args:
        path: Where it belongs; its folder is created if it is missing. A folder replaces an empty folder only.
        within: Where the temporary folder is made, on the same disk as `path`; beside `path` by default.

    Raises:
        OSError: If nothing was written, or it cannot be moved.
    """
    place = within or path.parent
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix=".tmp-", ignore_cleanup_errors=True) as folder:
        temporary = Path(folder, path.name)
        yield temporary
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(temporary, path)
