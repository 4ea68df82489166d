"""Write points into an nbgrader gradebook, and read back what a person graded there.

nbgrader keeps two scores for each cell: `auto_score`, which this module writes, and `manual_score`, which a person
writes in formgrader and which wins. This module never touches the second. Free text is left for a person.

The gradebook changes in one step: a copy is made by SQLite's own backup, filled through `nbgrader.api`, checked, and
moved into place. Whatever happens before that leaves the old one as it was.
"""

import contextlib
import logging
import os
import sqlite3
import sysconfig
import tempfile
import warnings
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tlkit.files import replacing
from tlkit.grading.keep import ExerciseResult, SubmissionResult
from tlkit.grading.reports.tables import BY_HAND
from tlkit.lessons.catalog import find_lesson

__all__ = ["update_gradebook", "with_manual_points"]

_COMMENT_LENGTH = 2000
_NO_MARKUP = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "`": "'", "\0": ""})


def update_gradebook(path: Path, results: Sequence[SubmissionResult], *, course: str = "default_course") -> list[str]:
    """Write the points of graded submissions into the nbgrader gradebook at `path`, which is made if it is missing.

    Students, lessons and submissions that it lacks are added. Running it again changes nothing. Feedback becomes
    nbgrader's automatic comment on each answer.

    Args:
        path: An SQLite file, such as `gradebook.db` in a course's folder.
        results: What `read_results` returns; what was not graded is left out.
        course: nbgrader's name of the course, used only for a new gradebook.

    Returns:
        A sentence for each submission that was left out.

    Raises:
        ValueError: If nbgrader is missing, the file is not a gradebook, or it holds another version of a lesson.
    """
    api = _nbgrader()
    graded = [result for result in results if result.status == "graded"]
    with _copy_moved_into_place(path) as copy, _opened(api, copy, course) as book:
        for lesson in sorted({result.lesson for result in graded}):
            _add_lesson(book, copy, lesson)
        for result in graded:
            _write(book, api, result)
    return [f"{one.learner}, {one.lesson}: {one.status}. {one.reason}" for one in results if one.status != "graded"]


def with_manual_points(path: Path, results: Sequence[SubmissionResult]) -> list[SubmissionResult]:
    """Return the results with the points that a person gave in the gradebook at `path`, which stays as it is.

    Raises:
        ValueError: If nbgrader is missing or the file is not a gradebook.
    """
    api = _nbgrader()
    with tempfile.TemporaryDirectory(prefix="tlkit-gradebook-") as folder:
        copy = Path(folder) / "copy.db"
        _backup(path, copy)
        with _opened(api, copy) as book:
            return [_merged(book, api, result) for result in results]


def _nbgrader() -> Any:
    try:
        import nbgrader.api
    except ImportError as error:
        msg = 'A gradebook needs nbgrader. Install it with `pip install "tlkit[instructor]"`.'
        raise ValueError(msg) from error
    return nbgrader.api


@contextlib.contextmanager
def _opened(api: Any, path: Path, course: str = "default_course") -> Generator[Any]:
    try:
        with _scripts_on_path():
            book = api.Gradebook(f"sqlite:///{path}", course)
    except Exception as error:  # SQLAlchemy's own, of many kinds
        msg = f"The gradebook could not be opened: {error!r}. `nbgrader db upgrade` repairs one from an older nbgrader."
        raise ValueError(msg) from error
    with book, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="nbgrader")  # SQLAlchemy's remarks on nbgrader's own queries
        yield book


