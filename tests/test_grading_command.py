"""`tlkit grade` around the grading itself: what it refuses, what it keeps, what it leaves alone."""

import ast
import os
import stat
import sys

import pytest

from tlkit.grading import command
from tlkit.grading.batch import GradingFailed, already_graded, batch_secret
from tlkit.grading.inside.namespace import LazyNamespace, run_cell
from tlkit.grading.limits import patience
from tlkit.grading.results import SubmissionResult, write_result
from tlkit.grading.submission import find_submissions
from tlkit.grading.view import without_answers
from tlkit.paths import package_root

LESSON = "01_feature_extraction"


@pytest.mark.parametrize(
    ("platform", "bwrap", "expected"),
    [
        ("darwin", None, "macOS does not have"),
        ("win32", None, "WSL 2"),
        ("linux", None, "apt install bubblewrap"),
        ("linux", "/usr/bin/bwrap", ""),
    ],
)
def test_advice_where_there_is_no_sandbox(monkeypatch, platform, bwrap, expected):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(command, "SUPPORTED", True)
    monkeypatch.setattr(command.shutil, "which", lambda name: bwrap)
    advice = command.sandbox_advice()
    assert expected in advice
    assert bool(advice) == bool(expected)
    assert bool(advice) == ("--trust" in advice)


def test_strangers_work_is_refused_without_sandbox(monkeypatch, tmp_path):
    monkeypatch.setattr(command.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / f"ana_{LESSON}.ipynb").write_text("{}")
    with pytest.raises(GradingFailed, match=r"bubblewrap|x86-64"):
        command.grade_files([tmp_path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_results_are_not_overwritten_by_accident(tmp_path):
    write_result(tmp_path / "out", SubmissionResult("ana", LESSON, "a.ipynb", "", "refused", "x."))
    (tmp_path / f"ana_{LESSON}.ipynb").write_text("{}")
    with pytest.raises(ValueError, match="--resume"):
        command.grade_files([tmp_path], tmp_path / "out")
    with pytest.raises(ValueError, match="No notebook"):
        command.grade_files([tmp_path / "out"], tmp_path / "other")


def test_changed_file_is_graded_again(tmp_path):
    path = tmp_path / f"ana_{LESSON}.ipynb"
    path.write_text("{}")
    (found,) = find_submissions([path], [LESSON])
    result = SubmissionResult("ana", LESSON, path.name, _sha256(path), "graded", version=command_version())
    write_result(tmp_path, result)
    assert already_graded(tmp_path, found)
    path.write_text("{ }")
    assert not already_graded(tmp_path, found)


def command_version():
    from tlkit import __version__

    return __version__


def _sha256(path):
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_secret_stays_and_is_private(tmp_path):
    secret = batch_secret(tmp_path)
    assert len(secret) == 32
    assert batch_secret(tmp_path) == secret
    assert batch_secret(tmp_path / "other") != secret
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(("load", "expected"), [(0.0, 1.0), (8.0, 2.0), (10**6, 10.0)])
def test_busy_machine_gives_more_time(monkeypatch, load, expected):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0, 0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert patience() == expected


def test_names_of_the_lesson_are_made_when_they_are_used():
    cells = [
        "import math\n\ndef helper(x):\n    return math.sqrt(x) + OFFSET",
        "OFFSET = 1\nOFFSET += 1",
        "raise ValueError",
    ]
    names = LazyNamespace(cells)
    run_cell("<answer>", "def answer(x):\n    return helper(x) + len([x])", names)
    assert "helper" not in names
    assert eval("answer(4.0)", names) == 5.0
    with pytest.raises(NameError, match="nobody"):
        eval("nobody", names)


def test_learners_own_names_win():
    names = LazyNamespace(["def helper():\n    return 'lesson'"])
    run_cell("<answer>", "def helper():\n    return 'own'", names)
    assert eval("helper()", names) == "own"


def test_sandbox_shows_what_notebooks_import_and_no_check():
    from tlkit.checks import all_exercises

    folder = package_root() / "tlkit" / "checks"
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    kept = without_answers(texts, {"lesson_01": {"SCALINGS"}, "lesson_02": {"DEPTHS"}})
    properties = {function.__name__ for exercise in all_exercises() for function in exercise.properties}
    shown = {node.name for text in kept.values() for node in ast.walk(ast.parse(text)) if hasattr(node, "name")}
    assert not properties & shown
    assert "SCALINGS" in kept["lesson_01"]
    assert "_share" not in kept["lesson_01"]
    assert "DEPTHS = " in kept["choosing"]
    assert kept["session"] == texts["session"]


def test_what_a_shown_name_needs_is_shown():
    texts = {
        "__init__": "from tlkit.checks.engine import run",
        "engine": "def run(): pass",
        "lesson_07": "from tlkit.checks.parts import LIMIT, answer\nTWICE = 2 * LIMIT\nregister(answer)",
        "parts": "from tlkit.checks.engine import run\nLIMIT = 3\ndef answer(): return run()",
    }
    kept = without_answers(texts, {"lesson_07": {"TWICE"}})
    assert kept["lesson_07"] == "from tlkit.checks.parts import LIMIT\nTWICE = 2 * LIMIT"
    assert kept["parts"] == "LIMIT = 3"
    assert kept["engine"] == texts["engine"]
