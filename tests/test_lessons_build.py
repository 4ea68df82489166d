"""The text source, the learner's version and the build: against jupytext and nbgrader, which did it first."""

import copy
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from tlkit.lessons import build
from tlkit.lessons.build import build_lesson, drift
from tlkit.lessons.execute import run_notebook
from tlkit.lessons.learner import CODE_STUB, TEXT_STUB, learner_version
from tlkit.lessons.notebook import notebook_text, read_notebook, read_source, write_notebook
from tlkit.lessons.percent import parse_percent
from tlkit.paths import notebooks_dir

DEMO = Path(__file__).parent / "fixtures" / "demo" / "src" / "90_demo.py"
SOURCES = [DEMO, *sorted((notebooks_dir() / "src").glob("[0-9][0-9]_*.py"))]
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def _as_ours(cells: list) -> list[tuple]:
    """Leave out what jupytext keeps to write the file back: blank lines at the ends of a cell, and their number."""
    return [
        (cell.cell_type, cell.source.strip("\n"), {k: v for k, v in cell.metadata.items() if "lines_to" not in k})
        for cell in cells
    ]


@each_source
def test_parser_reads_what_jupytext_reads(source):
    jupytext = pytest.importorskip("jupytext")
    theirs = jupytext.read(source, fmt="py:percent")
    ours = parse_percent(source.read_text(encoding="utf-8"))
    assert [(cell.kind, cell.source, cell.options) for cell in ours.cells] == _as_ours(theirs.cells)
    assert ours.metadata == theirs.metadata["tlkit"]


@pytest.mark.parametrize(
    "text",
    [
        "# %%\n",
        "# %%\nx = 1\n\n\n\n# %%\n\n\ny = 2\n",
        "# %% [markdown]\n# Why so long?\n#\n# - a\n#   - b\n#\n# %%\nx = 1\n",
        "# %%\n# only a comment\n",
        '# %% exercise="1.3" tags=["a", "b c"]\ndef f():\n    pass\n\n\n# %% check="1.3" points=1.5\nf()\n',
        "# %%\nx = 1\n# %% [markdown]\n# ## Next to it\n# %%\ny = 2",
    ],
)
def test_parser_reads_corner_cases_as_jupytext(text):
    jupytext = pytest.importorskip("jupytext")
    theirs = jupytext.reads(text, fmt="py:percent").cells
    ours = parse_percent(text).cells
    assert [(cell.kind, cell.source, cell.options) for cell in ours] == _as_ours(theirs)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("x = 1\n# %%\n", "Line 1 is before the first cell marker"),
        ("# %% excercise='1.3'\n", "line 1 has .* not JSON: '1.3'"),
        ('# %% excercise="1.3"\n', "line 1 has an option that is not known: excercise"),
        ('\n# %% a title exercise="1.3"\n', "line 2 has an option that is not known: a title"),
        ("# ---\n# jupyter:\n#   tlkit: {minutes: 60}\n# ---\n", "header must be JSON"),
    ],
)
def test_parser_refuses(text, match):
    with pytest.raises(ValueError, match=match):
        parse_percent(text)


@pytest.mark.parametrize(
    ("cells", "match"),
    [
        ('# %% check="1.1"\ncheck("1.1", 1)\n', "line 1 must be"),
        ('# %% exercise="1.1" points=2\nx = 1\n', "line 1 must be"),
        ('# %% essay="1.1" points=2\nx = 1\n', "line 1 must be"),
        ('# %% [markdown] exercise="1.1"\n# text\n', "line 1 must be"),
        ('# %% exercise="1.1" check="1.1" points=1\nx = 1\n', "line 1 must be"),
        ('# %% exercise="1.1"\nx = 1\n# %% exercise="1.1"\nx = 1\n', "Received twice: exercise-1-1"),
        ("# %%\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", "BEGIN SOLUTION.* not marked for it"),
        ('# %% exercise="1.1"\n### BEGIN SOLUTION\nx = 1\n', "has no `END SOLUTION`"),
        ('# %% exercise="1.1"\n### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n', "is nested"),
        ("# %%\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n", "BEGIN HIDDEN TESTS"),
    ],
)
def test_build_refuses(cells, match, tmp_path):
    source = tmp_path / "07_wrong.py"
    source.write_text(cells)
    with pytest.raises(ValueError, match=rf"^07_wrong.py: [\s\S]*{match}"):
        read_source(source)


