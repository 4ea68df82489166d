"""What a learner's code may see in the sandbox: a list of what it needs; for each lesson, that is its `shown.py`."""

import hashlib
import inspect
from collections.abc import Iterable
from pathlib import Path

from tlkit.checks import all_exercises
from tlkit.data import data_dir
from tlkit.grading.sandbox.packages import package_places
from tlkit.grading.sandbox.places import folders_of_packages, library_places, real_places, standard_library
from tlkit.paths import notebooks_dir, package_root

__all__ = ["Mount", "mounts", "mounts_for", "secret_files"]

Mount = tuple[str, str, str]  # what to do, source or "", target: as bubblewrap's options say it


def mounts() -> list[Mount]:
    """Return what the sandbox shows to answers, parents first.

    Mounts are `("--ro-bind", source, target)`, `("--tmpfs", "", target)` or `("--symlink", text, target)`. Two kinds of
    folders are shown whole: those of shared libraries, and that of the standard library. Folders of packages in them,
    and the kit's own, are covered by empty ones, into which the rest of the list is mounted.
    """
    return mounts_for([*standard_library(), *package_places(), *_engine(), data_dir()])


def mounts_for(needed: Iterable[Path]) -> list[Mount]:
    """Return the mounts that show some files and folders, and shared libraries."""
    covered = folders_of_packages() | {path.parent.resolve() for path in package_places()} | _own()
    shown, links = real_places([*library_places(), *needed], covered)
    covered -= set(shown)
    found: list[Mount] = [("--tmpfs", "", str(path)) for path in covered]
    found += [("--symlink", text, str(link)) for link, text in links.items()]
    found += [("--ro-bind", str(path), str(path)) for path in shown]
    found.sort(key=lambda mount: len(Path(mount[2]).parts))
    return [*found, *(("--remount-ro", "", str(path)) for path in covered)]


def _own() -> set[Path]:
    """Return the kit's own folders, of which only parts are shown."""
    package = package_root() / "tlkit"
    repository = [package_root()] if notebooks_dir().parent == package_root() else []
    return {path.resolve() for path in (*repository, package, package / "exercises")}


def _engine() -> list[Path]:
    """Return the kit's modules and packages, but of `exercises` only what answers may see."""
    package, rooms = package_root() / "tlkit", package_root() / "tlkit" / "exercises"
    modules = [*package.glob("*.py"), *(path.parent for path in package.glob("*/__init__.py") if path.parent != rooms)]
    widgets = (package_root() / "widgets" / "tlkit_widgets", package_root() / "tlkit_widgets")
    own = [path for path in widgets if path.is_dir()][:1]
    return [*modules, *own, rooms / "__init__.py", *rooms.glob("*/shown.py")]


def secret_files() -> dict[str, int]:
    """Return the SHA-256 and the size of each file that no answer may read, wherever it lies and whatever its name.

    These are the files that the properties of all exercises were loaded from, the lessons' sources and solutions, and
    the planted answers.
    """
    functions = (function for exercise in all_exercises() for function in exercise.properties)
    files = {Path(inspect.unwrap(function).__code__.co_filename) for function in functions}
    for folder in (notebooks_dir(), package_root() / "tests" / "answers"):
        files |= {path for path in folder.rglob("*") if path.suffix in (".py", ".ipynb")}
    texts = [path.read_bytes() for path in files]
    return {hashlib.sha256(text).hexdigest(): len(text) for text in texts if text}
