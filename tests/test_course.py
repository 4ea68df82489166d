"""A course's folder for nbgrader: all lessons, settings that nbgrader reads, and nothing overwritten."""

import json

import pytest

from tlkit.cli import main
from tlkit.grading.course import SORT_ONLY, make_course
from tlkit.lessons.catalog import list_lessons

GRADED = [lesson.name for lesson in list_lessons() if lesson.points]


def _settings(folder) -> dict:
    loader = pytest.importorskip("traitlets.config").PyFileConfigLoader("nbgrader_config.py", str(folder))
    return loader.load_config()


def test_a_course_has_each_graded_lesson_solved_and_the_settings(tmp_path):
    added = make_course(tmp_path / "course", "spring")
    assert added == [*(f"source/{name}/{name}.ipynb" for name in GRADED), "nbgrader_config.py"]
    cells = json.loads((tmp_path / "course" / added[0]).read_text())["cells"]
    assert any("### BEGIN SOLUTION" in "".join(cell["source"]) for cell in cells)
    settings = _settings(tmp_path / "course")
    assert settings.CourseDirectory.course_id == "spring"
    assert settings.Autograde.autograde_preprocessors == SORT_ONLY


def test_no_setting_of_a_course_runs_what_was_handed_in():
    assert not [name for name in SORT_ONLY if "Execute" in name or "LockCells" in name]


def test_what_is_there_stays(tmp_path):
    make_course(tmp_path)
    mine = tmp_path / "source" / GRADED[0] / f"{GRADED[0]}.ipynb"
    mine.write_text("mine")
    (tmp_path / "nbgrader_config.py").unlink()
    assert make_course(tmp_path) == ["nbgrader_config.py"]
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("name", ["", ".", "a/b", "a+b", "a*", 'a"b', "a\nb"])
def test_a_name_that_is_no_folder_of_the_exchange_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="one word that can name a folder"):
        make_course(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_it_added(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["course"]) == 0
    assert capsys.readouterr().out.split() == [
        *(f"source/{name}/{name}.ipynb" for name in GRADED),
        "nbgrader_config.py",
    ]
    assert main(["course"]) == 0
    assert capsys.readouterr().out == "Nothing was missing.\n"
