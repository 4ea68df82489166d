"""Submissions as files: whose they are, which are read, and what is taken from them."""

import hashlib
import json
import os

import pytest

from tests.attacks.notebooks import FILES
from tlkit.grading.find import (
    Found,
    NotReadable,
    find_submissions,
    read_bytes,
    read_cells,
    read_submission,
    read_submissions,
    safe_name,
)
from tlkit.grading.keep import ExerciseResult, SubmissionResult, read_results, result_path, write_result
from tlkit.grading.lesson_plan import lesson_names, plan_of_notebook, read_plan

LESSON = "01_feature_extraction"


@pytest.mark.parametrize(
    ("path", "learner", "lesson"),
    [
        (f"ana_{LESSON}.ipynb", "ana", LESSON),
        (f"ana.ruiz_b_{LESSON}.ipynb", "ana.ruiz_b", LESSON),
        (f"submitted/ana/{LESSON}/{LESSON}.ipynb", "ana", LESSON),
        (f"submitted/ana/{LESSON}/renamed.ipynb", "ana", LESSON),
        (f"ana/{LESSON}.ipynb", "ana", LESSON),
        ("essay.ipynb", "essay", "essay"),
    ],
)
def test_owner_is_read_from_the_path(tmp_path, path, learner, lesson):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}")
    (found,) = find_submissions([tmp_path], [LESSON])
    assert (found.learner, found.lesson, found.conflict) == (learner, lesson, "")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\u202eb", "", "a--b", ".hidden", "-x", "a\x00b", "\u0430" * 500, "\udcff", "a/b"]
)
def test_names_become_safe_and_stay_apart(tmp_path, name):
    safe = safe_name(name)
    assert result_path(tmp_path, safe, LESSON).parent == tmp_path / "results"
    assert safe != safe_name(name + "x")
    assert len(safe) < 80


@pytest.mark.skipif(os.name != "posix", reason="links, devices and named pipes are made here")
@pytest.mark.parametrize("name", FILES)
def test_no_strange_file_is_believed(tmp_path, name):
    other = tmp_path / "other.ipynb"
    other.write_text(json.dumps({"cells": []}))
    path = tmp_path / name
    FILES[name](path, other)
    if name.startswith(("strange", "hugecell", "no_such")):
        assert "exercise-1-7" not in read_cells(read_bytes(path))[0]
        return
    with pytest.raises(NotReadable, match=r"\.$"):
        read_cells(read_bytes(path))


def test_last_cell_of_an_id_counts_and_own_ids_stand_in():
    marks = {"nbgrader": {"grade_id": "exercise-1-7", "solution": True}}
    cells = [
        {"cell_type": "code", "metadata": marks, "source": "first"},
        {"cell_type": "code", "metadata": marks, "source": ["la", "st"]},
        {"cell_type": "markdown", "metadata": marks, "source": "text"},
        {"cell_type": "code", "metadata": {}, "id": "exercise-1-6", "source": "kept"},
    ]
    code, text = read_cells(json.dumps({"cells": cells}).encode())
    assert code == {"exercise-1-7": "last", "exercise-1-6": "kept"}
    assert text == {"exercise-1-7": "text"}


@pytest.mark.slow
def test_a_submission_is_what_was_read(tmp_path):
    path = tmp_path / f"ana_{LESSON}.ipynb"
    marked = {name: {"nbgrader": {"grade_id": name}} for name in ("exercise-1-7", "check-1-7")}
    cells = [{"cell_type": "code", "metadata": marks, "source": name} for name, marks in marked.items()]
    path.write_text(json.dumps({"cells": cells}))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (one,) = read_submissions([tmp_path])
    path.write_text("changed later")
    assert (one.learner, one.lesson, one.file, one.sha256, one.refusal) == ("ana", LESSON, path.name, digest, "")
    assert one.code == {"exercise-1-7": "exercise-1-7"}  # what no learner writes is not kept
    (again,) = read_submissions([tmp_path])
    assert again.sha256 not in ("", digest)
    assert "not a Jupyter notebook" in again.refusal


def test_what_was_not_read_has_no_sha256(tmp_path):
    for found in (Found(tmp_path / "none.ipynb", "ana", LESSON), Found(tmp_path, "ana", LESSON, "Twice.")):
        one = read_submission(found)
        assert one.refusal.endswith(".")
        assert (one.sha256, one.code, one.text) == ("", {}, {})


def test_plan_of_lesson_1():
    plan = read_plan(LESSON)
    by_id = {exercise.id: exercise for exercise in plan.exercises}
    assert plan.max_points == sum(exercise.points for exercise in plan.exercises) == 18
    assert by_id["1.1"].cells == ("exercise-1-1-predict", "exercise-1-1")
    assert by_id["1.1"].prediction.arguments == ("my_frozen_percentage",)
    assert by_id["1.5"].check.arguments == ("verdict", "runs")
    assert not any("BEGIN SOLUTION" in source or "check(" in source for source in plan.given_cells)
    with pytest.raises(ValueError, match="Received: 'x'"):
        read_plan("x")
    assert LESSON in lesson_names()
    assert (by_id["1.8"].check, by_id["1.8"].points, by_id["1.8"].cells) == (None, 2, ("essay-1-8",))


def test_free_text_is_left_to_a_person():
    marks = {"grade": True, "grade_id": "essay-1-8", "points": 2, "solution": True}
    cell = {"cell_type": "markdown", "metadata": {"nbgrader": marks}, "source": "YOUR ANSWER HERE"}
    (exercise,) = plan_of_notebook("x", {"cells": [cell]}).exercises
    assert (exercise.id, exercise.check, exercise.stub) == ("1.8", None, "YOUR ANSWER HERE")


def test_results_are_written_whole_and_read_back(tmp_path):
    exercise = ExerciseResult("1.1", "t", 1.5, 2.0, "partial", ("\ud800 <b>",), ("name",))
    result = SubmissionResult(
        "ana", LESSON, "a.ipynb", "0" * 64, "graded", "", 1.5, 2.0, (exercise,), 0.5, 1.0, "0.1.0"
    )
    path = write_result(tmp_path, result)
    assert read_results(tmp_path) == [result]
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    path.write_text("{}")
    with pytest.raises(ValueError, match=path.name):
        read_results(tmp_path)
    with pytest.raises(ValueError, match="status"):
        ExerciseResult("1.1", "t", 0, 1, "fine")
    for learner in ("../x", "a/b", "a--b", ""):
        with pytest.raises(ValueError, match="learner"):
            result_path(tmp_path, learner, LESSON)
