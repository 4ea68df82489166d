"""The quiz for a learner: no answers after the first attempt, none lost, none changed; and the form, without a page."""

import json

import numpy as np
import pytest
from tlkit_widgets import QuizForm

from tlkit.checks import progress
from tlkit.checks.record import read_record, record_in_memory, update_record
from tlkit.quiz import Attempts, answer_quiz, asked_in, quiz_result, show_quiz
from tlkit.quiz.attempt import DONT_KNOW, LETTERS, MIME, NUM_QUESTIONS
from tlkit.quiz.learner_calls import hand_in, read_attempts

NOTHING = "?" * NUM_QUESTIONS


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _right(attempt: int) -> str:
    return "".join(LETTERS[one.order.index(0)] for one in asked_in(read_attempts()[0].seed, attempt))


def test_after_the_first_attempt_nothing_is_said_about_what_is_right():
    said = [str(answer_quiz(letters, attempt=1)) for letters in ("A" * NUM_QUESTIONS, _right(0))]
    assert said[0].splitlines() == said[1].splitlines()[:1]  # whatever was answered
    form = QuizForm()
    state = json.dumps([form._questions, form._review, form._note, form.describe()])
    for one in asked_in(read_attempts()[0].seed, 0):
        for text in (one.question.because, *one.question.beliefs, f'"{one.drawn.answers[0]}"'):
            assert text not in state


def test_the_page_learns_the_choices_but_not_which_is_right():
    for question, asked in zip(QuizForm()._questions, asked_in(read_attempts()[0].seed, 0), strict=True):
        assert question == {"text": asked.drawn.text, "code": asked.drawn.code, "choices": asked.choices}
        assert sorted(asked.choices) == sorted(asked.drawn.answers)


def test_both_attempts_and_what_changed():
    answer_quiz(NOTHING, attempt=1)
    second = asked_in(read_attempts()[0].seed, 1)
    wrong = LETTERS[second[0].order.index(2)]
    card = answer_quiz(wrong + _right(1)[1:], attempt=2)
    assert card.title.startswith("0 of 15 right before, 14 after.")
    assert len(card.lines) == NUM_QUESTIONS
    first = second[0].question
    before = f"1. {first.title}. Lesson {first.lesson}. Before: not known."
    assert card.lines[0].startswith(f"{before} After: wrong, as if: {first.beliefs[1]} Right the second time: ")
    assert all(question.question.because in line for question, line in zip(second, card.lines, strict=True))
    assert quiz_result() == show_quiz() == card
    assert card._repr_mimebundle_()[MIME] == read_record()["quizzes"]["transfer"]


def test_an_attempt_stays_as_it_was_handed_in():
    answer_quiz(NOTHING, attempt=1)
    again = answer_quiz("A" * NUM_QUESTIONS, attempt=1)
    assert "The first answers stay" in again.lines[0]
    assert read_attempts()[0].answers == ((DONT_KNOW,) * NUM_QUESTIONS,)


def test_the_questions_as_text_and_their_letters():
    card = show_quiz()
    asked = asked_in(read_attempts()[0].seed, 0)
    for number, one in enumerate(asked, 1):
        assert f"{number}. {one.drawn.text}" in card.lines
        assert any(f"(C) {one.choices[2]}" in line for line in card.lines)
    assert MIME not in card._repr_mimebundle_()  # nothing is handed in
    answer_quiz(f"ab {'c' * 13}", attempt=1)
    assert read_attempts()[0].answers == ((0, 1, *[2] * 13),)
    assert f"1. {asked_in(read_attempts()[0].seed, 1)[0].drawn.text}" in show_quiz().lines


@pytest.mark.parametrize("letters", ["", "A" * 14, "A" * 16, "E" * 15])
def test_other_letters_are_refused(letters):
    with pytest.raises(ValueError, match=r"`letters` must be 15 of A, B, C, D, \?, one for each question"):
        answer_quiz(letters, attempt=1)


