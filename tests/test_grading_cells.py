"""Cells as learners write them: magics, helpers of their own, answers elsewhere; and what each does not cost."""

import pytest

from tests.grading_notebooks import LESSON, cell_id, full_notebook, make_notebook, right_answers, write_submission
from tests.needs import NEEDS_SANDBOX, give_up
from tlkit.grading.find import collect, read_submissions
from tlkit.grading.keep import ExerciseResult, SubmissionResult
from tlkit.grading.reports import similarity
from tlkit.grading.reports.similarity import similar_pairs
from tlkit.grading.sandbox.inside.magics import plain_python
from tlkit.grading.sandbox.inside.namespace import LazyNamespace, run_cell

RIGHT = right_answers()[cell_id("1.7")]


def _names(source: str, *cells: str) -> LazyNamespace:
    names = LazyNamespace(list(cells))
    run_cell("<answer>", source, names)
    return names


@pytest.mark.parametrize(
    "source",
    [
        "%%time\nx = 1",
        "%%capture out\nx = 1",
        "%time x = 1",
        "!ls\nx = 1",
        "x?\nx = 1",
        "?print\nx = 1",
        "files = !ls\nx = 1 + len(files)",
        "%matplotlib inline\nx = 1",
        "  x = 1",
        "import asyncio\nawait asyncio.sleep(0)\nx = 1",
        "%%time\n!pip install numpy\nx = 1",
        "x = %time 1",
        "async def one():\n    return 1\nx = await one()",
        ">>> x = 1",
    ],
)
def test_what_ipython_runs_is_run(source):
    assert _names(source)["x"] == 1


@pytest.mark.parametrize("source", ["%%bash\nls", "%%writefile x.py\nx = 1", "%%timeit\nx = 1", "%%html\n<b>"])
def test_what_is_no_python_leaves_no_names(source):
    assert "x" not in _names(source)


def test_python_stays_as_it_is_and_nonsense_says_so():
    assert plain_python("x = 1 %2\n") == "x = 1 %2\n"
    with pytest.raises(SyntaxError):
        _names("x = = 1")
    with pytest.raises((SyntaxError, ValueError)):
        _names("x = 1\x00")


def test_helpers_of_the_learners_own_are_run_when_they_are_used():
    names = _names(
        "def answer():\n    return helper() + OFFSET",
        "raise ValueError('never run')",
        "this is no python",
        "!ls\nOFFSET = 2",
        "def helper():\n    return 40",
    )
    assert eval("answer()", names) == 42


def _with_cell(notebook: dict, source: str, **more) -> dict:
    notebook["cells"].insert(1, {"cell_type": "code", "metadata": {}, "id": "own-1", "source": source, "outputs": []})
    return notebook | more


@pytest.mark.slow
def test_cells_of_ones_own_are_read(tmp_path):
    notebook = _with_cell(make_notebook({}), "def helper():\n    return 1")
    given = next(cell for cell in notebook["cells"] if cell["id"].startswith("cell-") and cell["cell_type"] == "code")
    given["source"] += "\nimport json"
    write_submission(tmp_path, "ana", notebook)
    (one,) = read_submissions([tmp_path])
    assert one.added == ("def helper():\n    return 1",)
    assert one.changed == (given["source"],)


@pytest.mark.slow
def test_a_notebook_of_another_lesson_is_refused(tmp_path):
    notebook = make_notebook({})
    for cell in notebook["cells"]:
        cell["id"] = f"x-{cell['id']}"
        cell["metadata"] = {}
        cell["source"] = "y = 1" if cell["cell_type"] == "code" else cell["source"]
    write_submission(tmp_path, "ana", notebook)
    write_submission(tmp_path, "bob", {"cells": []})
    assert all(f"No cell of this notebook belongs to {LESSON}" in one.refusal for one in read_submissions([tmp_path]))


@pytest.mark.slow
def test_without_any_ids_the_answers_are_found_by_what_they_define(tmp_path):
    notebook = full_notebook()
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    write_submission(tmp_path, "ana", notebook)
    (one,) = collect([tmp_path]).submissions
    assert one.refusal == ""
    assert any("per_class" in source for source in one.added)


def test_a_message_does_not_say_where_an_object_lies_in_memory():
    exercise = ExerciseResult("1.1", "t", 0, 1, "wrong", messages=(f"Received: {object()}.",))
    assert exercise.messages == ("Received: <object object>.",)


