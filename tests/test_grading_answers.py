"""Planted answers of every lesson, graded as `tlkit grade` does: in the sandbox, the checks outside.

Of each exercise the last right answer and the first wrong one; all of them, which takes many minutes, with the
environment variable TLKIT_ALL_ANSWERS. All of them are graded in the notebook's way by `test_lessons_answers.py`.
"""

import importlib
import inspect
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tlkit.grading.command import sandbox_advice
from tlkit.grading.plan import lesson_names, read_plan
from tlkit.grading.submission import Found

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(sandbox_advice()), reason=f"no sandbox here: {sandbox_advice()}"),
]
NUM_ANSWERS = None if os.environ.get("TLKIT_ALL_ANSWERS") else 1
LESSONS = [name for name in lesson_names() if (Path(__file__).parent / "answers" / f"lesson_{name[:2]}.py").exists()]


def _planted(number: str) -> Iterator[tuple[str, str, dict]]:
    """Yield exercise, kind of answer, and the cells, by grade id, of each planted answer that is a function."""
    module = importlib.import_module(f"tests.answers.lesson_{number}")
    names = {id(value): name for name, value in vars(module).items() if inspect.isfunction(value)}
    source = inspect.getsource(module).split("\nANSWERS")[0]
    plans = {
        exercise.id: exercise for name in lesson_names() if name[:2] == number for exercise in read_plan(name).exercises
    }
    for exercise, table in module.ANSWERS.items():
        plan = plans[exercise]
        for kind, answers in (("right", table["right"][::-1][:NUM_ANSWERS]), ("wrong", _wrong(table)[:NUM_ANSWERS])):
            for answer in answers:
                function = _function(answer)
                cells = {plan.cells[-1]: f"{source}\n{plan.check.arguments[0]} = {names[id(function)]}\n"}
                if plan.prediction:
                    guess = f"def {plan.prediction.arguments[0]}():\n    return {table['prediction']!r}\n"
                    cells[plan.cells[0]] = guess
                yield exercise, kind, cells


def _function(answer):
    return getattr(answer, "args", (answer,))[0]


def _wrong(table: dict) -> list:
    """Wrong functions. Data that is wrong beside a right function is left out: the grader draws it."""
    right = {id(_function(answer)) for answer in table["right"]}
    return [answer for answer, _ in table["wrong"] if id(_function(answer)) not in right]


@pytest.mark.parametrize("lesson", LESSONS)
def test_planted_answers_get_what_they_get_in_the_notebook(lesson, tmp_path):
    from tlkit.grading.judge import Judge

    faults, messages = [], {}
    with Judge() as judge:
        if fault := judge.sandbox_fault():
            pytest.skip(f"no sandbox here: {fault}")
        for exercise, kind, cells in _planted(lesson[:2]):
            path = tmp_path / "answer.ipynb"
            marked = [{"cell_type": "code", "id": name, "metadata": {}, "source": text} for name, text in cells.items()]
            path.write_text(json.dumps({"cells": marked}))
            result = judge.grade(Found(path, "ana", lesson), b"secret")
            found = next(one for one in result.exercises if one.id == exercise)
            is_right = found.status == "right" and found.points == found.max_points
            if is_right != (kind == "right") or (kind == "wrong" and found.points >= found.max_points):
                faults.append(f"{exercise}, {kind}: {found.status} {found.messages} {list(cells.values())[-1][-60:]!r}")
            if kind == "wrong":
                faults += [f"{exercise}: {found.messages}"] * (found.messages in messages.setdefault(exercise, []))
                messages[exercise].append(found.messages)
    assert faults == []
