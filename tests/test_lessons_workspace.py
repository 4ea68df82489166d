"""The learner's work is never lost: what is copied, renewed, kept, set aside."""

import json
from datetime import datetime

import pytest

from tlkit.lessons import catalog, workspace
from tlkit.lessons.catalog import find_lesson, list_lessons
from tlkit.lessons.workspace import open_workspace, reset_lesson

NOW = datetime(2026, 1, 31, 14, 22, 33)


def _notebook(text: str) -> str:
    about = {"title": "Why?", "minutes": 30, "exercises": {"1.1": 2, "1.2": 1.5}}
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": [text]}
    return json.dumps({"cells": [cell], "metadata": {"tlkit": about}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Return a folder with two shipped lessons."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in ("01_features", "02_tuning"):
        (folder / f"{name}.ipynb").write_text(_notebook("first edition"))
    monkeypatch.setattr(catalog, "notebooks_dir", lambda: folder)
    return folder


@pytest.fixture
def mine(tmp_path):
    """Return the path of the workspace, which does not exist yet."""
    return tmp_path / "work" / "space"


def test_first_time_copies_all(shipped, mine):
    opened = open_workspace(mine)
    assert opened.added == ("01_features.ipynb", "02_tuning.ipynb")
    assert (mine / "01_features.ipynb").read_bytes() == (shipped / "01_features.ipynb").read_bytes()
    again = open_workspace(mine)
    assert (again.added, again.updated, again.kept) == ((), (), ())


def test_each_lesson_in_a_folder_of_its_own_as_nbgrader_hands_in(shipped, mine):
    assert open_workspace(mine, apart=True).added == ("01_features.ipynb", "02_tuning.ipynb")
    assert (mine / "01_features" / "01_features.ipynb").read_bytes() == (shipped / "01_features.ipynb").read_bytes()
    (mine / "02_tuning" / "02_tuning.ipynb").write_text(_notebook("my work"))
    (shipped / "02_tuning.ipynb").write_text(_notebook("second edition"))
    assert open_workspace(mine, apart=True).kept == ("02_tuning.ipynb",)
    assert "my work" in (mine / "02_tuning" / "02_tuning.ipynb").read_text()


def test_untouched_lesson_is_renewed(shipped, mine):
    open_workspace(mine)
    (shipped / "01_features.ipynb").write_text(_notebook("second edition"))
    assert open_workspace(mine).updated == ("01_features.ipynb",)
    assert "second edition" in (mine / "01_features.ipynb").read_text()


def test_changed_lesson_is_kept(shipped, mine):
    open_workspace(mine)
    (mine / "01_features.ipynb").write_text("my work")
    opened = open_workspace(mine)
    assert (opened.added, opened.updated, opened.kept) == ((), (), ())  # nothing newer: nothing to say
    (shipped / "01_features.ipynb").write_text(_notebook("second edition"))
    for _ in range(2):
        assert open_workspace(mine).kept == ("01_features.ipynb",)
    assert (mine / "01_features.ipynb").read_text() == "my work"


@pytest.mark.parametrize("damage", [None, "", "{", "[1]", '{"01_features.ipynb": 3}'])
def test_lost_digests_cost_no_work(shipped, mine, damage):
    open_workspace(mine)
    (mine / "01_features.ipynb").write_text("my work")
    record = mine / ".tlkit" / "shipped.json"
    record.unlink() if damage is None else record.write_text(damage)
    assert open_workspace(mine).kept == ("01_features.ipynb",)
    assert (mine / "01_features.ipynb").read_text() == "my work"


def test_own_file_of_the_same_name_is_kept(shipped, mine):
    mine.mkdir(parents=True)
    (mine / "02_tuning.ipynb").write_text("was here before")
    opened = open_workspace(mine)
    assert (opened.added, opened.kept) == (("01_features.ipynb",), ("02_tuning.ipynb",))
    assert (mine / "02_tuning.ipynb").read_text() == "was here before"


def test_reset_keeps_dated_copies(shipped, mine):
    open_workspace(mine)
    for number, name in enumerate(["01_features.2026-01-31-142233.ipynb", "01_features.2026-01-31-142233-2.ipynb"]):
        (mine / "01_features.ipynb").write_text(f"my work {number}")
        assert reset_lesson("1", mine, now=NOW) == mine / name
        assert (mine / name).read_text() == f"my work {number}"
        assert (mine / "01_features.ipynb").read_bytes() == (shipped / "01_features.ipynb").read_bytes()
    assert open_workspace(mine).kept == ()


def test_reset_without_a_workspace_makes_the_lesson(shipped, mine):
    assert reset_lesson("02_tuning", mine) is None
    assert (mine / "02_tuning.ipynb").exists()


def test_workspace_that_is_a_file(shipped, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"must be a folder. Received a file: .*file. Choose another with `--dir`"):
        open_workspace(tmp_path / "file")


def test_catalog_reads_metadata(shipped):
    first, second = list_lessons()
    assert (first.number, first.title, first.minutes, first.points) == (1, "Why?", 30, 3.5)
    assert second.name == "02_tuning"


@pytest.mark.parametrize("name", ["1", "01", "01_features", "01_features.ipynb", "work/01_features.ipynb"])
def test_lesson_is_found(shipped, name):
    assert find_lesson(name).name == "01_features"


def test_lesson_that_is_not_there(shipped):
    with pytest.raises(ValueError, match=r"Received: '7'\. Lessons: 01_features, 02_tuning"):
        find_lesson("7")


def test_shipped_file_that_is_no_notebook(shipped):
    (shipped / "03_broken.ipynb").write_text("{}")
    with pytest.raises(ValueError, match=r"03_broken\.ipynb` must be a Jupyter notebook"):
        list_lessons()


def test_copy_never_overwrites_even_in_a_race(shipped, mine, monkeypatch):
    mine.mkdir(parents=True)
    target = mine / "01_features.ipynb"
    target.write_text("made this very moment")
    with pytest.raises(FileExistsError):
        workspace._copy_new(find_lesson("1"), target, {})
    assert target.read_text() == "made this very moment"
