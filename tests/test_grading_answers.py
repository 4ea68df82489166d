"""Planted answers of every lesson, graded as `tlkit grade` does: in the sandbox, the checks outside.

Each submission answers all exercises of a lesson. One holds the last right answers, one the first wrong ones; all of
them, which takes minutes, with the environment variable TLKIT_ALL_ANSWERS. All of them are graded in the notebook's way
by `test_lessons_answers.py`.
"""

import os

import pytest

from tests.grading_planted import LESSONS, notebook_of, planted_submissions
from tests.needs import NEEDS_SANDBOX, give_up
from tlkit.grading.find import Found, read_submission

pytestmark = [pytest.mark.slow, NEEDS_SANDBOX]
NUM_ANSWERS = None if os.environ.get("TLKIT_ALL_ANSWERS") else 1


@pytest.fixture(scope="module")
def judge():
    from tlkit.grading.judging.judge import Judge

    with Judge() as judge:
        if fault := judge.sandbox_fault():
            give_up(f"no sandbox here: {fault}")
        yield judge


@pytest.mark.parametrize("lesson", LESSONS)
def test_planted_answers_get_what_they_get_in_the_notebook(lesson, judge, tmp_path):
    faults, messages = [], {}
    for number, (kind, answers) in enumerate(planted_submissions(lesson, NUM_ANSWERS)):
        path = tmp_path / f"{number}.ipynb"
        path.write_text(notebook_of(answers))
        result = judge.grade(read_submission(Found(path, "ana", lesson)), b"secret")
        for found in (one for one in result.exercises if one.id in answers):
            is_right = found.status == "right" and found.points == found.max_points
            is_wrong = found.status in ("wrong", "partial") and found.points < found.max_points
            if not (is_right if kind == "right" else is_wrong):
                last = list(answers[found.id].values())[-1].splitlines()[-1]
                faults.append(f"{found.id}, {kind}: {found.status} {found.messages} {last!r}")
            if kind == "wrong":
                faults += [f"{found.id}: {found.messages}"] * (found.messages in messages.setdefault(found.id, []))
                messages[found.id].append(found.messages)
    assert faults == []
