"""A copy of a learner's own notebook with the feedback written into it, at the cells that it is about."""

import html
import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from tlkit.grading.find import Submission
from tlkit.grading.keep import ExerciseResult, SubmissionResult
from tlkit.grading.lesson_plan import read_plan
from tlkit.grading.reading import NotReadable, read_bytes
from tlkit.grading.reports.tables import awaits_person

__all__ = ["feedback_notebook", "write_feedback"]

_FIRST_WITH_IDS = 5  # minor version of notebook format 4 in which cells have ids
_STYLE = "border-left: 4px solid var(--jp-info-color1, #0277bd); padding: 4px 12px"


def write_feedback(folder: Path, submissions: Sequence[Submission], results: Sequence[SubmissionResult]) -> list[str]:
    """Write `feedback/LEARNER--LESSON.ipynb` for each graded submission; return what could not be written, and why.

    A file that has changed since it was graded gets no feedback: it would stand beside other code.
    """
    by_key = {(one.learner, one.lesson): one for one in results if one.status == "graded"}
    faults = []
    for one in submissions:
        result = by_key.get((one.learner, one.lesson))
        try:
            if result:
                _write_one(folder / f"{one.learner}--{one.lesson}.ipynb", one, result)
        except (NotReadable, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            faults.append(f"No feedback notebook for {one.learner}, {one.lesson}: {error}")
    return faults


def feedback_notebook(notebook: dict, result: SubmissionResult) -> dict:
    """Return a copy of a notebook with a text cell after the last cell of each exercise, and all the points at the top.

    Args:
        notebook: As it was handed in.
        result: What it earned.
    """
    cells_of = {exercise.id: exercise.cells for exercise in read_plan(result.lesson).exercises}
    after: dict[int, list[dict]] = {}
    for exercise in result.exercises:
        place = _place(notebook["cells"], cells_of.get(exercise.id, ()))
        after.setdefault(place, []).append(_cell(f"feedback-{exercise.id.replace('.', '-')}", _about(exercise)))
    first = [_cell("feedback", [f"Feedback: {_of(result)}"]), *after.get(-1, [])]
    cells = [cell for number, own in enumerate(notebook["cells"]) for cell in (own, *after.get(number, []))]
    if notebook.get("nbformat_minor", 0) < _FIRST_WITH_IDS:
        cells, first = ([{k: v for k, v in cell.items() if k != "id"} for cell in some] for some in (cells, first))
    return {**notebook, "cells": [*first, *cells]}


def _write_one(path: Path, submission: Submission, result: SubmissionResult) -> None:
    data = read_bytes(Path(submission.path))
    if sha256(data).hexdigest() != result.sha256:
        msg = "the file has changed since it was graded."
        raise ValueError(msg)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(feedback_notebook(json.loads(data), result), indent=1)  # in ASCII: any character is allowed
    path.write_text(text + "\n", encoding="ascii")


def _place(cells: list, names: Sequence[str]) -> int:
    """Return the number of the last cell of an exercise; -1 if the notebook has none."""
    return max((number for number, cell in enumerate(cells) if _name(cell) in names), default=-1)


def _name(cell: object) -> str:
    if not isinstance(cell, dict):
        return ""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return str(marks.get("grade_id") if isinstance(marks, dict) else cell.get("id"))


def _of(result: SubmissionResult) -> str:
    said = f"{result.points:g} of {result.max_points:g} points"
    if result.days_late:
        said += f", {result.days_late} days late: {result.counted:g} points count"
    return said


def _about(exercise: ExerciseResult) -> Iterator[str]:
    waits = awaits_person(exercise)
    points = "not read yet" if waits else f"{exercise.points:g} of {exercise.max_points:g} points"
    yield f"Exercise {exercise.id} · {exercise.title}: {points}"
    yield from exercise.messages
    if exercise.comment:
        yield f"Comment: {exercise.comment}"


def _cell(name: str, lines: Iterator[str] | list[str]) -> dict:
    """Return a text cell; what a learner wrote is escaped, and has no line that Markdown could read."""
    first, *rest = (html.escape(" ".join(line.split())).replace("$", "&#36;") for line in lines)
    inner = f"<strong>{first}</strong>" + "".join(f"<div>{line}</div>" for line in rest)
    metadata = {"tags": ["tlkit-feedback"], "editable": False}
    return {"cell_type": "markdown", "id": name, "metadata": metadata, "source": f'<div style="{_STYLE}">{inner}</div>'}
