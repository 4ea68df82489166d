"""From the text source of a lesson to its notebooks, as plain dictionaries of notebook format 4.5."""

import json
from pathlib import Path

from tlkit.files import write_whole
from tlkit.lessons.learner import learner_version
from tlkit.lessons.percent import Source, SourceCell, parse_percent

__all__ = ["instructor_notebook", "notebook_text", "read_notebook", "read_source", "write_notebook"]

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def read_source(path: Path) -> tuple[dict, dict]:
    """Return the instructor's notebook (not executed) and the learner's one of the text source at `path`.

    Raises:
        ValueError: If the source breaks the format; the message starts with the file's name.
    """
    try:
        instructor = instructor_notebook(parse_percent(path.read_text(encoding="utf-8")))
        return instructor, learner_version(instructor)
    except ValueError as error:
        msg = f"{path.name}: {error}"
        raise ValueError(msg) from error


def instructor_notebook(source: Source) -> dict:
    """Return the notebook with solutions and hidden tests, with nbgrader's metadata and without outputs.

    Raises:
        ValueError: If two cells have the same grade id, or a cell to be graded has no points.
    """
    cells = [_make_cell(index, cell) for index, cell in enumerate(source.cells)]
    ids = [cell["id"] for cell in cells]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        msg = f"Each exercise, check and essay may be in one cell only. Received twice: {', '.join(twice)}."
        raise ValueError(msg)
    metadata = {
        "kernelspec": dict(_KERNEL),
        "language_info": {"name": "python"},
        "tlkit": {**source.metadata, "title": _title(source.cells), "exercises": _exercises(source.cells)},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def notebook_text(notebook: dict) -> str:
    """Return the notebook as it is stored in its file: sources as lists of lines, keys sorted."""
    split = {**notebook, "cells": [{**c, "source": c["source"].splitlines(keepends=True)} for c in notebook["cells"]]}
    return json.dumps(split, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_notebook(notebook: dict, path: Path) -> bool:
    """Write the notebook, in one step; return whether that changed the file."""
    text = notebook_text(notebook)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write_whole(path, text)
    return True


def read_notebook(path: Path) -> dict:
    """Read a notebook file; multi-line sources become single strings.

    Raises:
        ValueError: If the file is no notebook of format 4.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        msg = f"`{path}` must be a Jupyter notebook of format 4. It could not be read: {error!r}."
        raise ValueError(msg) from error
    return notebook


def _make_cell(index: int, cell: SourceCell) -> dict:
    marks = _nbgrader_marks(cell)
    metadata: dict = {"nbgrader": marks} if marks else {}
    if "tags" in cell.options:
        metadata["tags"] = cell.options["tags"]
    made = {
        "cell_type": cell.kind,
        "id": marks["grade_id"] if marks else f"cell-{index:02d}",
        "metadata": metadata,
        "source": cell.source,
    }
    return made | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})


def _nbgrader_marks(cell: SourceCell) -> dict:
    kinds = [name for name in ("exercise", "check", "essay") if name in cell.options]
    if not kinds:
        return {}
    kind = kinds[0]
    _check_marker(cell, kinds)
    marks = {
        "grade": kind != "exercise",
        "grade_id": f"{kind}-{cell.options[kind].replace('.', '-')}",
        "locked": kind == "check",
        "schema_version": 3,
        "solution": kind != "check",
        "task": False,
    }
    return marks | ({"points": cell.options["points"]} if kind != "exercise" else {})


def _check_marker(cell: SourceCell, kinds: list[str]) -> None:
    needs_points = kinds[0] != "exercise"
    has_points = isinstance(cell.options.get("points"), int | float)
    is_right_type = cell.kind == ("markdown" if kinds[0] == "essay" else "code")
    if len(kinds) > 1 or needs_points != has_points or not is_right_type:
        msg = (
            f'The cell marker at line {cell.line} must be `# %% exercise="1.3"`, `# %% check="1.3" points=2` or '
            f'`# %% [markdown] essay="1.3" points=2`. Received: {cell.kind} {cell.options}.'
        )
        raise ValueError(msg)


def _title(cells: list[SourceCell]) -> str:
    lines = (line for cell in cells if cell.kind == "markdown" for line in cell.source.splitlines())
    return next((line.removeprefix("# ").strip() for line in lines if line.startswith("# ")), "")


def _exercises(cells: list[SourceCell]) -> dict[str, float]:
    """Return the points of each exercise that a check grades, by its id."""
    return {cell.options["check"]: cell.options["points"] for cell in cells if "check" in cell.options}
