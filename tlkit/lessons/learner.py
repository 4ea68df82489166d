"""The learner's version of a notebook: without solutions, hidden tests and outputs.

The result equals, cell for cell, what nbgrader's own preprocessors make (a test compares the two), but needs no
nbgrader. Format: [nbgrader cell metadata, schema 3](https://nbgrader.readthedocs.io/en/stable/contributor_guide/
metadata.html).
"""

import copy
import hashlib
import re

__all__ = ["CODE_STUB", "TEXT_STUB", "learner_version", "sign"]

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"


def learner_version(notebook: dict) -> dict:
    """Return the learner's version of an instructor's notebook, which is not changed.

    Args:
        notebook: A notebook of format 4 as nested dictionaries, its graded cells marked with nbgrader's metadata.

    Returns:
        A new notebook without solutions, hidden tests, mark schemes, outputs or execution counts; graded cells are
        locked and carry nbgrader's checksum.

    Raises:
        ValueError: If a marked region has no end, or is in a cell whose metadata do not allow it.
    """
    notebook = copy.deepcopy(notebook)
    notebook["metadata"].pop("celltoolbar", None)
    for cell in notebook["cells"]:
        _clear_outputs(cell)
        marks = cell["metadata"].get("nbgrader")
        _clear_regions(cell, marks or {})
        if marks:
            _lock(cell, marks)
            sign(cell, marks)
    return notebook


def _clear_outputs(cell: dict) -> None:
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
        for name in ("collapsed", "scrolled"):
            cell["metadata"].pop(name, None)


def _clear_regions(cell: dict, marks: dict) -> None:
    stub = CODE_STUB if cell["cell_type"] == "code" else TEXT_STUB
    before = cell["source"]
    cell["source"] = _replace_region(before, "SOLUTION", stub, allowed=marks.get("solution", False))
    if marks.get("solution") and "BEGIN SOLUTION" not in before:
        cell["source"] = stub
    cell["source"] = _replace_region(cell["source"], "HIDDEN TESTS", None, allowed=marks.get("grade", False))
    cell["source"] = _replace_region(cell["source"], "MARK SCHEME", None, allowed=marks.get("task", False))


def _replace_region(source: str, name: str, stub: str | None, *, allowed: bool) -> str:
    """Replace the lines from `BEGIN name` to `END name` by `stub`, indented as the first of them."""
    kept, inside = [], False
    for line in source.split("\n"):
        if f"BEGIN {name}" in line:
            _check_region(source, name, allowed=allowed and not inside)
            inside = True
            indent = re.match(r"\s*", line).group()  # pyrefly: ignore[missing-attribute]  # \s* always matches
            kept += [indent + part for part in stub.split("\n")] if stub else []
        elif f"END {name}" in line:
            inside = False
        elif not inside:
            kept.append(line)
    _check_region(source, name, allowed=not inside)
    return "\n".join(kept)


def _check_region(source: str, name: str, *, allowed: bool) -> None:
    if not allowed:
        msg = (
            f"`BEGIN {name}` is nested, has no `END {name}`, or is in a cell that is not marked for it. "
            f"Received the cell:\n{source}"
        )
        raise ValueError(msg)


def _is_locked(marks: dict) -> bool:
    return not marks.get("solution") and bool(marks.get("grade") or marks.get("locked"))


def _lock(cell: dict, marks: dict) -> None:
    if marks.get("solution") or _is_locked(marks):
        cell["metadata"]["deletable"] = False
    if _is_locked(marks):
        cell["metadata"]["editable"] = False


def sign(cell: dict, marks: dict) -> None:
    """Add the checksum by which nbgrader sees that a graded cell was changed (MD5 is its choice)."""
    grade, solution = bool(marks.get("grade")), bool(marks.get("solution"))
    if not (grade or solution or _is_locked(marks)):
        return
    parts = [cell["source"], cell["cell_type"], str(grade), str(solution), str(_is_locked(marks)), marks["grade_id"]]
    if grade:
        parts.append(str(float(marks["points"])))
    marks["checksum"] = hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
    marks["cell_type"] = cell["cell_type"]
