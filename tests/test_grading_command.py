"""`tlkit grade` around the grading itself: what it refuses, what it keeps, what it leaves alone."""

import ast
import os
import stat
import sys
from pathlib import Path

import pytest

from tlkit.grading import grade as command
from tlkit.grading.find import read_submissions
from tlkit.grading.judging.batch import GradingFailed
from tlkit.grading.keep import SubmissionResult, already_graded, batch_secret, write_result
from tlkit.grading.sandbox import advice
from tlkit.grading.sandbox.inside.namespace import LazyNamespace, run_cell
from tlkit.grading.sandbox.limits import patience
from tlkit.grading.sandbox.view import mounts
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
    monkeypatch.setattr(advice, "SUPPORTED", True)
    monkeypatch.setattr(advice.shutil, "which", lambda name: bwrap)
    said = advice.sandbox_advice()
    assert expected in said
    assert bool(said) == bool(expected)
    assert bool(said) == ("--trust" in said)


@pytest.mark.slow
def test_strangers_work_is_refused_without_sandbox(monkeypatch, tmp_path):
    monkeypatch.setattr(advice.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / f"ana_{LESSON}.ipynb").write_text("{}")
    with pytest.raises(GradingFailed, match=r"bubblewrap|x86-64"):
        command.grade_submissions(read_submissions([tmp_path]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_results_are_not_overwritten_by_accident(tmp_path):
    write_result(tmp_path / "out", SubmissionResult("ana", LESSON, "a.ipynb", "", "refused", "x."))
    (tmp_path / f"ana_{LESSON}.ipynb").write_text("{}")
    with pytest.raises(ValueError, match="--resume"):
        command.grade_submissions(read_submissions([tmp_path]), tmp_path / "out")
    with pytest.raises(ValueError, match="No notebook"):
        command.grade_submissions(read_submissions([tmp_path / "out"]), tmp_path / "other")


@pytest.mark.slow
def test_changed_file_is_graded_again(tmp_path):
    path = tmp_path / f"ana_{LESSON}.ipynb"
    path.write_text("{}")
    result = SubmissionResult("ana", LESSON, path.name, _sha256(path), "graded", version=command_version())
    write_result(tmp_path, result)
    assert already_graded(tmp_path, *read_submissions([path]))
    path.write_text("{ }")
    assert not already_graded(tmp_path, *read_submissions([path]))


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


def test_sandbox_shows_the_engine_and_what_each_room_shows():
    from tlkit.checks import all_exercises

    rooms = package_root() / "tlkit" / "exercises"
    targets = [target for what, _, target in mounts() if what == "--ro-bind" and Path(target).is_relative_to(rooms)]
    assert sorted(targets) == sorted(map(str, [rooms / "__init__.py", *rooms.glob("*/shown.py")]))
    covered = [target for what, _, target in mounts() if what == "--tmpfs"]
    assert str(rooms) in covered
    files = {function.__code__.co_filename for exercise in all_exercises() for function in exercise.properties}
    assert files.isdisjoint(targets)


def test_what_is_shown_imports_nothing_that_is_hidden():
    for path in (package_root() / "tlkit" / "exercises").glob("*/shown.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
        assert not [name for name in modules if name.startswith("tlkit.exercises")], path
