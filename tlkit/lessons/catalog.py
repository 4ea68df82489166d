"""The shipped lessons: which there are, and what their notebooks' metadata say. It only reads JSON."""

from dataclasses import dataclass, field
from pathlib import Path

from tlkit.lessons.notebook import read_notebook
from tlkit.paths import notebooks_dir

__all__ = ["LessonInfo", "find_lesson", "list_lessons"]


@dataclass(frozen=True)
class LessonInfo:
    """A shipped lesson.

    Attributes:
        number: From 0.
        name: Stem of the notebook's file name, such as `"01_feature_extraction"`.
        title: The question that it answers.
        minutes: Time that a learner needs.
        exercises: Points for each exercise, by its id.
        path: The shipped learner's notebook.
    """

    number: int
    name: str
    title: str
    minutes: int
    exercises: dict[str, float] = field(hash=False)
    path: Path

    @property
    def points(self) -> float:
        """All points of the lesson."""
        return sum(self.exercises.values())


def list_lessons(folder: Path | None = None) -> list[LessonInfo]:
    """Return the lessons in order, from the learners' notebooks in `folder` (default: the shipped ones)."""
    return [_read_info(path) for path in sorted((folder or notebooks_dir()).glob("[0-9][0-9]_*.ipynb"))]


def find_lesson(name: str) -> LessonInfo:
    """Return the lesson with a number (`"1"`, `"01"`), a name, or a notebook's file name.

    Raises:
        ValueError: If there is no such lesson; the message lists them.
    """
    lessons = list_lessons()
    wanted = Path(name).name.removesuffix(".ipynb")
    for lesson in lessons:
        if wanted in (lesson.name, lesson.name[:2], str(lesson.number)):
            return lesson
    names = ", ".join(lesson.name for lesson in lessons) or "none are shipped"
    msg = f"`lesson` must name a lesson by number or name. Received: {name!r}. Lessons: {names}."
    raise ValueError(msg)


def _read_info(path: Path) -> LessonInfo:
    about = read_notebook(path)["metadata"].get("tlkit", {})
    return LessonInfo(
        number=int(path.name[:2]),
        name=path.stem,
        title=about.get("title", path.stem),
        minutes=about.get("minutes", 0),
        exercises=about.get("exercises", {}),
        path=path,
    )
