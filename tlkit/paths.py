"""Where things are: the shipped notebooks, the learner's workspace, and the kit's own record of progress."""

import os
from pathlib import Path

__all__ = ["home_dir", "notebooks_dir", "package_root", "workspace_dir"]

_PACKAGE = Path(__file__).resolve().parent


def package_root() -> Path:
    """Return the folder that holds the package: the repository, or `site-packages`."""
    return _PACKAGE.parent


def notebooks_dir() -> Path:
    """Return the shipped lessons: the repository's `notebooks/` where it exists, else the packaged copy."""
    in_repository = package_root() / "notebooks"
    return in_repository if (in_repository / "src").is_dir() else _PACKAGE / "_notebooks"


def workspace_dir() -> Path:
    """Return the learner's folder: `TLKIT_WORKSPACE`, else `workspace/` in the repository, else `~/tlkit-workspace`."""
    if chosen := os.environ.get("TLKIT_WORKSPACE"):
        return Path(chosen).expanduser()
    in_repository = (package_root() / "notebooks" / "src").is_dir()
    return package_root() / "workspace" if in_repository else Path.home() / "tlkit-workspace"


def home_dir() -> Path:
    """Return the folder of the progress record. It may not exist yet.

    In this order: `TLKIT_HOME`; the nearest `.tlkit` folder of the current folder and those above it (a notebook
    of a workspace runs there); the `.tlkit` folder of `workspace_dir()`.
    """
    if chosen := os.environ.get("TLKIT_HOME"):
        return Path(chosen).expanduser()
    here = Path.cwd()
    found = (folder / ".tlkit" for folder in (here, *here.parents) if (folder / ".tlkit").is_dir())
    return next(found, workspace_dir() / ".tlkit")
