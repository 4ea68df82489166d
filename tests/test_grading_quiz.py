"""The quiz in `tlkit grade`: answers read as data, figures as computed by hand, and a report that claims no more."""

import json
import re

import pytest

from tests.grading_results import EVIL, made_up_class
from tlkit.cli import main
from tlkit.grading.find import collect
from tlkit.grading.quiz import QUIZ, attempts_in
from tlkit.grading.reading import NotReadable
from tlkit.grading.reports.learning_gain import learning_gain
from tlkit.grading.reports.report_files import write_reports
from tlkit.quiz import Attempts, all_questions, asked_in
from tlkit.quiz.attempt import DONT_KNOW, MIME


def _attempts(seed: int, *right: int, otherwise: int | None = None) -> Attempts:
    """Attempts whose first `right` answers are right; the others are not known, or those of one misconception."""
    answers = []
    for attempt, count in enumerate(right):
        asked = asked_in(seed, attempt)
        known = [one.order.index(0) for one in asked[:count]]
        answers.append((*known, *(_choice(one, otherwise) for one in asked[count:])))
    return Attempts(seed, tuple(answers))


def _choice(asked, belief: int | None) -> int:
    return DONT_KNOW if belief is None else asked.order.index(belief + 1)


def _notebook(*values: object) -> bytes:
    outputs = [{"output_type": "display_data", "data": {MIME: value, "text/plain": EVIL}} for value in values]
    cell = {"cell_type": "code", "id": "cell-03", "source": "import os; os.abort()", "metadata": {}, "outputs": outputs}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


CLASS = {
    "ada": _attempts(1, 3, 9, otherwise=0),
    "bob": _attempts(2, 6, 12, otherwise=0),
    "eve": _attempts(3, 3, 3, otherwise=1),
    "zoe": _attempts(4, 15),
}


def test_figures_are_those_computed_by_hand():
    gain = learning_gain(CLASS)
    assert (gain.num_both, gain.num_first, gain.num_same) == (3, 1, 0)
    assert gain.before == pytest.approx(100 * (3 + 6 + 3) / 45)
    assert gain.after == pytest.approx(100 * (9 + 12 + 3) / 45)
    assert gain.difference == pytest.approx(100 * 12 / 45)
    assert gain.normalised == pytest.approx(12 / 33)  # 12 of the 33 that were open
    half = 4.302652729911275 * (100 / 15) * 2 * 3**0.5 / 3**0.5  # t with 2 degrees; the gains 6, 6, 0 deviate by 12**.5
    assert gain.interval == pytest.approx((gain.difference - half, gain.difference + half))
    assert [one.right for one in gain.questions[:3]] == [(100, 100)] * 3
    assert gain.questions[4].right == pytest.approx((100 / 3, 200 / 3))
    assert gain.questions[-1].right == (0, 0)
    assert gain.questions[0].title == all_questions()[0].title


def test_misconceptions_are_counted_before_and_after():
    counts = {one.text: one.counts for one in learning_gain(CLASS).beliefs}
    fourth, last = all_questions()[3], all_questions()[-1]
    assert counts[fourth.beliefs[0]] == (1, 0)  # Ada; Bob knew it
    assert counts[fourth.beliefs[1]] == (1, 1)  # Eve
    assert counts[last.beliefs[0]] == (2, 2)
    assert fourth.beliefs[2] not in counts
    assert sum(before for before, _ in counts.values()) == 12 + 9 + 12


def test_who_does_not_know_holds_no_misconception():
    gain = learning_gain({"ada": _attempts(1, 0, 15)})
    assert gain.beliefs == ()
    assert {one.not_known for one in gain.questions} == {(100, 0)}
    assert (gain.interval, gain.normalised) == (None, 1)


@pytest.mark.parametrize(
    ("quizzes", "expected"),
    [
        ({"ada": _attempts(1, 15, 15), "bob": _attempts(2, 15, 12)}, (2, 0, None)),  # nothing was left to gain
        ({"ada": _attempts(1, 3)}, (0, 0, None)),
        ({"ada": _attempts(1, 3, 6), "bob": _attempts(1, 3, 6)}, (2, 2, 0.25)),  # a copy
    ],
)
def test_edges(quizzes, expected):
    gain = learning_gain(quizzes)
    assert (gain.num_both, gain.num_same, gain.normalised) == expected


# --- notebooks of strangers

GOOD = CLASS["ada"].to_json()


def test_of_several_outputs_the_fullest_counts_and_of_these_the_last():
    first, other = CLASS["zoe"].to_json(), CLASS["bob"].to_json()
    assert attempts_in(_notebook(GOOD, first)) == CLASS["ada"]
    assert attempts_in(_notebook(GOOD, other, first, {"seed": EVIL}, [], None)) == CLASS["bob"]


