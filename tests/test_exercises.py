"""The rooms of exercises: named as their notebooks, in order, and each property asks for what it reads."""

import ast
import inspect
import textwrap

import pytest

from tlkit.checks import all_exercises
from tlkit.grading.lesson_plan import read_plan
from tlkit.lessons.catalog import list_lessons
from tlkit.paths import package_root

EXERCISES = [exercise for exercise in all_exercises() if exercise.lesson < 90]
ROOMS = {path.name for path in (package_root() / "tlkit" / "exercises").glob("lesson_*") if path.is_dir()}


def test_a_room_is_named_as_its_notebook():
    assert {f"lesson_{lesson.name}" for lesson in list_lessons() if lesson.exercises} == ROOMS


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_lists_its_exercises_in_order(room):
    number = int(room.split("_")[1])
    module = __import__(f"tlkit.exercises.{room}", fromlist=["EXERCISES"])
    own = [exercise for exercise in EXERCISES if exercise.lesson == number]
    assert [exercise.id for exercise in module.EXERCISES] == [exercise.id for exercise in own]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_each_property_reads_all_that_it_asks_for(exercise):
    for function in exercise.properties:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        assert set(inspect.signature(function).parameters) <= read, function.__name__


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_the_notebook_gives_what_the_exercise_asks_for(exercise):
    (lesson,) = [lesson for lesson in list_lessons() if lesson.number == exercise.lesson]
    (plan,) = [plan for plan in read_plan(lesson.name).exercises if plan.id == exercise.id]
    num_answers = max(len(exercise.answers_of(function)) for function in exercise.properties)
    assert len(plan.check.arguments) + len(plan.check.options) == num_answers + len(exercise.given)
    assert (plan.prediction is None) == (exercise.prediction is None)


def test_a_prediction_is_read_by_one_property():
    for exercise in (exercise for exercise in EXERCISES if exercise.prediction):
        readers = [one for one in exercise.properties if "prediction" in inspect.signature(one).parameters]
        assert len(readers) == 1, exercise.id
