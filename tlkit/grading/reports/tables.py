"""Grades as tables: for a spreadsheet, for Canvas, for Moodle.

Formats as read in Canvas' [gradebook importer](https://github.com/instructure/canvas-lms/blob/master/lib/
gradebook_importer.rb) and Moodle's [grade import](https://docs.moodle.org/en/Grade_import). A text that a spreadsheet
would take for a formula gets an apostrophe in front, as OWASP advises against
[CSV injection](https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
from collections.abc import Iterable, Sequence

from tlkit.grading.keep import ExerciseResult, SubmissionResult
from tlkit.grading.roster import Person, Roster

__all__ = ["BY_HAND", "awaits_person", "canvas_table", "csv_text", "detail_table", "moodle_table", "reachable"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
FREE_TEXT = "free text"
BY_HAND = "Graded by a person."
_HEADS = ("learner", "lesson", "file", "submission", "exercise", "title", "status", "points", "max_points", "messages")
_HEADS += ("sha256", "version", "comment", "days_late", "free_days", "late_penalty", "counted")
Table = list[list[str]]


def awaits_person(exercise: ExerciseResult) -> bool:
    """Whether a person has to grade the exercise, and has not yet."""
    return exercise.status == "manual" and BY_HAND not in exercise.messages


def reachable(result: SubmissionResult) -> float:
    """Return the points that could be earned so far: without what awaits a person."""
    return result.max_points - sum(exercise.max_points for exercise in result.exercises if awaits_person(exercise))


def csv_text(table: Iterable[Sequence[str]]) -> str:
    r"""Return the table as CSV (RFC 4180), safe to open in a spreadsheet.

    Example:

    >>> csv_text([["ada", "2"], ["=1+1", "3"]])
    "ada,2\r\n'=1+1,3\r\n"
    """
    file = io.StringIO()
    csv.writer(file).writerows([[_harmless(cell) for cell in row] for row in table])
    return file.getvalue()


def detail_table(results: Sequence[SubmissionResult]) -> Table:
    """Return a row for each exercise of each submission; one that was not graded has a single row with the reason.

    `points` are as they were earned, `counted` what is left of them after a late penalty.
    """
    return [list(_HEADS), *(row for result in results for row in _detail_rows(result))]


def canvas_table(results: Sequence[SubmissionResult], roster: Roster | None = None) -> Table:
    """Return the table that Canvas imports: a column for each lesson, and one for its free text.

    Canvas finds a learner by its own `ID`, if the roster gives it, and by `SIS Login ID` otherwise; fields that stay
    empty keep the grade that Canvas has.
    """
    columns = _columns(results)
    heads = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(title for title, _ in columns)]
    possible = ["Points Possible", *[""] * 4, *(_number(of) for _, of in columns)]
    grades = _grades(results)
    rows = []
    for who, own in grades.items():
        person = _person(who, roster)
        about = [person.name or person.login, person.canvas_id, person.sis_id, person.login, person.section]
        rows.append([*about, *(own.get(title, "") for title, _ in columns)])
    return [heads, possible, *rows]


def moodle_table(results: Sequence[SubmissionResult], roster: Roster | None = None) -> Table:
    """Return the table that Moodle imports: map `username` to the user, the other columns to grade items."""
    columns = _columns(results)
    heads = ["username", *(f"{title} (of {_number(of)})" for title, of in columns)]
    rows = []
    for who, own in _grades(results).items():
        rows.append([_person(who, roster).login, *(own.get(title, "") for title, _ in columns)])
    return [heads, *rows]


def _person(learner: str, roster: Roster | None) -> Person:
    return (roster.people if roster else {}).get(learner, Person(learner))


def _detail_rows(result: SubmissionResult) -> Table:
    about = [result.learner, result.lesson, result.file, result.status]
    file = [result.sha256, result.version]
    if result.status != "graded":
        return [[*about, "", "", "", "", "", result.reason, *file, "", "", "", "", ""]]
    late = [str(result.days_late), str(result.free_days), f"{_number(100 * result.late_share)} %"]
    return [
        [*about, *_exercise_cells(one), *file, one.comment, *late, _counted(one, result)] for one in result.exercises
    ]


def _counted(exercise: ExerciseResult, result: SubmissionResult) -> str:
    return "" if awaits_person(exercise) else _number(exercise.points * (1 - result.late_share))


def _exercise_cells(exercise: ExerciseResult) -> list[str]:
    points = "" if awaits_person(exercise) else _number(exercise.points)
    messages = " | ".join(exercise.messages)
    return [exercise.id, exercise.title, exercise.status, points, _number(exercise.max_points), messages]


def _columns(results: Sequence[SubmissionResult]) -> list[tuple[str, float]]:
    """Return the titles and the possible points of the columns, in the order of the lessons."""
    found: dict[str, float] = {}
    for result in sorted(results, key=lambda result: result.lesson):
        for title, exercises in _parts(result).items():
            found[title] = sum(exercise.max_points for exercise in exercises)
    return list(found.items())


def _parts(result: SubmissionResult) -> dict[str, list[ExerciseResult]]:
    parts: dict[str, list[ExerciseResult]] = {}
    for exercise in result.exercises:
        title = f"{result.lesson} {FREE_TEXT}" if exercise.status == "manual" else result.lesson
        parts.setdefault(title, []).append(exercise)
    return parts


def _grades(results: Sequence[SubmissionResult]) -> dict[str, dict[str, str]]:
    """Return grades by learner and column, less what was lost by being late. What awaits a person has none: an empty
    field changes no grade.
    """
    found: dict[str, dict[str, str]] = {}
    for result in sorted(results, key=lambda result: result.learner):
        own = found.setdefault(result.learner, {})
        for title, exercises in _parts(result).items():
            if result.status == "graded" and not any(map(awaits_person, exercises)):
                own[title] = _number(sum(one.points for one in exercises) * (1 - result.late_share))
    return found


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
