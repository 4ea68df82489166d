"""Every shipped lesson: derived as it should be, in style, executed, reproducible, worth full marks only if solved."""

import ast
import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tlkit.checks import all_exercises
from tlkit.checks.exercise import properties_text
from tlkit.lessons.build import drift
from tlkit.lessons.execute import clean_environment, run_notebook
from tlkit.lessons.notebook import read_notebook, read_source, write_notebook
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


@each_lesson
def test_cards_name_the_properties_of_today(source):
    """A property whose name has changed shows at once, and not when the lesson is run again."""
    known = {exercise.id: exercise for exercise in all_exercises()}
    for cell in read_notebook(_solution(source))["cells"]:
        if cell["id"].startswith("check-") and source != DEMO:
            exercise = known[cell["id"].removeprefix("check-").replace("-", ".")]
            card = "".join("".join(output["data"].get("text/html", "")) for output in cell["outputs"])
            shown = html.unescape(re.sub("<[^>]*>", "", card))
            for text in properties_text(exercise.properties):
                assert text.replace("`", "") in shown, cell["id"]


def _nbval(notebook: dict) -> subprocess.CompletedProcess:
    """Run the notebook again, in a clean kernel, and compare every output with the stored one."""
    options = ["--nbval", f"--nbval-sanitize-with={TESTS / 'sanitize.cfg'}", "--nbval-cell-timeout=300"]
    with clean_environment() as (environment, folder):
        write_notebook(notebook, folder / "notebook.ipynb")
        (folder / "pytest.ini").write_text("[pytest]\n")
        command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", "-q", "-x", *options]
        environment |= {"PYTEST_ADDOPTS": ""}
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


def _then_unsolved(solution: dict, learners: dict) -> dict:
    """Add to the solution: the learner's stubs in place of the answers, and a cell that grades these.

    So one training serves both: nbval compares the solved part, and the added cell must print "not attempted".
    """
    code = [cell for cell in learners["cells"] if cell["cell_type"] == "code"]
    stubs = [cell for cell in code if cell["id"].startswith("exercise-")]
    calls = [ast.unparse(ast.parse(cell["source"]).body[-1]) for cell in code if cell["id"].startswith("check-")]
    grading = "".join(f"result = {call}\nprint(result.exercise.id, result.state, float(result))\n" for call in calls)
    names = [cell["id"].removeprefix("check-").replace("-", ".") for cell in code if cell["id"].startswith("check-")]
    said = "".join(f"{name} not attempted 0.0\n" for name in names)
    last = {
        "cell_type": "code",
        "id": "unsolved",
        "metadata": {},
        "source": grading,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": said}],
    }
    # The gallery has no exercises: an empty cell prints nothing
    added = [{**cell, "id": f"stub-{cell['id']}"} for cell in stubs] + ([last] if names else [])
    return {**solution, "cells": solution["cells"] + [{**cell, "execution_count": 1} for cell in added]}


@pytest.mark.slow
@each_lesson
def test_solution_runs_again_with_the_same_outputs_and_stubs_earn_nothing(source):
    solution, learners = read_notebook(_solution(source)), read_notebook(_learners(source))
    done = _nbval(_then_unsolved(solution, learners))
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.slow
def test_added_cell_notices_a_stub_that_earns_points():
    solution, learners = (read_notebook(path) for path in (_solution(DEMO), _learners(DEMO)))
    for cell in learners["cells"]:
        cell["source"] = cell["source"].replace("# YOUR CODE HERE\n    raise NotImplementedError()", "return False")
    done = _nbval(_then_unsolved(solution, learners))
    assert done.returncode == 1
    assert "90.2 right 1.5" in done.stdout


@pytest.mark.slow
def test_nbval_is_strict():
    done = _nbval(read_notebook(TESTS / "fixtures" / "faulty" / "output_is_not_what_runs.ipynb"))
    assert done.returncode == 1
    assert "1 failed" in done.stdout


@pytest.mark.slow
def test_nbval_passes_cleared_notebooks_so_that_our_rule_is_needed():
    cleared = read_notebook(TESTS / "fixtures" / "faulty" / "counts_cleared.ipynb")
    assert _nbval(cleared).returncode == 0
    assert result_faults(cleared) != []


@pytest.mark.slow
def test_unsolved_notebook_runs_through_and_earns_nothing():
    """The demonstration is really run. `stub_faults` holds the lessons, which train for minutes, to the same."""
    run = run_notebook(read_notebook(_learners(DEMO)), allow_errors=True)
    outputs = [(cell["id"], output) for cell in run.notebook["cells"] for output in cell.get("outputs", [])]
    assert [output for _, output in outputs if output["output_type"] == "error"] == []
    checks = {name: output["data"]["text/html"] for name, output in outputs if name.startswith("check-")}
    assert len(checks) == 2
    assert all("not attempted" in page for page in checks.values())
    assert {entry["points"] for entry in run.exercises.values()} == {0.0}
