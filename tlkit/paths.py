"""Where things are: embedded data, downloads, shipped notebooks, the learner's workspace and record of progress."""

import os
from pathlib import Path

__all__ = ["cache_dir", "data_dir", "home_dir", "notebooks_dir", "package_root", "workspace_dir"]

_PACKAGE = Path(__file__).resolve().parent


def package_root() -> Path:
    """Return the folder that holds the package: the repository, or `site-packages`."""
    return _PACKAGE.parent


def data_dir() -> Path:
    """Return the folder of embedded data: the repository's `datasets/`, or the installed copy.

    Raises:
        FileNotFoundError: If neither is there, which means a broken installation.

    Example:
        >>> (data_dir() / "index.json").exists()
        True
    """
    candidates = [_PACKAGE.parent / "datasets", _PACKAGE / "_data"]
    for folder in candidates:
        if (folder / "index.json").is_file():
            return folder
    msg = f"The embedded data is missing: no index.json in {candidates[0]} or {candidates[1]}. Reinstall tlkit."
    raise FileNotFoundError(msg)


def cache_dir() -> Path:
    """Return the folder for downloads: the variable `TLKIT_CACHE`, or `~/.cache/tlkit`.

    It is made when something is first stored in it.
    """
    return Path(os.environ.get("TLKIT_CACHE") or "~/.cache/tlkit").expanduser()


def notebooks_dir() -> Path:
    """Return the shipped lessons: the repository's `notebooks/` if it exists, otherwise the packaged copy."""
    in_repository = package_root() / "notebooks"
    return in_repository if (in_repository / "src").is_dir() else _PACKAGE / "_notebooks"


def workspace_dir() -> Path:
    """Return the learner's folder: `TLKIT_WORKSPACE`, or `workspace/` in the repository, or `~/tlkit-workspace`."""
    if chosen := os.environ.get("TLKIT_WORKSPACE"):
        return Path(chosen).expanduser()
    in_repository = (package_root() / "notebooks" / "src").is_dir()
    return package_root() / "workspace" if in_repository else Path.home() / "tlkit-workspace"


def home_dir() -> Path:
    """Return the folder of the progress record. It may not exist yet.

    It is the first of: `TLKIT_HOME`; the nearest `.tlkit` folder in the current folder and those above it (where the
    notebooks of a workspace run); the `.tlkit` folder of `workspace_dir()`.
    """
    if chosen := os.environ.get("TLKIT_HOME"):
        return Path(chosen).expanduser()
    here = Path.cwd()
    found = (folder / ".tlkit" for folder in (here, *here.parents) if (folder / ".tlkit").is_dir())
    return next(found, workspace_dir() / ".tlkit")