def _as_nbgrader_makes_it(notebook: dict) -> dict:
    preprocessors = pytest.importorskip("nbgrader.preprocessors")
    names = "LockCells ClearSolutions ClearOutput CheckCellMetadata ClearHiddenTests ClearMarkScheme ComputeChecksums"
    node = nbformat.from_dict(copy.deepcopy(notebook))
    for name in [*names.split(), "CheckCellMetadata"]:
        node, _ = getattr(preprocessors, name)().preprocess(node, {})
    return json.loads(json.dumps(node))


@each_source
def test_learner_version_is_nbgraders(source):
    instructor, learner = read_source(source)
    assert _as_nbgrader_makes_it(instructor) == learner


def test_learner_version_of_an_executed_notebook_is_nbgraders():
    executed = read_notebook(DEMO.parent.parent / "solutions" / "90_demo.ipynb")
    executed["cells"][1]["metadata"] |= {"collapsed": True, "scrolled": False}
    executed["metadata"]["celltoolbar"] = "Create Assignment"
    assert _as_nbgrader_makes_it(executed) == learner_version(executed)
    assert "celltoolbar" in executed["metadata"]  # the argument stays as it was


def test_nothing_of_a_solution_is_left():
    _, learner = read_source(DEMO)
    text = notebook_text(learner)
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "np.stack" not in text
    assert "Means lose the spread" not in text
    cells = {cell["id"]: cell for cell in learner["cells"]}
    assert cells["essay-90-3"]["source"] == TEXT_STUB
    assert cells["exercise-90-1"]["source"].endswith(CODE_STUB.replace("\n", "\n    "))
    assert cells["check-90-1"]["metadata"]["nbgrader"]["points"] == 2
    assert cells["check-90-1"]["metadata"]["editable"] is False


@each_source
def test_notebooks_are_valid_and_built_the_same_each_time(source):
    for first, second in zip(read_source(source), read_source(source), strict=True):
        assert notebook_text(first) == notebook_text(second)
        nbformat.validate(nbformat.reads(notebook_text(first), as_version=4))
        assert nbformat.writes(nbformat.from_dict(first)) + "\n" == notebook_text(first)


def test_lesson_says_what_it_is():
    about = read_source(DEMO)[0]["metadata"]["tlkit"]
    assert about == {
        "title": "Are class means enough to tell classes apart?",
        "minutes": 5,
        "exercises": {"90.1": 2, "90.2": 1.5},
    }


@pytest.fixture
def lesson(tmp_path):
    """Return the source of a copy of the demonstration, with its notebooks."""
    shutil.copytree(DEMO.parent.parent, tmp_path / "demo")
    return tmp_path / "demo" / "src" / DEMO.name


def test_demo_is_what_would_be_derived(lesson):
    assert drift(lesson) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("np.stack([x", "np.array([x", ["solutions/90_demo.ipynb: not made from this 90_demo.py"]),
        ("Return the class means", "Return means", ["the learner's notebook is not what", "not made from this"]),
        ('"minutes": 5', '"minutes": 6', ["the learner's notebook is not what", "not made from this"]),
    ],
)
def test_drift_is_seen_and_mended(lesson, old, new, expected):
    lesson.write_text(lesson.read_text().replace(old, new))
    faults = drift(lesson)
    assert len(faults) == len(expected)
    assert all(text in fault for text, fault in zip(expected, faults, strict=True))
    left = build_lesson(lesson)
    is_code = "np." in new  # then the outputs are those of other code: they are not made up, and the rest is renewed
    assert left == (faults[-1:] if is_code else [])


