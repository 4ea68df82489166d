"""Attacks on `tlkit grade`, in one batch between honest submissions, as it would come from a class."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.attacks.notebooks import FILES, NOTEBOOKS
from tests.attacks.snippets import CANARY, SNIPPETS
from tests.needs import NEEDS_SANDBOX, give_up
from tlkit.grading.find import read_submissions
from tlkit.grading.grade import grade_submissions
from tlkit.grading.judging.batch import GradingFailed

pytestmark = [pytest.mark.slow, NEEDS_SANDBOX]
HONEST = 2.0  # points of exercise 1.6, which each submission solves; each attack stands in the place of 1.7
WATCHED = ("/", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr", str(Path.home()), os.getcwd())


def _key(name: str) -> str:
    """Return a name that `safe_name` leaves as it is: the results are keyed by it."""
    return re.sub(r"\W+", "_", name.replace("_", " "))


def _write_class(folder: Path) -> None:
    from tests.grading_notebooks import cell_id, make_notebook, right_answers, write_submission

    right = right_answers()
    part = {name: text for name, text in right.items() if name.startswith(cell_id("1.6"))}
    whole = make_notebook(part | {cell_id("1.7"): right[cell_id("1.7")]})
    write_submission(folder, "aaa-first", whole)
    for name, source in SNIPPETS.items():
        write_submission(folder, f"cell_{_key(name)}", make_notebook(part | {cell_id("1.7"): source}))
    for name, change in NOTEBOOKS.items():
        notebook = make_notebook(part)
        change(notebook)
        write_submission(folder, f"notebook_{_key(name)}", notebook)
    for name, write in FILES.items():
        write(folder / name, folder / "aaa-first_01_feature_extraction.ipynb")
    write_submission(folder, "zzz-last", whole)


def _processes() -> set[str]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return {line for line in listed.splitlines() if "tlkit.grading" in line or CANARY in line or "bwrap" in line}


def _names() -> set[str]:
    found = (os.path.join(place, name) for place in WATCHED if os.path.isdir(place) for name in os.listdir(place))
    return {path for path in found if CANARY in path or "tlkit-grade" in path or "probe" in path}


@pytest.fixture(autouse=True)
def _free_models():
    """Nothing here makes a model, and to search for them after each attack takes long."""


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    _write_class(folder)
    before = _processes(), _names()
    try:
        results = grade_submissions(
            read_submissions([folder]),
            folder / "out",
            batch_options={"jobs": 2, "exercise_seconds": 3.0, "submission_seconds": 20.0},
        )
    except GradingFailed as failure:
        give_up(f"no sandbox here: {failure}")
    left = _processes() - before[0], _names() - before[1]
    return {result.learner: result for result in results}, left, folder / "out"


@pytest.mark.parametrize("name", SNIPPETS)
def test_hostile_cell_earns_the_honest_part_at_most(batch, name):
    result = batch[0][f"cell_{_key(name)}"]
    assert result.points <= HONEST
    assert {exercise.id: exercise.points for exercise in result.exercises}.get("1.7", 0.0) == 0.0


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_hostile_notebook_earns_the_honest_part(batch, name):
    result = batch[0][f"notebook_{_key(name)}"]
    assert result.status == "graded"
    assert (result.points, result.max_points) == (HONEST, 18.0)


def test_hostile_code_does_not_cost_the_honest_part(batch):
    lost = [name for name in SNIPPETS if batch[0][f"cell_{_key(name)}"].points < HONEST]
    assert lost == []


@pytest.mark.parametrize("learner", ["aaa-first", "zzz-last"])
def test_no_other_grade_changes(batch, learner):
    assert batch[0][learner].points == HONEST + 2.0


def test_poison_of_one_submission_does_not_reach_the_next(batch):
    messages = [text for exercise in batch[0]["cell_find_poison"].exercises for text in exercise.messages]
    assert not any("POISONED" in text for text in messages)


def test_every_file_has_a_result_and_strange_ones_a_reason(batch):
    results, _, out = batch
    folders = 1  # a folder with a notebook's name is searched
    assert len(results) == 2 + len(SNIPPETS) + len(NOTEBOOKS) + len(FILES) - folders
    assert len(list((out / "results").iterdir())) == len(results)
    strange = [result for result in results.values() if result.status == "refused"]
    assert len(strange) >= len(FILES) - 4
    assert all(result.reason.endswith(".") and result.points == 0.0 for result in strange)


def test_nothing_is_left(batch):
    assert batch[1] == (set(), set())


def test_no_text_steers_a_terminal_or_a_file(batch):
    for path in (batch[2] / "results").iterdir():
        text = path.read_text(encoding="ascii")
        assert all(text_.isprintable() for entry in json.loads(text)["exercises"] for text_ in entry["messages"])
        assert len(text) < 20_000
