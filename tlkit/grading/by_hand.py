"""What a person gives: points for texts, points in place of the grader's, comments. They have a table, `by_hand.csv`.

Grading adds a line for each text that waits to be read, and never changes what a person wrote there: so it outlives
every regrade. An empty field says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tlkit.grading.find import Submission
from tlkit.grading.keep import ExerciseResult, SubmissionResult
from tlkit.grading.lesson_plan import read_plan
from tlkit.grading.reports.tables import BY_HAND, awaits_person, csv_text
from tlkit.grading.roster import read_csv

__all__ = ["Note", "read_notes", "text_answers", "update_notes", "with_notes"]

_HEADS = {name: (name,) for name in ("learner", "lesson", "exercise", "points", "comment", "answer")}
_LONGEST_ANSWER = 5000
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Note:
    """A line of the table: points or `None`, a comment or "", and the text that was there to be read."""

    points: float | None = None
    comment: str = ""
    answer: str = ""


def read_notes(path: Path) -> dict[Key, Note]:
    """Return the notes by learner, lesson and exercise; none if there is no such file.

    Raises:
        ValueError: If it is not such a table, or points are not a number.
    """
    rows = read_csv(path, _HEADS, needed="learner") if path.exists() else []
    return {
        (_plain(row["learner"]), row["lesson"], row["exercise"]): Note(
            _points(row["points"], path), _plain(row["comment"]), row["answer"]
        )
        for row in rows
    }


def update_notes(notes: Mapping[Key, Note], results: Iterable[SubmissionResult], texts: Mapping) -> str:
    """Return the table with a line for each text that waits, after the lines that are there."""
    lines = dict(notes)
    for result in results:
        for one in result.exercises:
            key = (result.learner, result.lesson, one.id)
            if one.status == "manual" and key not in lines:
                lines[key] = Note(answer=texts.get(key, ""))
    rows = [[*key, _number(note.points), note.comment, note.answer] for key, note in sorted(lines.items())]
    return csv_text([list(_HEADS), *rows])


def with_notes(results: Sequence[SubmissionResult], notes: Mapping[Key, Note]) -> list[SubmissionResult]:
    """Return the results with the points and comments of a person.

    Raises:
        ValueError: If points are not between 0 and what the exercise is worth.
    """
    return [_with_notes(result, notes) for result in results]


def text_answers(submissions: Iterable[Submission]) -> dict[Key, str]:
    """Return the texts that learners wrote, by learner, lesson and exercise."""
    found = {}
    for one in submissions:
        for exercise in read_plan(one.lesson).exercises if one.text else ():
            written = [one.text[name] for name in exercise.cells if name in one.text and exercise.check is None]
            if written:
                found[one.learner, one.lesson, exercise.id] = written[-1][:_LONGEST_ANSWER]
    return found


def _with_notes(result: SubmissionResult, notes: Mapping[Key, Note]) -> SubmissionResult:
    exercises = tuple(
        _with_note(one, notes.get((result.learner, result.lesson, one.id), Note())) for one in result.exercises
    )
    return replace(result, exercises=exercises, points=round(sum(one.points for one in exercises), 2))


def _with_note(exercise: ExerciseResult, note: Note) -> ExerciseResult:
    exercise = replace(exercise, comment=note.comment)
    if note.points is None:
        return exercise
    if not 0 <= note.points <= exercise.max_points:
        msg = f"Points of {exercise.id} are in [0, {exercise.max_points:g}]. Received in by_hand.csv: {note.points:g}."
        raise ValueError(msg)
    if awaits_person(exercise):
        return replace(exercise, points=note.points, messages=(BY_HAND,))
    if note.points == exercise.points:
        return exercise
    status = "right" if note.points == exercise.max_points else "partial" if note.points else "wrong"
    changed = f"A person changed the points from {exercise.points:g} to {note.points:g}."
    return replace(exercise, points=note.points, status=status, messages=(*exercise.messages, changed))


def _plain(cell: str) -> str:
    """Take away the apostrophe that keeps a spreadsheet from running a text as a formula."""
    return cell.removeprefix("'")


def _points(cell: str, path: Path) -> float | None:
    if not cell:
        return None
    try:
        return float(cell.replace(",", "."))
    except ValueError as error:
        msg = f"`points` in {path.name} must be numbers. Received: {cell!r}."
        raise ValueError(msg) from error


def _number(points: float | None) -> str:
    return "" if points is None else f"{points:g}"
