"""The lessons as pages: the learner's notebook, with the outputs of the solved one where these tell no answer."""

import json
import re
from pathlib import Path

from outputs import Page

from tlkit.lessons.notebook import read_notebook, write_notebook

__all__ = ["shown_outputs", "write_lessons"]

HOW_TO_OPEN = """```{{note}}
This page was made from a notebook that was run before. To work on it, with its exercises graded, run `tlkit lab` and
open `{name}`. What the exercises ask for is left out here.
```"""
# What these print is of the learner's own answers; a model's `.predict` is none of them
ASKS = re.compile(r"(?<![.\w])(check|predict|hint|progress|Progress|lesson_card)\(")
PREDICTED = re.compile(r'\bpredict\("[^"]*", (\w+)\)')


def write_lessons(notebooks: Path, folder: Path, pictures: Path) -> None:
    """Write a page for each lesson into `folder`, and the pictures of all into another folder."""
    names = []
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        learner, solved = read_notebook(path), read_notebook(notebooks / "solutions" / path.name)
        page = Page(path.stem, pictures, _known(notebooks / "states" / f"{path.stem}.json"))
        outputs = shown_outputs(learner, solved)
        cells = [_cell(cell, page, outputs.get(cell["id"], [])) for cell in learner["cells"]]
        cells.insert(1, {"cell_type": "markdown", "id": "how-to-open", "metadata": {}, "source": _how(path.name)})
        write_notebook({**learner, "cells": cells}, folder / path.name)
        names.append(path.stem)
    toctree = "\n".join(["# Lessons", "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""])
    (folder / "index.md").write_text(toctree, encoding="utf-8")


def shown_outputs(learner: dict, solved: dict) -> dict[str, list[dict]]:
    """Return the outputs that the book shows, by the cell's id.

    Left out are those of cells that differ, which answer an exercise, and those of cells that say what an answer is
    worth, or what was predicted.
    """
    predictions = {name for cell in solved["cells"] for name in PREDICTED.findall(cell["source"])}
    given = {cell["id"]: cell["source"] for cell in learner["cells"]}
    return {
        cell["id"]: cell["outputs"]
        for cell in solved["cells"]
        if cell["cell_type"] == "code" and given.get(cell["id"]) == cell["source"] and not _asks(cell, predictions)
    }


def _asks(cell: dict, predictions: set[str]) -> bool:
    said = set(re.findall(r"\w+", cell["source"]))
    return "nbgrader" in cell["metadata"] or bool(ASKS.search(cell["source"]) or said & predictions)


def _known(states: Path) -> list[str]:
    """The widgets whose states are kept."""
    return list(json.loads(states.read_text(encoding="utf-8"))) if states.exists() else []


def _how(name: str) -> str:
    return HOW_TO_OPEN.format(name=name)


def _cell(cell: dict, page: Page, outputs: list[dict]) -> dict:
    """A cell as the book shows it: no metadata of graders, and outputs that need no kernel."""
    made = {**cell, "metadata": {}}
    if cell["cell_type"] == "code":
        made |= {"outputs": [page.output(output) for output in outputs], "execution_count": 1 if outputs else None}
    return made
