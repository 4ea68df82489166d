"""The nbgrader gradebook: filled in one step or not at all, twice is once, and what a person gave stays."""

import contextlib
import os
import shutil
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.grading_results import EVIL, LESSON, exercise, graded, made_up_class
from tlkit.grading.reports import gradebook
from tlkit.grading.reports.gradebook import update_gradebook, with_manual_points
from tlkit.grading.reports.tables import moodle_table
from tlkit.lessons import catalog

api = pytest.importorskip("nbgrader.api", reason="needs nbgrader: pip install tlkit[instructor]")
DEMO = Path(__file__).parent / "fixtures" / "demo"
pytestmark = pytest.mark.slow  # nbgrader makes a lesson and a database first
CHECKS = ("check-90-1", "check-90-2", "essay-90-3")


@pytest.fixture(autouse=True)
def _demo(monkeypatch):
    monkeypatch.setattr(catalog, "notebooks_dir", lambda: DEMO)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> tuple[Path, list[str]]:
    """A gradebook with the made-up class, and what was left out; copy it before changing it."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "notebooks_dir", lambda: DEMO)
        left_out = update_gradebook(path, made_up_class())
    return path, left_out


@pytest.fixture
def path(filled, tmp_path) -> Path:
    return Path(shutil.copy(filled[0], tmp_path / "gradebook.db"))


def _scores(path: Path) -> dict[str, dict[str, tuple]]:
    """Return automatic and manual points and whether a person is asked for, by learner and cell."""
    with api.Gradebook(f"sqlite:///{path}") as book:
        return {
            one.student.id: {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for grade in one.notebooks[0].grades
            }
            for one in book.assignment_submissions(LESSON)
        }


def _by_hand(path: Path, learner: str, cell: str, points: float) -> None:
    """Grade a cell as formgrader does."""
    with api.Gradebook(f"sqlite:///{path}") as book:
        grade = book.find_grade(cell, LESSON, LESSON, learner)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def test_points_arrive_and_text_is_left_to_a_person(filled, path):
    assert filled[1] == [
        "fay, 90_demo: refused. The file is no notebook.",
        "gus, 90_demo: crashed. The process was ended from inside.",
    ]
    found = _scores(path)
    assert sorted(found) == ["ada", "bob", "carl", "dora", "eve"]
    assert found["bob"] == {
        "check-90-1": (1.0, None, False),
        "check-90-2": (1.5, None, False),
        "essay-90-3": (None, None, True),
    }
    with api.Gradebook(f"sqlite:///{path}") as book:
        submission = book.find_submission(LESSON, "ada")
        assert (submission.score, submission.max_score, submission.needs_manual_grade) == (3.5, 4.5, True)
        assert book.find_comment("exercise-90-1", LESSON, LESSON, "ada").comment is None
        assert "You took the sum" in book.find_comment("exercise-90-1", LESSON, LESSON, "bob").comment


def test_twice_is_once(path):
    def dump() -> list[str]:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return list(connection.iterdump())

    before = dump()
    update_gradebook(path, made_up_class())
    assert dump() == before


def test_what_a_person_gave_stays(path):
    _by_hand(path, "bob", "check-90-1", 1.75)
    _by_hand(path, "bob", "essay-90-3", 0.5)
    update_gradebook(path, made_up_class())
    assert _scores(path)["bob"]["check-90-1"] == (1.0, 1.75, False)
    assert _scores(path)["bob"]["essay-90-3"] == (None, 0.5, False)
    better = graded("bob", exercise("90.1", 2, 2, "right"), exercise("90.2", 1.5, 1.5, "right"))
    update_gradebook(path, [better])
    assert _scores(path)["bob"]["check-90-1"] == (2.0, 1.75, True)  # a person is asked to look again


def test_what_a_person_gave_comes_back(path):
    _by_hand(path, "bob", "check-90-1", 1.75)
    _by_hand(path, "bob", "essay-90-3", 0.5)
    results = with_manual_points(path, made_up_class())
    by_name = {one.learner: one for one in results}
    assert [one.points for one in by_name["bob"].exercises] == [1.75, 1.5, 0.5]
    assert by_name["bob"].points == 3.75
    assert by_name["bob"].exercises[0].messages[-1] == "A person changed the points from 1 to 1.75."
    assert by_name["ada"] == made_up_class()[0]
    assert by_name["fay"] == made_up_class()[5]
    assert moodle_table(results)[2] == ["bob", "3.25", "0.5"]


def test_text_that_was_empty_is_not_for_a_person(path):
    results = [graded("ada", exercise("90.3", 0, 1, "not attempted"))]
    update_gradebook(path, results)
    assert _scores(path)["ada"]["essay-90-3"] == (0.0, None, False)
    update_gradebook(path, made_up_class())
    assert _scores(path)["ada"]["essay-90-3"] == (None, None, True)


def test_lesson_that_nbgrader_generated_is_used(path):
    from nbformat import read
    from nbgrader.preprocessors import SaveCells

    with api.Gradebook(f"sqlite:///{path}") as book:
        book.remove_assignment(LESSON)
        book.add_assignment(LESSON, duedate="2030-01-01 00:00:00 UTC")
    where = {"notebook": LESSON, "assignment": LESSON, "db_url": f"sqlite:///{path}"}
    SaveCells().preprocess(read(DEMO / "solutions" / f"{LESSON}.ipynb", 4), {"nbgrader": where})
    update_gradebook(path, made_up_class())
    assert len(_scores(path)) == 5
    with api.Gradebook(f"sqlite:///{path}") as book:
        assert book.find_assignment(LESSON).duedate.year == 2030


@pytest.mark.parametrize("step", ["_write", "_add_lesson", "os.replace"])
def test_half_written_is_impossible(path, monkeypatch, step):
    before = path.read_bytes()
    calls = []

    def fail_at_the_third(*arguments):
        calls.append(arguments)
        if len(calls) == 3 or step != "_write":
            raise KeyboardInterrupt
        original(*arguments)

    target, name = (os, "replace") if step == "os.replace" else (gradebook, step)
    original = getattr(target, name)
    monkeypatch.setattr(target, name, fail_at_the_third)
    changed = [replace(one, exercises=(exercise("90.1", 0.25, 2, "partial"),)) for one in made_up_class()[:5]]
    with pytest.raises(KeyboardInterrupt):
        update_gradebook(path, changed)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["gradebook.db"]


def test_a_gradebook_that_changed_meanwhile_is_not_overwritten(path, monkeypatch):
    original = gradebook._write

    def write_while_formgrader_does(*arguments):
        original(*arguments)
        _by_hand(path, "ada", "essay-90-3", 0.75)

    monkeypatch.setattr(gradebook, "_write", write_while_formgrader_does)
    with pytest.raises(ValueError, match="changed by another program in the meantime: close formgrader"):
        update_gradebook(path, made_up_class()[:1])
    assert _scores(path)["ada"]["essay-90-3"] == (None, 0.75, False)


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_a_gradebook_in_use_is_left_alone(path, suffix):
    path.with_name(path.name + suffix).write_bytes(b"x")
    with pytest.raises(ValueError, match=f"gradebook.db{suffix} is there"):
        update_gradebook(path, made_up_class())


@pytest.mark.parametrize("content", [b"not a database", b"", b"SQLite format 3\0" + b"x" * 100])
def test_what_is_no_gradebook_is_not_touched(tmp_path, content):
    path = tmp_path / "gradebook.db"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="must be an SQLite file of nbgrader"):
        update_gradebook(path, made_up_class())
    assert path.read_bytes() == content


def test_missing_folder(tmp_path):
    with pytest.raises(ValueError, match="in a folder that exists"):
        update_gradebook(tmp_path / "no" / "gradebook.db", made_up_class())


@pytest.mark.parametrize("wrong", [exercise("90.1", 1, 3, "partial"), exercise("90.7", 1, 1, "right")])
def test_another_version_of_the_lesson_is_refused(path, wrong):
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"another version of 90_demo: it has no cell 'check-90-\d'"):
        update_gradebook(path, [*made_up_class(), graded("zoe", wrong)])
    assert path.read_bytes() == before


def test_comment_is_no_markup(path):
    hostile = exercise(
        "90.1", 0, 2, "wrong", messages=(EVIL, "![x](http://example.org/a.png) `\ud800`"), failed=("a", "b")
    )
    update_gradebook(path, [graded("ada", hostile)])
    with api.Gradebook(f"sqlite:///{path}") as book:
        comment = book.find_comment("exercise-90-1", LESSON, LESSON, "ada").comment
    assert "alert(1)" in comment
    assert set("<>[]`").isdisjoint(comment)


def test_rights_of_the_file_stay(path):
    path.chmod(0o640)
    update_gradebook(path, made_up_class())
    assert path.stat().st_mode & 0o777 == 0o640


def test_without_nbgrader(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    with pytest.raises(ValueError, match=r'pip install "tlkit\[instructor\]"'):
        update_gradebook(tmp_path / "gradebook.db", [])