@pytest.mark.parametrize(("attempt", "said"), [(2, "Take the first one now"), (0, "must be"), (3, "must be")])
def test_other_attempts_are_refused(attempt, said):
    with pytest.raises(ValueError, match=said):
        answer_quiz(NOTHING, attempt=attempt)
    assert read_attempts()[0].answers == ()


def test_the_quiz_earns_no_points_and_disturbs_no_other_record():
    update_record("1.1", lambda entry: entry.update(points=1.0, attempts=1))
    before = str(progress())
    answer_quiz(_right(0), attempt=1)
    assert str(progress()) == before
    assert set(read_record()["exercises"]) == {"1.1"}


def test_a_record_that_holds_something_else_is_begun_anew(home):
    update_record("transfer", lambda entry: entry.update(version=1, seed="x", answers=[]), section="quizzes")
    assert read_attempts()[0].answers == ()
    assert answer_quiz(NOTHING, attempt=1).attempts == read_attempts()[0]


def test_without_a_place_for_the_record_the_questions_stay_the_same(home):
    home.write_text("a file")
    first, second = show_quiz(), show_quiz()
    assert "could not be saved" in first.lines[1]
    assert first == second
    assert answer_quiz(NOTHING, attempt=1).attempts.answers == ((DONT_KNOW,) * NUM_QUESTIONS,)


def test_who_grades_others_keeps_no_attempt(home):
    with record_in_memory():
        hand_in([0] * NUM_QUESTIONS, 0)
    assert not home.exists()


def test_form_hands_in_what_is_whole():
    form = QuizForm()
    form.answers = [0] * 14 + [-1]
    form._heard(form, "hand in", [])
    assert form._note.startswith("Still open: question 15.")
    assert read_attempts()[0].answers == ()
    form.answers = [0] * 15
    form._heard(form, "hand in", [])
    assert form._questions == []
    assert form._record()[MIME] == read_attempts()[0].to_json()
    form.started = True
    texts = [question["text"] + question["code"] for question in form._questions]
    assert texts == [one.drawn.text + one.drawn.code for one in asked_in(form._attempts.seed, 1)]
    form.answers = [4] * 15
    form._heard(form, "hand in", [])
    form._heard(form, "hand in", [])  # a second click
    assert len(form._review) == NUM_QUESTIONS
    assert QuizForm()._review == form._review
    assert form.picture().startswith(b"\x89PNG")


def test_form_does_not_hand_in_answers_to_other_questions():
    form = QuizForm()
    form.answers = [0] * 15
    other = Attempts(form._attempts.seed ^ 1)
    update_record("transfer", lambda entry: entry.update(other.to_json()), section="quizzes")
    form.hand_in()
    assert "Run the cell of this form again" in form._note
    assert read_attempts()[0] == other


GOOD = {"version": 1, "seed": 5, "answers": [[0] * 15, [4] * 15]}


def test_attempts_come_back_as_they_were():
    assert Attempts.read(json.loads(json.dumps(GOOD))).to_json() == GOOD


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        [],
        "x",
        {},
        GOOD | {"version": 2},
        GOOD | {"seed": -1},
        GOOD | {"seed": 2**32},
        GOOD | {"seed": True},
        GOOD | {"seed": 1.0},
        GOOD | {"seed": "5"},
        GOOD | {"answers": None},
        GOOD | {"answers": {}},
        GOOD | {"answers": [[0] * 15] * 3},
        GOOD | {"answers": [[0] * 14]},
        GOOD | {"answers": [[0] * 16]},
        GOOD | {"answers": [[5] * 15]},
        GOOD | {"answers": [[-1] * 15]},
        GOOD | {"answers": [[True] * 15]},
        GOOD | {"answers": [[0.0] * 15]},
        GOOD | {"answers": ["000000000000000"]},
        GOOD | {"answers": [["<script>"] * 15]},
        GOOD | {"answers": [[[0]] * 15]},
        GOOD | {"answers": [[np.inf] * 15]},
    ],
    ids=str,
)
def test_what_is_no_attempt_is_read_as_none(hostile):
    assert Attempts.read(hostile) is None
