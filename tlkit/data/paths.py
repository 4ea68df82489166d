"""Where embedded data lies, and where downloads are kept."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache_dir", "data_dir"]


def data_dir() -> Path:
    """Return the folder of embedded data: the repository's `datasets/`, else the installed copy.

    Raises:
        FileNotFoundError: If neither is there, which means a broken installation.

    Example:
        >>> (data_dir() / "index.json").exists()
        True
    """
    package = Path(__file__).resolve().parents[1]
    candidates = [package.parent / "datasets", package / "_data"]
    for folder in candidates:
        if (folder / "index.json").is_file():
            return folder
    msg = f"The embedded data is missing: no index.json in {candidates[0]} or {candidates[1]}. Reinstall tlkit."
    raise FileNotFoundError(msg)


def cache_dir() -> Path:
    """Return the folder for downloads: the variable `TLKIT_CACHE`, else `~/.cache/tlkit`.

    It is made when something is first stored in it.
    """
    return Path(os.environ.get("TLKIT_CACHE") or "~/.cache/tlkit").expanduser()
