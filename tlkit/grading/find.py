"""Find submissions and read each once. Neither what is in a submitted file nor its name is believed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tlkit.grading.learner_names import safe_name
from tlkit.grading.lesson_plan import LessonPlan, lesson_names, read_plan
from tlkit.grading.quiz import QUIZ, read_quizzes
from tlkit.grading.reading import NotReadable, cells_of, handed_in, own_cells, read_bytes, read_cells, require_lesson
from tlkit.grading.roster import Roster
from tlkit.grading.whose import Found, find_submissions, sorted_out
from tlkit.quiz.attempt import Attempts

__all__ = [
    "Collected",
    "Found",
    "NotReadable",
    "Submission",
    "collect",
    "find_submissions",
    "read_bytes",
    "read_cells",
    "read_submission",
    "read_submissions",
    "safe_name",
]


@dataclass(frozen=True)
class Submission:
    """A file that was read, once: all that grading and its reports know of it.

    Attributes:
        learner: Id of the learner, safe as part of a file name.
        lesson: Name of a lesson, or the file's stem, made safe, if it names none.
        file: Name of the file, without its folder.
        sha256: Of the file's bytes; empty if they were not read.
        refusal: Why it cannot be graded, in a sentence; empty if it can.
        code: Sources of its code cells, by grade id; if an id occurs twice, the last one, as when the notebook runs.
        text: The same for its text cells.
        added: Sources of code cells that the lesson does not have, the last first.
        changed: Sources of given code cells that the learner changed.
        path: The path of the file.
        handed_in: Seconds since 1970, as far as the files tell; 0 if they do not.
        is_late: What a learning platform says.
    """

    learner: str
    lesson: str
    file: str
    sha256: str = ""
    refusal: str = ""
    code: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    path: str = ""
    handed_in: float = 0.0
    is_late: bool | None = None


@dataclass(frozen=True)
class Collected:
    """What is in the folders.

    Attributes:
        submissions: One for each learner and lesson.
        left_out: Further files of the same learner and lesson, and quizzes without answers, each with the reason in a
            sentence.
        roster: Who should be there.
        quizzes: Each learner's attempts at the quiz, which is no lesson: it earns no points.
    """

    submissions: tuple[Submission, ...]
    left_out: tuple[tuple[Path, str], ...] = ()
    roster: Roster = field(default_factory=Roster, compare=False)
    quizzes: dict[str, Attempts] = field(default_factory=dict, hash=False)


def collect(paths: Iterable[Path], *, roster: Roster | None = None) -> Collected:
    """Find the files to grade and read each once; for a known lesson, only what grading needs is kept.

    Args:
        paths: Notebooks, and folders of notebooks.
        roster: Names a learner by the login; without it, by what the folder or file is called.
    """
    roster = roster or Roster()
    plans = {name: read_plan(name) for name in lesson_names()}
    found, left_out = sorted_out(paths, list(plans), roster)
    quizzes, without = read_quizzes(one for one in found if one.lesson == QUIZ)
    submissions = (read_submission(one, plans.get(one.lesson)) for one in found if one.lesson != QUIZ)
    return Collected(tuple(submissions), (*left_out, *without), roster, quizzes)


def read_submissions(paths: Iterable[Path]) -> list[Submission]:
    """Return the submissions that `collect` finds."""
    return list(collect(paths).submissions)


def read_submission(found: Found, plan: LessonPlan | None = None) -> Submission:
    """Read a file that was found; what cannot be read becomes a refusal.

    Args:
        found: The file, and whose it is.
        plan: The plan of its lesson: only cells that a learner writes are kept by name. By default, all named ones.
    """
    about = {"learner": found.learner, "lesson": found.lesson, "file": found.path.name, "path": str(found.path)}
    about |= {"handed_in": handed_in(found.path), "is_late": found.is_late}
    digest, refusal, kept = "", found.conflict, {}
    try:
        if not refusal:
            data = read_bytes(found.path)
            digest = hashlib.sha256(data).hexdigest()
            kept = _kept(data, plan)
    except NotReadable as error:
        refusal = str(error)
    return Submission(**about, sha256=digest, refusal=refusal, **kept)


def _kept(data: bytes, plan: LessonPlan | None) -> dict:
    code, text = read_cells(data)
    if plan is None:
        return {"code": code, "text": text}
    cells = cells_of(data)
    require_lesson(cells, plan)
    wanted = {name for exercise in plan.exercises for name in exercise.cells}
    added, changed = own_cells(cells, plan)
    own = ({name: cell for name, cell in some.items() if name in wanted} for some in (code, text))
    return dict(zip(("code", "text"), own, strict=True)) | {"added": added, "changed": changed}
