"""The record of progress survives damage, full disks and two kernels at once."""

import json
import subprocess
import sys

import pytest

from tlkit.checks import Exercise, check, predict, progress, register
from tlkit.checks import exercise as exercise_module
from tlkit.checks.record import read_record, update_record
from tlkit.paths import home_dir, package_root


def holds(answer):
    """The answer holds."""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Return a home of its own, for one exercise that is forgotten afterwards."""
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    hints = ("a", "b", "c")
    register(Exercise("97.1", "Held", 2, hints, (holds,), prediction=holds))
    yield tmp_path / "home"
    del exercise_module._REGISTERED["97.1"]


def _give(points: float) -> str:
    return update_record("97.1", lambda entry: entry.update(points=points))


DAMAGES = ['{"exercises": {"97.1"', "", "[]", "\x00\x00", '{"exercises": [], "notes": []}', '{"exercises": {}}']


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_record_is_set_aside_and_the_backup_used(home, damage):
    _give(1.0)
    _give(2.0)
    (home / "progress.json").write_text(damage)
    assert read_record()["exercises"]["97.1"]["points"] == 1.0  # the state before the last write
    update_record("97.2", lambda entry: entry.update(points=3.0))
    assert {name: entry["points"] for name, entry in read_record()["exercises"].items()} == {"97.1": 1.0, "97.2": 3.0}
    aside = list(home.glob("progress.damaged-*.json"))
    assert [path.read_text() for path in aside] == [damage]
    assert f"it is kept as {aside[0].name}" in str(progress())


def test_each_damaged_file_is_kept(home):
    _give(1.0)
    for damage in DAMAGES:
        (home / "progress.json").write_text(damage)
        assert _give(2.0) == ""
    assert sorted(path.read_text() for path in home.glob("progress.damaged-*.json")) == sorted(DAMAGES)


def test_all_lost_is_a_fresh_start(home):
    _give(1.0)
    _give(2.0)
    for path in home.glob("progress*.json"):
        path.write_text("?")
    assert read_record()["exercises"] == {}
    assert _give(1.5) == ""
    assert read_record()["exercises"]["97.1"]["points"] == 1.5


def test_a_write_that_fails_leaves_the_old_record(home, monkeypatch):
    check("97.1", 1)
    before = (home / "progress.json").read_text()

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tlkit.checks.record.os.replace", no_space)
    result = check("97.1", 1)
    assert float(result) == 2.0
    assert "could not be saved" in str(result)
    assert "No space left" in str(result)
    assert (home / "progress.json").read_text() == before
    assert not list(home.glob(".progress*"))


def test_home_that_cannot_be_made_costs_no_grade(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "file" / "home"))
    result = check("97.1", 1)
    assert float(result) == 2.0
    assert "could not be saved" in str(result)
    assert "not locked" in str(predict("97.1", "a"))


WRITER = """
import sys
from tlkit.checks.record import update_record
for index in range(20):
    assert update_record(f"{sys.argv[1]}.{index}", lambda entry: entry.update(points=1.0)) == ""
    assert update_record("shared", lambda entry: entry.update(n=entry.get("n", 0) + 1)) == ""
"""


@pytest.mark.slow
def test_kernels_that_write_at_once_lose_nothing():
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen([*command, str(number)], cwd=package_root()) for number in (1, 2, 3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    record = read_record()["exercises"]
    assert len(record) == 61
    assert record["shared"]["n"] == 60


def test_lock_that_is_never_given_back_costs_no_grade(home, monkeypatch):
    monkeypatch.setattr("tlkit.checks.record._PATIENCE_S", 0.1)

    def busy(*_, **__):
        raise BlockingIOError

    monkeypatch.setattr("tlkit.checks.record._system_lock", busy)
    assert "could not be saved" in _give(1.0)
    assert "another program holds" in _give(1.0)


def test_record_is_found_from_inside_the_workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("TLKIT_HOME")
    monkeypatch.setenv("TLKIT_WORKSPACE", str(tmp_path / "default"))
    inside = tmp_path / "other" / "notes"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert home_dir() == tmp_path / "default" / ".tlkit"
    (tmp_path / "other" / ".tlkit").mkdir()
    assert home_dir() == tmp_path / "other" / ".tlkit"


def test_file_is_plain_json(home):
    _give(1.0)
    assert json.loads((home / "progress.json").read_text())["exercises"] == {"97.1": {"points": 1.0}}
