"""The rules of notebooks: each fault, planted, is found."""

from pathlib import Path

import pytest

from tlkit.lessons.notebook import instructor_notebook, read_notebook, read_source
from tlkit.lessons.percent import parse_percent
from tlkit.lessons.rules import result_faults, stub_faults, style_faults

FIXTURES = Path(__file__).parent / "fixtures"
DEMO = FIXTURES / "demo" / "src" / "90_demo.py"
TEXT = DEMO.read_text(encoding="utf-8")


def test_demo_keeps_all_rules():
    instructor, learner = read_source(DEMO)
    assert style_faults(instructor) == []
    assert stub_faults(learner) == []
    assert result_faults(read_notebook(FIXTURES / "demo" / "solutions" / "90_demo.ipynb")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("tell classes apart?", "tell classes apart.", "title must be a question"),
        ("# - say what you expect first.\n", "", "three bullets"),
        ("# - say what you expect first.\n", "# - one\n# - two\n", "three bullets"),
        ('"minutes": 5', '"hours": 5', "minutes must be stated"),
        ("About 5 minutes", "Quick", "minutes must be stated"),
        ("## What we saw", "## Summary", '"What we saw" is missing'),
        ("## References", "## More", '"References" is missing'),
        ("rng = np.random.default_rng(0)\n", "", "first code cell must be the setup cell"),
        ("print(rng.normal())", "import keras\nkeras.utils.set_random_seed(1)", "outside the setup cell"),
        ("print(rng.normal())", "import sys\n" * 9 + "x = 1\n" * 16, "has 16 lines; at most 15"),
        ("print(rng.normal())", "def f():\n" + "    x = 1\n" * 25, "has 26 lines; at most 25"),
        ("print(rng.normal())", "# %pip install x\n%pip install x", "shell command or a magic"),
        ("print(rng.normal())", "!ls", "shell command or a magic"),
        ("print(rng.normal())", 'open("/home/me/x.npz")', "absolute path"),
        ("print(rng.normal())", "clear_output(wait=True)", "clear_output"),
        ('# %% check="90.1" points=2', "# %%", "exercise 90.1 has no check cell"),
        ('check("90.1", centroids)', 'check("90.2", centroids)', 'must end with check("90.1", ...)'),
        ('check("90.1", centroids)', 'check("90.1", centroids)\nx = 1', 'must end with check("90.1", ...)'),
    ],
)
def test_style_fault_is_found(old, new, expected):
    assert old in TEXT
    changed = TEXT.replace("### BEGIN HIDDEN TESTS", "###").replace("### END HIDDEN TESTS", "###").replace(old, new)
    faults = style_faults(instructor_notebook(parse_percent(changed)))
    assert any(expected in fault for fault in faults), faults


def test_stub_outside_a_function_is_found(tmp_path):
    path = tmp_path / "91_stub.py"
    path.write_text('# %% exercise="91.1"\nx = None\n### BEGIN SOLUTION\nx = 3\n### END SOLUTION\n')
    assert "cell exercise-91-1" in stub_faults(read_source(path)[1])[0]


@pytest.mark.parametrize("call", ["x = answer()", "check('91.1', answer())", "def g():\n    return answer()"])
def test_use_of_an_unsolved_function_is_found(call, tmp_path):
    path = tmp_path / "91_stub.py"
    answer = "def answer():\n    ### BEGIN SOLUTION\n    return 3\n    ### END SOLUTION\n"
    path.write_text(f'# %% exercise="91.1"\n{answer}\n# %%\n{call}\n')
    assert "cell cell-01 calls answer" in stub_faults(read_source(path)[1])[0]
    path.write_text(f'# %% exercise="91.1"\n{answer}\n# %%\ncheck("91.1", answer)\n')
    assert stub_faults(read_source(path)[1]) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("outputs_cleared", "outputs are missing: cells cell-01, check-1-1"),
        ("counts_cleared", "execution counts are missing"),
        ("executed_out_of_order", "not executed once each, in order: counts [2, 1]"),
        ("executed_twice", "not executed once each, in order: counts [1, 3]"),
        ("raises_name_error", "a cell failed with NameError: name 'y' is not defined"),
        ("writes_to_stderr", "a cell wrote to stderr"),
    ],
)
def test_faulty_results_are_found(name, expected):
    faults = result_faults(read_notebook(FIXTURES / "faulty" / f"{name}.ipynb"))
    assert any(expected in fault for fault in faults), faults