@pytest.mark.slow
def test_build_executes_in_a_clean_kernel(lesson, monkeypatch, tmp_path):
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "mine"))
    (lesson.parent.parent / "solutions" / "90_demo.ipynb").unlink()
    assert "missing; build it with --execute" in drift(lesson)[0]
    assert build_lesson(lesson, execute=True) == []
    made = lesson.parent.parent / "solutions" / "90_demo.ipynb"
    assert made.read_text() == (DEMO.parent.parent / "solutions" / "90_demo.ipynb").read_text()
    assert not (tmp_path / "mine").exists()
    assert write_notebook(read_notebook(made), made) is False


@pytest.mark.slow
def test_run_records_points_and_keeps_what_differs_out():
    run = run_notebook(read_source(DEMO)[0])
    assert {name: entry["points"] for name, entry in run.exercises.items()} == {"90.1": 2.0, "90.2": 1.5}
    assert "execution" not in notebook_text(run.notebook).replace("execution_count", "")
    assert "widgets" not in run.notebook["metadata"]


@pytest.mark.slow
@pytest.mark.parametrize(("version", "is_solved"), [(0, True), (1, False)])
def test_nbgrader_reads_the_points_of_a_check(version, is_solved):
    utils = pytest.importorskip("nbgrader.utils")
    run = run_notebook(read_source(DEMO)[version], allow_errors=True)
    checks = [cell for cell in nbformat.from_dict(run.notebook)["cells"] if cell["id"].startswith("check-")]
    assert [utils.determine_grade(cell) for cell in checks] == [(2.0 * is_solved, 2.0), (1.5 * is_solved, 1.5)]


@pytest.mark.slow
def test_cell_that_fails_stops_the_build(lesson):
    lesson.write_text(lesson.read_text().replace("rng = np.random.default_rng(0)", "rng = np.random.default_rng(-1)"))
    stored = lesson.parent.parent / "solutions" / "90_demo.ipynb"
    before = stored.read_text()
    with pytest.raises(Exception, match="expected non-negative integer"):
        build_lesson(lesson, execute=True)
    assert stored.read_text() == before


def test_build_command(lesson, monkeypatch, capsys):
    monkeypatch.setattr(build, "notebooks_dir", lambda: lesson.parent.parent)
    assert build.main(["90"]) == 0
    assert "all lessons are built" in capsys.readouterr().out
    lesson.write_text(lesson.read_text().replace("apart?", "apart"))
    assert build.main([]) == 1
    assert "90_demo: the title must be a question" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"No source in notebooks/src for lesson 07\. There are: 90"):
        build.main(["7"])


def test_a_changed_text_keeps_the_results_and_changed_code_does_not(tmp_path):
    source = tmp_path / "src" / DEMO.name
    source.parent.mkdir()
    shutil.copytree(DEMO.parent.parent / "solutions", tmp_path / "solutions")
    before = read_notebook(tmp_path / "solutions" / "90_demo.ipynb")
    text = DEMO.read_text(encoding="utf-8").replace("# %% [markdown]\n", "# %% [markdown]\n# Another text.\n#\n", 2)
    text = text.replace('"""Return the class means, ', '"""Return a mean for each class, ')  # a docstring is a text
    source.write_text(text.replace("## What we saw", "## New\n#\n# %% [markdown]\n# ## What we saw"), encoding="utf-8")
    assert build_lesson(source, folder=tmp_path) == []
    after = read_notebook(tmp_path / "solutions" / "90_demo.ipynb")
    assert len(after["cells"]) == len(before["cells"]) + 1
    assert [cell.get("outputs") for cell in after["cells"] if cell["cell_type"] == "code"] == [
        cell["outputs"] for cell in before["cells"] if cell["cell_type"] == "code"
    ]
    source.write_text(text.replace("print(rng.normal())", "print(rng.normal() + 1)"), encoding="utf-8")
    assert "build it with --execute" in build_lesson(source, folder=tmp_path)[0]
