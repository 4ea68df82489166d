"""nbgrader and `tlkit grade` on the same honest submissions; and the course of the instructor's page, as it runs."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytest.importorskip("nbgrader.api", reason="needs nbgrader: pip install tlkit[instructor]")

from nbgrader.api import Gradebook

from tests.answers import lesson_01_feature_extraction as answers
from tests.grading_notebooks import LESSON, answer_source, make_notebook, right_answers
from tests.needs import NEEDS_SANDBOX
from tlkit.grading.keep import SubmissionResult, read_results
from tlkit.grading.reports.gradebook import update_gradebook
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir, package_root

pytestmark = [pytest.mark.slow, NEEDS_SANDBOX]
CONFIG = package_root() / "docs" / "jupyterhub" / "nbgrader_config.py"
GIVEN = """
import numpy as np
runs = {"pre-trained": [0.8, 0.82, 0.81, 0.79, 0.83], "random frozen": [0.6, 0.61, 0.62, 0.6, 0.63],
        "from scratch": [0.5, 0.55, 0.52, 0.49, 0.51]}
curves = np.array([2, 5, 10]), np.full((3, 2), 0.7), np.array([[0.1, 0.2], [0.5, 0.5], [0.8, 0.7]])
"""
PARTLY = {
    "exercise-1-3": answer_source("1.3", answers.extract_in_two_passes),
    "exercise-1-7": answer_source("1.7", answers.report_turned),
}


def _without_trainings(notebook: dict) -> dict:
    """Let the cells of the lesson that no exercise needs do nothing, and measured values be given."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code[0]["source"] += GIVEN
    for cell in code[1:]:
        if "nbgrader" not in cell["metadata"] and not cell["source"].startswith("predict("):
            cell["source"] = "pass"
    return notebook


def _environment() -> dict[str, str]:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    search = os.pathsep.join([str(package_root()), str(package_root() / "widgets")])
    drop = ("PYTEST_CURRENT_TEST", "TLKIT_HOME")
    return {name: value for name, value in os.environ.items() if name not in drop} | {
        "PATH": path,
        "PYTHONPATH": search,
    }


def _run(course: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=course, env=_environment(), capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def _config(course: Path, text: str) -> None:
    (course / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.root = {str(course)!r}\n{text}")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course with one lesson, generated, and two submissions."""
    course = tmp_path_factory.mktemp("course")
    _config(course, "")
    instructor, _ = read_source(notebooks_dir() / "src" / f"{LESSON}.py")
    source = course / "source" / LESSON / f"{LESSON}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(_without_trainings(instructor)))
    _run(course, "nbgrader", "generate_assignment", LESSON, "--create")
    for learner, cells in {"ada": right_answers(0) | PARTLY, "untouched": {}}.items():
        path = course / "submitted" / learner / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(_without_trainings(make_notebook(cells))))
    return course


@pytest.fixture(scope="module")
def results(course) -> list[SubmissionResult]:
    code = "import sys; from tlkit.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "grade", "submitted", "--out", "grades", "--jobs", "1", "--timeout", "600"]
    done = subprocess.run(command, cwd=course, env=_environment(), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    return read_results(course / "grades")


def _scores(path: Path, learner: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{path}") as book:
        submitted = book.find_submission_notebook(LESSON, LESSON, learner)
        return {grade.name: grade.auto_score for grade in submitted.grades}


def _cell(exercise_id: str) -> str:
    """The name of the cell that nbgrader gives the points of an exercise: a check, or a text that a person reads."""
    kind = "essay" if exercise_id == "1.8" else "check"
    return f"{kind}-{exercise_id.replace('.', '-')}"


def test_both_give_the_same_points(course, results, tmp_path):
    stock = Path(shutil.copytree(course, tmp_path / "stock"))
    _config(stock, "c.Execute.timeout = 600\nc.Execute.iopub_timeout = 60\n")
    _run(stock, "nbgrader", "autograde", LESSON)
    assert [one.learner for one in results] == ["ada", "untouched"]
    for result in results:
        ours = {_cell(one.id): one.points for one in result.exercises}
        assert _scores(stock / "gradebook.db", result.learner) == pytest.approx(ours)
    assert 0 < results[0].points < results[0].max_points  # partial credit is read, too
    assert results[1].points == 0


def test_course_of_the_instructors_page(course, results, tmp_path):
    own = Path(shutil.copytree(course, tmp_path / "own"))
    _config(own, CONFIG.read_text().split("\n\n", 1)[1].replace("c = get_config()", ""))
    _run(own, "nbgrader", "autograde", LESSON)
    sorted_in = json.loads((own / "autograded" / "ada" / LESSON / f"{LESSON}.ipynb").read_text())
    assert {cell.get("execution_count") for cell in sorted_in["cells"]} == {None}  # nothing of a learner ran
    assert set(_scores(own / "gradebook.db", "ada").values()) == {None}
    update_gradebook(own / "gradebook.db", results)
    assert sum(_scores(own / "gradebook.db", "ada").values()) == pytest.approx(results[0].points)
    _run(own, "nbgrader", "generate_feedback", LESSON)
    page = (own / "feedback" / "ada" / LESSON / f"{LESSON}.html").read_text()
    assert f"Score: {results[0].points:g}" in page
    assert results[0].exercises[2].messages[0][:40] in page
