"""Hostile notebooks and files, by name: what is wrong is the notebook around the answers, or the file around it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from tests.grading_notebooks import LESSON, cell_id, make_notebook

__all__ = ["FILES", "NOTEBOOKS"]


def _marks(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


def _checks(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if _marks(cell).get("grade")]


def _delete_checks(notebook: dict) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if not _marks(cell).get("grade")]


def _overwrite_checks(notebook: dict) -> None:
    for cell in _checks(notebook):
        cell["source"] = "check = lambda *args: 99.0\ncheck()"


def _raise_points(notebook: dict) -> None:
    for cell in _checks(notebook):
        _marks(cell).update(points=100, solution=True, checksum="0" * 32)


def _checks_to_text(notebook: dict) -> None:
    for cell in _checks(notebook):
        cell["cell_type"] = "markdown"


def _double_checks(notebook: dict) -> None:
    notebook["cells"] += [json.loads(json.dumps(cell)) for cell in _checks(notebook)]


def _rename(notebook: dict) -> None:
    for cell in _checks(notebook):
        _marks(cell)["grade_id"] = "exercise-1-7"


def _first_cell_raises(notebook: dict) -> None:
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    first["source"] = "raise SystemExit"


def _wild_metadata(notebook: dict) -> None:
    notebook["metadata"] = {"tlkit": {"exercises": {"1.7": 10**9}}, "kernelspec": {"name": "bash", "argv": ["/bin/sh"]}}
    for cell in notebook["cells"][:5]:
        cell["metadata"] = [] if cell["metadata"] else {"nbgrader": {"grade_id": {"a": 1}, "solution": 7}}


NOTEBOOKS: dict[str, Callable[[dict], None]] = {
    "checks deleted": _delete_checks,
    "checks overwritten": _overwrite_checks,
    "points raised": _raise_points,
    "checks to text": _checks_to_text,
    "checks doubled": _double_checks,
    "checks renamed to the answer": _rename,
    "first cell raises": _first_cell_raises,
    "wild metadata": _wild_metadata,
}


def _link(path: Path, other: Path) -> None:
    path.symlink_to(other)


def _device(path: Path, other: Path) -> None:
    path.symlink_to("/dev/zero")


def _pipe(path: Path, other: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path, other: Path) -> None:
    path.mkdir()


def _huge(path: Path, other: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 << 30)


def _text(text: str) -> Callable[[Path, Path], None]:
    def write(path: Path, other: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return write


def _strange_cells(path: Path, other: Path) -> None:
    cells = [None, 3, [], {"cell_type": "code"}, {"cell_type": "code", "source": {"a": 1}, "metadata": None, "id": []}]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}), encoding="utf-8")


def _huge_cell(path: Path, other: Path) -> None:
    notebook = make_notebook({cell_id("1.7"): "x = 1\n" * 10**6})
    path.write_text(json.dumps(notebook), encoding="utf-8")


FILES: dict[str, Callable[[Path, Path], None]] = {
    f"link_{LESSON}.ipynb": _link,
    f"device_{LESSON}.ipynb": _device,
    f"pipe_{LESSON}.ipynb": _pipe,
    f"folder_{LESSON}.ipynb": _folder,
    f"huge_{LESSON}.ipynb": _huge,
    f"empty_{LESSON}.ipynb": _text(""),
    f"deep_{LESSON}.ipynb": _text("[" * 10**6),
    f"list_{LESSON}.ipynb": _text("[1, 2]"),
    f"number_{LESSON}.ipynb": _text('{"cells": ' + "9" * 10**5 + "}"),
    f"strange_{LESSON}.ipynb": _strange_cells,
    f"hugecell_{LESSON}.ipynb": _huge_cell,
    f"..\u202e\u0430na<b>;rm -rf ~_{LESSON}.ipynb": _text("{}"),
    f"--help_{LESSON}.ipynb": _text("{}"),
    "no_such_lesson.ipynb": _text('{"cells": []}'),
}
