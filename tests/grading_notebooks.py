"""Make submissions for tests: the learner's notebook of lesson 1 with answers put into its cells."""

import inspect
import json
import textwrap
from collections.abc import Callable
from pathlib import Path

from tests.answers import lesson_01_feature_extraction as answers
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

__all__ = ["LESSON", "answer_source", "cell_id", "full_notebook", "make_notebook", "right_answers", "write_submission"]

LESSON = "01_feature_extraction"
NAMES = {
    "1.1": "trainable_share",
    "1.2": "find_scaling",
    "1.3": "extract_features",
    "1.4": "split_dataset",
    "1.5": "verdict",
    "1.6": "catch_up",
    "1.7": "per_class",
}
PREDICTIONS = {"1.1": "my_frozen_percentage", "1.5": "my_order", "1.6": "my_catch_up"}
_IMPORTS = "from scipy import stats\n"


def make_notebook(cells: dict[str, str]) -> dict:
    """Return the learner's notebook with the sources of some cells, by grade id, replaced."""
    _, learner = read_source(notebooks_dir() / "src" / f"{LESSON}.py")
    for cell in learner["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = cells.get(name, cell["source"])
    return learner


def answer_source(exercise: str, function: Callable) -> str:
    """Return the cell of an answer from the table of planted answers: its source, and what it calls there."""
    source = textwrap.dedent(inspect.getsource(function))
    helpers = [name for name in function.__code__.co_names if inspect.isfunction(getattr(answers, name, None))]
    own = [name for name in helpers if getattr(answers, name).__module__ == answers.__name__]
    before = "\n".join(inspect.getsource(getattr(answers, name)) for name in own)
    return f"{_IMPORTS}{before}\n{source}\n{NAMES[exercise]} = {function.__name__}\n"


def right_answers(version: int = 0) -> dict[str, str]:
    """Return the cells of a perfect submission, by grade id; there are two versions."""
    cells = {}
    for exercise, table in answers.ANSWERS.items():
        answer = table["right"][version]
        function = getattr(answer, "args", (answer,))[0]
        cells[cell_id(exercise)] = answer_source(exercise, function)
        if exercise in PREDICTIONS:
            cells[cell_id(exercise, "predict")] = (
                f"def {PREDICTIONS[exercise]}():\n    return {table['prediction']!r}\n"
            )
    return cells


def cell_id(exercise: str, part: str = "") -> str:
    """Return the grade id of an exercise's cell."""
    return "-".join(["exercise", *exercise.split("."), *([part] if part else [])])


def full_notebook(version: int = 0, **changed: str) -> dict:
    """Return a perfect submission but for the cells in `changed`, as `exercise_1_3="..."`."""
    return make_notebook(right_answers(version) | {name.replace("_", "-"): text for name, text in changed.items()})


def write_submission(folder: Path, learner: str, notebook: dict) -> Path:
    """Write `LEARNER_lesson.ipynb`."""
    path = folder / f"{learner}_{LESSON}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
