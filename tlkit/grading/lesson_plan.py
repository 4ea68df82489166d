"""What a lesson's source says about grading: which cells belong to an exercise, and what its check is given."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

__all__ = ["Call", "ExercisePlan", "LessonPlan", "lesson_names", "read_plan"]


@dataclass(frozen=True)
class Call:
    """A call of `check` or `predict` in the source: its arguments after the exercise's id, as expressions."""

    arguments: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExercisePlan:
    """One exercise.

    Attributes:
        id: Such as `"1.3"`.
        points: The most that it can earn.
        cells: Ids of the cells that the learner writes for it, in order.
        check: What the check is given; `None` for free text, which a person grades.
        prediction: What `predict` is given; `None` without prediction.
        stub: For free text: what is there before the learner writes.
    """

    id: str
    points: float
    cells: tuple[str, ...] = ()
    check: Call | None = None
    prediction: Call | None = None
    stub: str = ""


@dataclass(frozen=True)
class LessonPlan:
    """One lesson.

    Attributes:
        name: Such as `"01_feature_extraction"`.
        exercises: In order.
        given_cells: Sources of the code cells that no learner writes and that grade nothing.
        modules: Modules that these import.
        cells: The sources of all cells of the learner's version, by id.
    """

    name: str
    exercises: tuple[ExercisePlan, ...]
    given_cells: tuple[str, ...]
    modules: tuple[str, ...]
    cells: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def graded(self) -> set[str]:
        """Ids of the cells that belong to an exercise."""
        return {name for name in self.cells if name.startswith(("exercise-", "check-", "essay-"))}

    @property
    def answers(self) -> list[str]:
        """Names that the answers define."""
        calls = [call for one in self.exercises for call in (one.check, one.prediction) if call]
        return [call.arguments[0] for call in calls if call.arguments]

    def is_given(self, cell: str) -> bool:
        """Whether a cell of this id is in the lesson, and no learner writes it."""
        return cell in self.cells and cell not in self.graded

    @property
    def max_points(self) -> float:
        """Points of a perfect submission."""
        return sum(exercise.points for exercise in self.exercises)


def lesson_names(folder: Path | None = None) -> list[str]:
    """Return the names of the lessons that can be graded, in order."""
    return [path.stem for path in sorted((folder or notebooks_dir() / "src").glob("[0-9][0-9]_*.py"))]


def read_plan(name: str, folder: Path | None = None) -> LessonPlan:
    """Return the plan of a lesson, from its source in `folder` (default: the shipped ones).

    Raises:
        ValueError: If there is no such lesson, or its source breaks the format.
    """
    if name not in lesson_names(folder):
        msg = f"`lesson` must be one of {', '.join(lesson_names(folder))}. Received: {name!r}."
        raise ValueError(msg)
    _, learner = read_source((folder or notebooks_dir() / "src") / f"{name}.py")
    return plan_of_notebook(name, learner)


def plan_of_notebook(name: str, learner: dict) -> LessonPlan:
    """Return the plan that the learner's version of a lesson implies."""
    cells = learner["cells"]
    given = [cell["source"] for cell in cells if cell["cell_type"] == "code" and not _marks(cell)]
    calls = [call for cell in cells if cell["cell_type"] == "code" for call in _calls(cell["source"])]
    predictions = {exercise: call for kind, exercise, call in calls if kind == "predict"}
    checks = {exercise: call for kind, exercise, call in calls if kind == "check"}
    exercises = [
        ExercisePlan(
            id=_exercise_id(cell),
            points=float(_marks(cell)["points"]),
            cells=tuple(_cells_of(_exercise_id(cell), cells)),
            check=checks.get(_exercise_id(cell)) if cell["cell_type"] == "code" else None,
            prediction=predictions.get(_exercise_id(cell)),
            stub=cell["source"] if cell["cell_type"] == "markdown" else "",
        )
        for cell in cells
        if _marks(cell).get("grade")
    ]
    sources = {cell["id"]: cell["source"] for cell in cells if "id" in cell}
    computing = tuple(_computing(source) for source in given)
    return LessonPlan(name, tuple(exercises), computing, tuple(_modules(given)), sources)


def _marks(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


def _exercise_id(cell: dict) -> str:
    """`check-1-3` and `exercise-1-3-predict` belong to exercise 1.3."""
    return ".".join(_marks(cell)["grade_id"].split("-")[1:3])


def _cells_of(exercise: str, cells: list[dict]) -> list[str]:
    own = [cell for cell in cells if _marks(cell).get("solution") and _exercise_id(cell) == exercise]
    return [_marks(cell)["grade_id"] for cell in own]


def _calls(source: str) -> list[tuple[str, str, Call]]:
    """Return the top-level calls of `check` and `predict`: which of them, for which exercise, with which arguments."""
    values = [statement.value for statement in ast.parse(source).body if isinstance(statement, ast.Expr)]
    return [found for value in values if (found := _read_call(value))]


def _read_call(value: ast.expr) -> tuple[str, str, Call] | None:
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("check", "predict")):
        return None
    if not value.args or not isinstance(value.args[0], ast.Constant):
        return None
    options = {word.arg: ast.unparse(word.value) for word in value.keywords if word.arg}
    return value.func.id, str(value.args[0].value), Call(tuple(map(ast.unparse, value.args[1:])), options)


def _computing(source: str) -> str:
    """Leave out the statements that only show something or talk to the kit's record: calls without a result."""
    kept = [
        statement
        for statement in ast.parse(source).body
        if not (isinstance(statement, ast.Expr) and _calls_kit(statement))
    ]
    return "\n".join(ast.unparse(statement) for statement in kept)


def _calls_kit(statement: ast.Expr) -> bool:
    value = statement.value
    names = ("check", "predict", "hint", "progress", "print")
    return not isinstance(value, ast.Call) or (isinstance(value.func, ast.Name) and value.func.id in names)


def _modules(sources: list[str]) -> list[str]:
    """Return the modules that are imported at top level, without the interactive part of the kit."""
    found: dict[str, None] = {}
    for statement in (statement for source in sources for statement in ast.parse(source).body):
        if isinstance(statement, ast.Import):
            found |= dict.fromkeys(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found[statement.module] = None
    return [name for name in found if not name.startswith("tlkit_widgets")]