@contextlib.contextmanager
def _scripts_on_path() -> Generator[None]:
    """Let nbgrader find `alembic`, which it starts as a program, in an environment that is not activated."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


@contextlib.contextmanager
def _copy_moved_into_place(path: Path) -> Generator[Path]:
    """Give a copy of the gradebook to work on; move it into place if nothing was raised."""
    path = path.resolve()
    if not path.parent.is_dir():
        msg = f"`gradebook` must be in a folder that exists. Received: {str(path)!r}."
        raise ValueError(msg)
    before = _state(path)
    with replacing(path) as copy:
        if before:
            _backup(path, copy)
        yield copy
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check").fetchone()
        if said != "ok" or _state(path) != before:
            msg = f"{path} was changed by another program in the meantime: close formgrader and run the command again."
            raise ValueError(msg)
        os.chmod(copy, before[0] if before else 0o644)


def _state(path: Path) -> tuple[int, int, int] | None:
    if not path.exists():
        return None
    found = path.stat()
    return found.st_mode & 0o777, found.st_mtime_ns, found.st_size


def _backup(path: Path, copy: Path) -> None:
    """Copy a database consistently, even while nbgrader has it open."""
    if in_use := [name for name in (f"{path.name}-journal", f"{path.name}-wal") if path.with_name(name).exists()]:
        msg = f"{path} is being written by another program, or one crashed while it wrote: {in_use[0]} is there. "
        msg += "Try again later."
        raise ValueError(msg)
    try:
        source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(source), contextlib.closing(sqlite3.connect(copy)) as target:
            source.execute("SELECT id FROM assignment LIMIT 1")
            source.backup(target)
    except sqlite3.Error as error:
        msg = f"`gradebook` must be an SQLite file of nbgrader. Received: {str(path)!r}. It could not be read: {error}."
        raise ValueError(msg) from error


def _add_lesson(book: Any, path: Path, lesson: str) -> None:
    """Add the lesson's cells, as `nbgrader generate_assignment` would, unless they are there."""
    from nbformat import NO_CONVERT, read
    from nbgrader.api import MissingEntry
    from nbgrader.preprocessors import SaveCells

    try:
        book.find_notebook(lesson, lesson)
    except MissingEntry:
        book.update_or_create_assignment(lesson)
        where = {"notebook": lesson, "assignment": lesson, "db_url": f"sqlite:///{path}"}
        saver = SaveCells()
        saver.log.setLevel(logging.WARNING)
        saver.preprocess(read(find_lesson(lesson).path, as_version=NO_CONVERT), {"nbgrader": where})
        book.db.expire_all()


def _write(book: Any, api: Any, result: SubmissionResult) -> None:
    book.update_or_create_student(result.learner)
    book.update_or_create_submission(result.lesson, result.learner)
    submitted = book.find_submission_notebook(result.lesson, result.lesson, result.learner)
    grades = {grade.name: grade for grade in submitted.grades}
    comments = {comment.name: comment for comment in submitted.comments}
    for exercise in result.exercises:
        _set_points(_grade(grades, result, exercise), exercise)
        if comment := comments.get(f"exercise-{exercise.id.replace('.', '-')}"):
            comment.auto_comment = _comment(exercise)
    book.db.commit()


def _set_points(grade: Any, exercise: ExerciseResult) -> None:
    """Set the automatic score. If the points that a person replaced have changed, she is asked to look again."""
    points = None if exercise.status == "manual" else float(exercise.points)
    if grade.manual_score is None:
        grade.needs_manual_grade = points is None
    elif grade.auto_score != points:
        grade.needs_manual_grade = True
    grade.auto_score = points


def _grade(grades: dict[str, Any], result: SubmissionResult, exercise: ExerciseResult) -> Any:
    """Return nbgrader's entry of an exercise: of its check, or of its text.

    Raises:
        ValueError: If there is none, or it is worth a different number of points.
    """
    names = [f"{kind}-{exercise.id.replace('.', '-')}" for kind in ("check", "essay")]
    grade = next((grades[name] for name in names if name in grades), None)
    if grade is None or abs(grade.cell.max_score - exercise.max_points) > 1e-9:
        msg = (
            f"The gradebook holds another version of {result.lesson}: it has no cell {names[0]!r} or {names[1]!r} "
            f"worth {exercise.max_points:g} points. Run `nbgrader generate_assignment {result.lesson} --force` with "
            "this version, or start a new gradebook."
        )
        raise ValueError(msg)
    return grade


def _comment(exercise: ExerciseResult) -> str | None:
    """Return the feedback as text that nbgrader's Markdown cannot take for markup, whatever a learner put into it."""
    if exercise.status == "right":
        return None
    text = "\n\n".join([f"{exercise.status}.", *exercise.messages])[:_COMMENT_LENGTH]
    return text.encode("utf-8", "replace").decode().translate(_NO_MARKUP)


def _merged(book: Any, api: Any, result: SubmissionResult) -> SubmissionResult:
    try:
        submitted = book.find_submission_notebook(result.lesson, result.lesson, result.learner)
    except api.MissingEntry:
        return result
    grades = {grade.name: grade for grade in submitted.grades}
    exercises = tuple(_with_manual_point(_grade(grades, result, one), one) for one in result.exercises)
    return replace(result, exercises=exercises, points=round(sum(one.points for one in exercises), 2))


def _with_manual_point(grade: Any, exercise: ExerciseResult) -> ExerciseResult:
    if grade.manual_score is None:
        return exercise
    points = grade.manual_score + (grade.extra_credit or 0.0)
    if exercise.status == "manual":
        return replace(exercise, points=points, messages=(BY_HAND,))
    if points == exercise.points:
        return exercise
    status = "right" if points >= exercise.max_points else "partial" if points > 0 else "wrong"
    changed = f"A person changed the points from {exercise.points:g} to {points:g}."
    return replace(exercise, points=points, status=status, messages=(*exercise.messages, changed))
