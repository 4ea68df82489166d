"""Submissions that hold the planted answers of `tests/answers`, for every lesson."""

import importlib
import inspect
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from tlkit.grading.lesson_plan import ExercisePlan, lesson_names, read_plan

__all__ = ["LESSONS", "notebook_of", "planted_submissions"]

LESSONS = [name for name in lesson_names() if (Path(__file__).parent / "answers" / f"lesson_{name}.py").exists()]


def planted_submissions(lesson: str, num_answers: int | None = None) -> Iterator[tuple[str, dict[str, dict]]]:
    """Yield "right" or "wrong", and by exercise the cells by grade id, of so many submissions of each kind, or all."""
    module = importlib.import_module(f"tests.answers.lesson_{lesson}")
    plans = [plan for plan in read_plan(lesson).exercises if plan.check and plan.id in module.ANSWERS]
    tables = {plan.id: module.ANSWERS[plan.id] for plan in plans}
    for kind, chosen in (("right", _right), ("wrong", _wrong)):
        columns = [[_cells(module, plan, answer) for answer in chosen(tables[plan.id])[:num_answers]] for plan in plans]
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
    planted = [*(answer for answer, _ in table["wrong"]), *table.get("refused", [])]
    return [answer for answer in planted if id(_function(answer)) not in right]


def notebook_of(answers: dict[str, dict]) -> str:
    """Return the text of a notebook that holds nothing but the cells of some answers."""
    cells = [cell for cells in answers.values() for cell in cells.items()]
    marked = [{"cell_type": "code", "id": name, "metadata": {}, "source": text} for name, text in cells]
    return json.dumps({"cells": marked})
