"""Planted answers of every lesson, graded as `tlkit grade` does: in the sandbox, the checks outside.

Each submission answers all exercises of a lesson. One holds the last right answers, one the first wrong ones; all of
them, which takes minutes, with the environment variable TLKIT_ALL_ANSWERS. All of them are graded in the notebook's way
by `test_lessons_answers.py`.
"""

import importlib
import inspect
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tlkit.grading.command import sandbox_advice
from tlkit.grading.plan import ExercisePlan, lesson_names, read_plan
from tlkit.grading.submission import Found

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(sandbox_advice()), reason=f"no sandbox here: {sandbox_advice()}"),
]
NUM_ANSWERS = None if os.environ.get("TLKIT_ALL_ANSWERS") else 1
LESSONS = [name for name in lesson_names() if (Path(__file__).parent / "answers" / f"lesson_{name[:2]}.py").exists()]


@pytest.fixture(scope="module")
def judge():
    from tlkit.grading.judge import Judge

    with Judge() as judge:
        if fault := judge.sandbox_fault():
            pytest.skip(f"no sandbox here: {fault}")
        yield judge


def _submissions(lesson: str) -> Iterator[tuple[str, dict[str, dict]]]:
    """Yield the kind of the answers, and of each exercise the cells by grade id, of one submission after another."""
    module = importlib.import_module(f"tests.answers.lesson_{lesson[:2]}")
    plans = [plan for plan in read_plan(lesson).exercises if plan.check and plan.id in module.ANSWERS]
    tables = {plan.id: module.ANSWERS[plan.id] for plan in plans}
    for kind, chosen in (("right", _right), ("wrong", _wrong)):
        columns = [[_cells(module, plan, answer) for answer in chosen(tables[plan.id])[:NUM_ANSWERS]] for plan in plans]
        for row in itertools.zip_longest(*columns):
            yield kind, {plan.id: cells for plan, cells in zip(plans, row, strict=True) if cells}


def _cells(module, plan: ExercisePlan, answer) -> dict[str, str]:
    """Return the cells that answer an exercise: all functions of the table's module, of which one gets the name."""
    names = {id(value): name for name, value in vars(module).items() if inspect.isfunction(value)}
    source = inspect.getsource(module).split("\nANSWERS")[0]
    assert plan.check
    cells = {plan.cells[-1]: f"{source}\n{plan.check.arguments[0]} = {names[id(_function(answer))]}\n"}
    if plan.prediction:
        guess = module.ANSWERS[plan.id]["prediction"]
        cells[plan.cells[0]] = f"def {plan.prediction.arguments[0]}():\n    return {guess!r}\n"
    return cells


def _function(answer):
    return getattr(answer, "args", (answer,))[0]


def _right(table: dict) -> list:
    return table["right"][::-1]


def _wrong(table: dict) -> list:
    """Wrong functions. Data that is wrong beside a right function is left out: the grader draws it."""
    right = {id(_function(answer)) for answer in table["right"]}
    return [answer for answer, _ in table["wrong"] if id(_function(answer)) not in right]


@pytest.mark.parametrize("lesson", LESSONS)
def test_planted_answers_get_what_they_get_in_the_notebook(lesson, judge, tmp_path):
    faults, messages = [], {}
    for number, (kind, answers) in enumerate(_submissions(lesson)):
        cells = [cell for cells in answers.values() for cell in cells.items()]
        path = tmp_path / f"{number}.ipynb"
        marked = [{"cell_type": "code", "id": name, "metadata": {}, "source": text} for name, text in cells]
        path.write_text(json.dumps({"cells": marked}))
        result = judge.grade(Found(path, "ana", lesson), b"secret")
        for found in (one for one in result.exercises if one.id in answers):
            is_right = found.status == "right" and found.points == found.max_points
            is_wrong = found.status in ("wrong", "partial") and found.points < found.max_points
            if not (is_right if kind == "right" else is_wrong):
                last = list(answers[found.id].values())[-1].splitlines()[-1]
                faults.append(f"{found.id}, {kind}: {found.status} {found.messages} {last!r}")
            if kind == "wrong":
                faults += [f"{found.id}: {found.messages}"] * (found.messages in messages.setdefault(found.id, []))
                messages[found.id].append(found.messages)
    assert faults == []
