"""Every checker is itself tested: two right answers and three wrong ones for each exercise of each lesson.

The tables are `tests/answers/lesson_NN_topic.py`; `tlkit.checks.testing` describes their format.
"""

import runpy
from pathlib import Path

import pytest

from tlkit.checks import all_exercises
from tlkit.checks.testing import table_faults
from tlkit.lessons.catalog import list_lessons

TABLES = Path(__file__).parent / "answers"


def _answers(lesson: int) -> dict[str, dict]:
    tables = [runpy.run_path(str(path))["ANSWERS"] for path in TABLES.glob(f"lesson_{lesson:02d}_*.py")]
    return tables[0] if tables else {}


@pytest.fixture(scope="module")
def tables():
    return {lesson: _answers(lesson) for lesson in {exercise.lesson for exercise in all_exercises()}}


@pytest.mark.slow
@pytest.mark.parametrize("exercise_id", [name for lesson in list_lessons() for name in lesson.exercises])
def test_planted_answers(exercise_id, tables):
    assert table_faults(exercise_id, tables[int(exercise_id.split(".")[0])].get(exercise_id, {})) == []


def test_tables_name_only_exercises(tables):
    for lesson, answers in tables.items():
        assert set(answers) == {exercise.id for exercise in all_exercises() if exercise.lesson == lesson}


def test_notebooks_and_checkers_agree_on_exercises_and_points():
    in_notebooks = {name: points for lesson in list_lessons() for name, points in lesson.exercises.items()}
    assert in_notebooks == {exercise.id: exercise.points for exercise in all_exercises()}
