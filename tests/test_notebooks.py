"""Every shipped lesson: derived as it should be, in style, executed, reproducible, worth full marks only if solved."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tlkit.lessons.build import drift
from tlkit.lessons.execute import clean_environment, run_notebook
from tlkit.lessons.notebook import read_notebook, read_source
from tlkit.lessons.rules import result_faults, stub_faults, style_faults
from tlkit.paths import notebooks_dir

TESTS = Path(__file__).parent
DEMO = TESTS / "fixtures" / "demo" / "src" / "90_demo.py"
LESSONS = sorted((notebooks_dir() / "src").glob("[0-9][0-9]_*.py"))
each_lesson = pytest.mark.parametrize("source", [DEMO, *LESSONS], ids=lambda path: path.stem)


def _solution(source: Path) -> Path:
    return source.parent.parent / "solutions" / f"{source.stem}.ipynb"


def _learners(source: Path) -> Path:
    return source.parent.parent / f"{source.stem}.ipynb"


@each_lesson
def test_committed_notebooks_are_what_would_be_derived(source):
    assert drift(source) == []


@each_lesson
def test_style(source):
    instructor, learner = read_source(source)
    assert style_faults(instructor) == []
    assert stub_faults(learner) == []


def test_no_notebook_without_a_source():
    names = {path.stem for path in LESSONS}
    made = [*notebooks_dir().glob("*.ipynb"), *(notebooks_dir() / "solutions").glob("*.ipynb")]
    assert {path.stem for path in made} == names


@each_lesson
def test_solution_is_executed_whole(source):
    assert result_faults(read_notebook(_solution(source))) == []


@each_lesson
def test_learners_notebook_has_no_outputs(source):
    code = [cell for cell in read_notebook(_learners(source))["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@each_lesson
def test_solution_earns_full_marks(source):
    """The stored outputs are those of a run: nbval repeats it below and compares."""
    for cell in read_notebook(_solution(source))["cells"]:
        if cell["id"].startswith("check-"):
            shown = next(output for output in cell["outputs"] if output["output_type"] == "execute_result")
            points = cell["metadata"]["nbgrader"]["points"]
            assert float("".join(shown["data"]["text/plain"])) == points, cell["id"]


def _nbval(notebook: Path) -> subprocess.CompletedProcess:
    """Run the notebook again, in a clean kernel, and compare every output with the stored one."""
    options = ["--nbval", f"--nbval-sanitize-with={TESTS / 'sanitize.cfg'}", "--nbval-cell-timeout=300"]
    with clean_environment() as (environment, folder):
        (folder / "pytest.ini").write_text("[pytest]\n")
        alone = ["-c", str(folder / "pytest.ini"), "-p", "no:cacheprovider", "-q", "-x"]
        command = [sys.executable, "-m", "pytest", *alone, *options, str(notebook)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


@pytest.mark.slow
@each_lesson
def test_solution_runs_again_with_the_same_outputs(source):
    done = _nbval(_solution(source))
    assert done.returncode == 0, done.stdout[-4000:]


def test_nbval_is_strict():
    done = _nbval(TESTS / "fixtures" / "faulty" / "output_is_not_what_runs.ipynb")
    assert done.returncode == 1
    assert "2 failed" in done.stdout or "1 failed" in done.stdout


def test_nbval_passes_cleared_notebooks_so_that_our_rule_is_needed():
    path = TESTS / "fixtures" / "faulty" / "counts_cleared.ipynb"
    assert _nbval(path).returncode == 0
    assert result_faults(read_notebook(path)) != []


@pytest.mark.slow
@each_lesson
def test_unsolved_notebook_earns_nothing_and_raises_nothing(source):
    notebook = _needed_for_grading(read_notebook(_learners(source)))
    run = run_notebook(notebook, allow_errors=True)
    outputs = [(cell["id"], output) for cell in run.notebook["cells"] for output in cell.get("outputs", [])]
    assert [(name, output["evalue"]) for name, output in outputs if output["output_type"] == "error"] == []
    checks = {name: output["data"]["text/html"] for name, output in outputs if name.startswith("check-")}
    assert checks
    assert all("not attempted" in "".join(page) for page in checks.values())
    assert {entry["points"] for entry in run.exercises.values()} == {0.0}


def _needed_for_grading(notebook: dict) -> dict:
    """Keep the cells that check, predict or hold exercises, and those that define a name that these need.

    The rest of a lesson, which trains for minutes, is run by nbval above.
    """
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    wanted = {index for index, cell in enumerate(cells) if cell["id"].startswith(("check-", "exercise-"))}
    wanted |= {0} | {index for index, cell in enumerate(cells) if "predict(" in cell["source"]}
    todo = list(wanted)
    while todo:
        index = todo.pop()
        needed = {_definer(cells[:index], name) for name in _names(cells[index], ast.Load)} - {None} - wanted
        wanted |= needed
        todo += needed
    return {**notebook, "cells": [cell for index, cell in enumerate(cells) if index in wanted]}


def _definer(cells: list[dict], name: str) -> int | None:
    return next((index for index in reversed(range(len(cells))) if name in _names(cells[index], ast.Store)), None)


def _names(cell: dict, context: type) -> set[str]:
    """Return the names that a cell reads (`ast.Load`), or those that it defines (`ast.Store`)."""
    nodes = list(ast.walk(ast.parse(cell["source"])))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
    if context is ast.Store:
        names |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        aliases = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
        names |= {(alias.asname or alias.name).split(".")[0] for alias in aliases}
    return names


def test_slice_keeps_what_grading_needs():
    sources = ["import a", "x = 1", "y = slow(x)", "def f(): return x", "z = f()", "check('1.1', f)"]
    ids = ["cell-0", "cell-1", "cell-2", "exercise-1-1", "cell-4", "check-1-1"]
    cells = [{"cell_type": "code", "id": i, "source": s} for i, s in zip(ids, sources, strict=True)]
    kept = [cell["id"] for cell in _needed_for_grading({"cells": cells})["cells"]]
    assert kept == ["cell-0", "cell-1", "exercise-1-1", "check-1-1"]
