"""The pages of the API: one for each public package, written by autodoc from the docstrings."""

import importlib
import pkgutil
from pathlib import Path

import tlkit

__all__ = ["public_modules", "write_reference"]

ALSO = ("tlkit_widgets",)
# What a learner never calls: the command line, its parts, and what makes lessons and grades them
INSIDE = ("cli", "exercises", "files", "grading", "lessons", "paths", "quiet", "quiet_start", "study_command")
PAGE = "# {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n   :imported-members:\n```\n"


def public_modules() -> list[str]:
    """Return the names of the modules and packages whose `__all__` is for users."""
    own = [f"tlkit.{found.name}" for found in pkgutil.iter_modules(tlkit.__path__) if found.name not in INSIDE]
    return [name for name in [*own, *ALSO] if getattr(importlib.import_module(name), "__all__", None)]


def write_reference(folder: Path) -> None:
    """Write the pages and their table of contents into `folder`."""
    folder.mkdir(parents=True)
    names = public_modules()
    for name in names:
        (folder / f"{name}.md").write_text(PAGE.format(name=name), encoding="utf-8")
    lines = ["# Reference", "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""]
    (folder / "index.md").write_text("\n".join(lines), encoding="utf-8")
