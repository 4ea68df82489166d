"""A new lesson: every file is there, in order and formatted, and each fails with what is missing."""

import importlib
import runpy
import subprocess
import sys

import pytest

from tlkit.checks import exercise as exercise_module
from tlkit.checks import find_exercise
from tlkit.checks.testing import table_faults
from tlkit.lessons.build import build_lesson
from tlkit.lessons.new import main, make_lesson
from tlkit.paths import package_root

NAME = "77_choosing_a_source"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The files of a new lesson by their names, its room among those that the engine looks through."""
    made = make_lesson(77, "choosing_a_source", root=tmp_path)
    package = importlib.import_module("tlkit.exercises")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / "tlkit" / "exercises")])
    monkeypatch.setattr(exercise_module, "_LOADED", set(exercise_module._LOADED))
    yield {path.relative_to(tmp_path).as_posix(): path for path in made}
    exercise_module._REGISTERED.pop("77.1", None)
    for name in [name for name in sys.modules if NAME in name]:
        del sys.modules[name]


def test_one_command_makes_every_file(files):
    room = f"tlkit/exercises/lesson_{NAME}"
    assert set(files) == {
        *(f"{room}/{name}.py" for name in ("__init__", "shown", "first")),
        f"notebooks/src/{NAME}.py",
        f"tests/answers/lesson_{NAME}.py",
        "tests/browser/test_lesson_77.py",
    }


def test_the_files_keep_the_style_of_the_repository(files):
    config = package_root() / "pyproject.toml"
    if not config.exists():
        pytest.skip("needs the repository")
    for command in (["check", "--ignore", "F401,I001,EM101,ARG,D"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", command[0], "--config", config, *command[1:], *files.values()]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_notebook_says_what_it_lacks(files):
    faults = "\n".join(build_lesson(files[f"notebooks/src/{NAME}.py"]))
    for part in ("must be a question", "three bullets", "minutes must be stated", "What we saw", "References"):
        assert part in faults


def test_the_exercise_and_its_answers_say_what_they_lack(files):
    assert find_exercise("77.1").points == 2
    table = runpy.run_path(str(files[f"tests/answers/lesson_{NAME}.py"]))["ANSWERS"]
    assert "needs 2 right and 3 wrong answers, has 0 and 0" in table_faults("77.1", table["77.1"])[0]
    (fault,) = [fault for fault in table_faults("77.1", table["77.1"] | {"right": [abs, abs]}) if "number 1" in fault]
    assert "Write the first property of exercise 77.1" in fault


def test_the_browser_test_says_what_it_lacks(files):
    module = runpy.run_path(str(files["tests/browser/test_lesson_77.py"]))

    class Anything:
        def __getattr__(self, name):
            return lambda *_: self

        def __getitem__(self, key):
            return self

    module["test_learner_is_graded"].__globals__["Lesson"] = lambda lab, name: Anything()
    with pytest.raises(pytest.fail.Exception, match="Write what a learner does in lesson 77"):
        module["test_learner_is_graded"](None)


def test_nothing_that_is_there_is_changed(files, tmp_path):
    before = {path: path.read_text() for path in files.values()}
    with pytest.raises(ValueError, match=r"Lesson 77 is there already: notebooks.src.77_choosing_a_source\.py"):
        make_lesson(77, "another_topic", root=tmp_path)
    assert {path: path.read_text() for path in files.values()} == before


@pytest.mark.parametrize(
    ("number", "topic"), [(5, "Choosing"), (5, "a-b"), (5, ""), (90, "demo"), (-1, "x"), (5, "a/b")]
)
def test_names_that_cannot_be(number, topic, tmp_path):
    with pytest.raises(ValueError, match="named by a number below 90 and a topic"):
        make_lesson(number, topic, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_on_the_command_line_a_taken_number_is_an_error(capsys):
    assert main(["0", "again"]) == 1
    assert "Lesson 0 is there already" in capsys.readouterr().err