def test_nobody_can_claim_a_score():
    forged = GOOD | {"score": 15, "right": [True] * 15, "before": 0, "after": 100}
    assert learning_gain({"ada": attempts_in(_notebook(forged))}).after == 60


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a Jupyter notebook"),
        (b"[" * 100_000, "not a Jupyter notebook"),
        (b'{"cells": 3}', "not a Jupyter notebook"),
        (b'{"cells": ["x"]}', "not a Jupyter notebook"),
        (b'{"cells": [{"outputs": ["x"]}]}', "not a Jupyter notebook"),
        (b'{"cells": [{"outputs": [{"data": "' + MIME.encode() + b'"}]}]}', "not a Jupyter notebook"),
        (_notebook(), "no attempt at the quiz"),
        (_notebook({"version": 1, "seed": 1, "answers": []}), "no attempt at the quiz"),
        (_notebook({"version": 1, "seed": 10**400, "answers": [[0] * 15]}), "no attempt at the quiz"),
        (_notebook(EVIL), "no attempt at the quiz"),
    ],
)
def test_what_is_no_quiz_is_refused_in_words(data, said):
    with pytest.raises(NotReadable, match=said):
        attempts_in(data)


def _submit(folder, learner: str, data: bytes) -> None:
    (folder / learner).mkdir(parents=True)
    (folder / learner / f"{QUIZ}.ipynb").write_bytes(data)


def test_quizzes_are_collected_apart_from_what_is_graded(tmp_path):
    for learner, attempts in CLASS.items():
        _submit(tmp_path, learner, _notebook(attempts.to_json()))
    _submit(tmp_path, "gus", b"{}")
    (tmp_path / "hal").mkdir()
    (tmp_path / "hal" / f"{QUIZ}.ipynb").symlink_to(tmp_path / "ada" / f"{QUIZ}.ipynb")
    collected = collect([tmp_path])
    assert collected.submissions == ()
    assert collected.quizzes == CLASS
    assert [path.parent.name for path, _ in collected.left_out] == ["gus", "hal"]


def test_a_quiz_in_the_folder_of_a_lesson_is_its_learners(tmp_path):
    folder = tmp_path / "submitted" / "ada" / "01_feature_extraction"
    _submit(folder.parent, folder.name, _notebook(GOOD))
    assert collect([tmp_path / "submitted"]).quizzes == {"ada": CLASS["ada"]}


def test_the_command_writes_the_gain_and_starts_no_sandbox_for_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tlkit.grading.grade.grade_submissions", None)
    for learner, attempts in CLASS.items():
        _submit(tmp_path / "in", learner, _notebook(attempts.to_json()))
    assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--anonymous"]) == 0
    assert "0 submissions graded" in capsys.readouterr().out
    quiz = json.loads((tmp_path / "out" / "grades.json").read_text())["quiz"]
    assert quiz["difference"] == pytest.approx(100 * 12 / 45)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "normalised gain" in page
    assert not re.search(rf"\b({'|'.join(CLASS)})\b", page)


def _page(folder, quizzes) -> str:
    write_reports(made_up_class(), folder, ["html"], gain=learning_gain(quizzes) if quizzes else None)
    return " ".join((folder / "report.html").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    ("quizzes", "said"),
    [
        (CLASS, "the interval contains 0"),
        ({f"l{n}": _attempts(n, 3, 9 + n % 2) for n in range(6)}, "more questions correctly after"),
        ({f"l{n}": _attempts(n, 9 + n % 2, 3) for n in range(6)}, "fewer questions correctly after"),
        ({"ada": CLASS["ada"]}, "one learner says nothing about a class"),
    ],
)
def test_the_page_says_no_more_than_the_interval(quizzes, said, tmp_path):
    page = _page(tmp_path, quizzes)
    assert said in page.lower()
    assert "does not show that the course is the reason" in page
    assert "anybody can forge them" in page
    assert ".This" not in page


def test_the_page_has_the_figures_and_no_quiz_leaves_no_trace(tmp_path):
    page = _page(tmp_path / "with", CLASS)
    for text in ("26.7 %", "53.3 %", "+26.7 points", "[-30.7, 84.0]", "0.36", "3 who made both attempts"):
        assert text in page
    without = _page(tmp_path / "without", {})
    assert "quiz" not in without.lower()
    for learner in (tmp_path / "with" / "learners").glob("*.html"):
        assert "quiz" not in learner.read_text().lower()  # of the class only


def test_nothing_in_a_notebook_becomes_markup(tmp_path):
    _submit(tmp_path, "ada", _notebook({**GOOD, EVIL: EVIL}))
    page = _page(tmp_path / "out", collect([tmp_path]).quizzes)
    assert "<script" not in page
    assert "alert" not in page