def test_messages_and_reasons_are_bounded_and_can_be_written():
    text = "\ud800" + "𠀀" * 3000
    exercise = ExerciseResult("1.1", "t", 0, 1, "wrong", (text, "short"))
    assert [len(message.encode()) <= 1000 for message in exercise.messages] == [True, True]
    assert exercise.messages[0].endswith(" …")
    result = SubmissionResult("ana", LESSON, "x", "", "refused", text)
    assert len(result.reason.encode()) <= 1000
    assert SubmissionResult.from_json(result.to_json()) == result


@pytest.fixture(scope="module")
def judge():
    from tlkit.grading.judging.judge import Judge

    with Judge() as judge:
        if fault := judge.sandbox_fault():
            give_up(f"no sandbox here: {fault}")
        yield judge


def _graded(judge, tmp_path, notebook: dict) -> dict[str, ExerciseResult]:
    write_submission(tmp_path, "ana", notebook)
    (one,) = read_submissions([tmp_path])
    result = judge.grade(one, b"secret")
    assert result.status == "graded", result.reason
    return {exercise.id: exercise for exercise in result.exercises}


@pytest.mark.slow
@NEEDS_SANDBOX
def test_magics_in_the_sandbox(judge, tmp_path):
    answer = f"%%time\n!ls\n{RIGHT}\nper_class?\nimport asyncio\nawait asyncio.sleep(0)\n"
    done = _graded(judge, tmp_path, make_notebook({"exercise-1-7": answer}))
    assert done["1.7"].status == "right", done["1.7"].messages


@pytest.mark.slow
@NEEDS_SANDBOX
def test_an_answer_in_a_cell_of_ones_own_is_found(judge, tmp_path):
    done = _graded(judge, tmp_path, _with_cell(make_notebook({}), RIGHT))
    assert done["1.7"].status == "right", done["1.7"].messages
    assert done["1.5"].status == "not attempted"
    notebook = make_notebook({})
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != "exercise-1-7"]
    assert "`exercise-1-7`" in " ".join(_graded(judge, tmp_path, notebook)["1.7"].messages)
    assert _graded(judge, tmp_path, _with_cell(notebook, RIGHT))["1.7"].status == "right"


@pytest.mark.slow
@NEEDS_SANDBOX
def test_an_answer_that_breaks_its_check_costs_itself_only(judge, tmp_path, monkeypatch):
    from tlkit.grading.judging.judge import _Attempt

    run = _Attempt._run_cells

    def broken(self, plan, peer):
        if plan.id == "1.6":
            raise ZeroDivisionError("of the kit")
        return run(self, plan, peer)

    monkeypatch.setattr(_Attempt, "_run_cells", broken)
    done = _graded(judge, tmp_path, make_notebook({"exercise-1-7": RIGHT}))
    assert (done["1.6"].status, done["1.7"].status) == ("error", "right")
    assert "ZeroDivisionError: of the kit" in done["1.6"].messages[0]


PREDICTIONS = ["[1, 2]", "{}", "{'a': {}}", "np.zeros((3, 3))", "object()", "lambda: 1", "'x' * 10**6", "float('nan')"]


@pytest.mark.slow
@NEEDS_SANDBOX
@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_a_prediction_of_a_wrong_shape_costs_its_exercise_only(judge, tmp_path, prediction):
    cells = {name: f"import numpy as np\ndef {function}():\n    return {prediction}\n" for name, function in _PREDICT}
    done = _graded(judge, tmp_path, make_notebook(cells | {"exercise-1-7": RIGHT}))
    assert done["1.7"].status == "right"


_PREDICT = [
    ("exercise-1-1-predict", "my_frozen_percentage"),
    ("exercise-1-5-predict", "my_order"),
    ("exercise-1-6-predict", "my_catch_up"),
]


ERRORS = [UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), IndentationError("x"), ValueError("x")]


@pytest.mark.parametrize("error", ERRORS)
def test_likeness_survives_what_any_python_says_of_a_strange_source(monkeypatch, error):
    """A lone surrogate or a null byte is an error of another kind in 3.11, 3.12 and 3.13."""

    def tokens(_):
        raise error
        yield

    ada = "def f(x):\n    total = 0\n    for i, v in enumerate(x):\n        total += v ** 2 / (i + 3)\n"
    strange = {"ada": {"1": ada}, "bob": {"1": ada.replace("total", "s")}, "eva": {"1": "s = '\ud800'\x00\n" + ada}}
    assert [(pair.first, pair.second) for pair in similar_pairs(strange, {})][:1] == [("ada", "bob")]
    monkeypatch.setattr(similarity.tokenize, "generate_tokens", tokens)
    assert similar_pairs(strange, {}) == []
