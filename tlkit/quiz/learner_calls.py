"""The quiz for a learner: `show_quiz` and `answer_quiz`; the attempts are in the record of progress."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tlkit.checks.cards import Card
from tlkit.checks.record import read_record, update_record
from tlkit.quiz.attempt import DONT_KNOW, LETTERS, MIME, NUM_QUESTIONS, Asked, Attempts, asked_in

__all__ = ["QuizCard", "answer_quiz", "hand_in", "quiz_result", "read_attempts", "review", "show_quiz", "state_text"]

_SECTION, _NAME = "quizzes", "transfer"
_STATES = ("right", "wrong", "not known")
_SAVE = "Save this notebook before you hand it in: the answers are in it."


@dataclass(frozen=True, repr=False)
class QuizCard(Card):
    """A card that carries the attempts along, so that they are in the notebook that is handed in."""

    attempts: Attempts | None = None

    def _repr_mimebundle_(self, **_: object) -> dict:
        return {MIME: self.attempts.to_json()} if self.attempts and self.attempts.answers else {}


@cache
def _drawn_seed() -> int:
    """Return one seed for this process: where the record cannot be saved, the questions stay the same all the same."""
    return secrets.randbelow(2**32)


def read_attempts() -> tuple[Attempts, str]:
    """Return the learner's attempts, and why they could not be saved, or "". The first call draws the seed."""
    if found := _recorded():
        return found, ""
    drawn = Attempts(_drawn_seed())

    def change(entry: dict) -> None:
        if Attempts.read(entry) is None:  # another kernel may have drawn one meanwhile
            entry.clear()
            entry.update(drawn.to_json())

    trouble = update_record(_NAME, change, section=_SECTION)
    return _recorded() or drawn, trouble


def _recorded() -> Attempts | None:
    return Attempts.read(read_record().get(_SECTION, {}).get(_NAME))


def hand_in(choices: Sequence[int], attempt: int) -> tuple[Attempts, str]:
    """Save the choices of an attempt, unless it was handed in before; return all attempts, and what went wrong, or "".

    Args:
        choices: 15 numbers in [0, 4]; 4 says "I don't know".
        attempt: 0 before the course, 1 after it.

    Raises:
        ValueError: If the choices are others, or the attempt is the second and the first was not made.
    """
    attempts, trouble = read_attempts()
    new = Attempts.read({**attempts.to_json(), "answers": [*map(list, attempts.answers[:attempt]), list(choices)]})
    if new is None or attempt not in (0, 1):
        msg = f"`choices` must be {NUM_QUESTIONS} whole numbers from 0 to {DONT_KNOW}, which says that you don't know, "
        msg += f"and `attempt` 1 or 2. Received: {list(choices)!r} and {attempt + 1!r}."
        raise ValueError(msg)
    if attempt > len(attempts.answers):
        msg = "The second attempt comes after the first one and after the lessons. Take the first one now: `attempt=1`."
        raise ValueError(msg)
    if attempt < len(attempts.answers):
        return attempts, "This attempt was handed in before. The first answers stay."
    trouble = update_record(_NAME, lambda entry: entry.update(new.to_json()), section=_SECTION) or trouble
    return new, trouble


def show_quiz() -> QuizCard:
    """Return the questions of the next attempt as text; after the second one, what changed.

    Answer them by `answer_quiz`, or by clicks in `tlkit_widgets.QuizForm`.
    """
    attempts, trouble = read_attempts()
    number = len(attempts.answers)
    if number == 2:
        return _result(attempts, trouble)
    lines = [line for one in numbered(attempts, number) for line in one]
    how = f'Answer all: `answer_quiz("AB?D...", attempt={number + 1})`, a letter for each, ? for "I don\'t know".'
    return QuizCard(f"Quiz, attempt {number + 1} of 2", (how, *filter(None, [trouble]), *lines), attempts=attempts)


def numbered(attempts: Attempts, attempt: int) -> list[list[str]]:
    """Return, for each question of an attempt, the lines that ask it."""
    return [
        [
            f"{number}. {one.drawn.text}",
            *(f"`{line}`" for line in one.drawn.code.splitlines()),
            "   ".join(f"({letter}) {choice}" for letter, choice in zip(LETTERS, one.choices, strict=False)),
        ]
        for number, one in enumerate(asked_in(attempts.seed, attempt), 1)
    ]


def answer_quiz(letters: str, *, attempt: int) -> QuizCard:
    """Hand in the answers of an attempt. An attempt that was handed in stays as it is.

    Args:
        letters: 15 letters out of A, B, C, D and ?, which says "I don't know"; spaces are left out.
        attempt: 1 before the lessons, 2 after them.

    Raises:
        ValueError: If the letters are others, or the second attempt comes before the first.
    """
    given = "".join(letters.split()).upper()
    if len(given) != NUM_QUESTIONS or set(given) - set(LETTERS):
        msg = (
            f"`letters` must be {NUM_QUESTIONS} of {', '.join(LETTERS)}, one for each question. Received: {letters!r}."
        )
        raise ValueError(msg)
    return _result(*hand_in([LETTERS.index(letter) for letter in given], attempt - 1))


def quiz_result() -> QuizCard:
    """Return what is handed in; after the second attempt, what changed. The card carries the answers along."""
    return _result(*read_attempts())


def _result(attempts: Attempts, trouble: str) -> QuizCard:
    rows = [f"{number}. {_review_line(row)}" for number, row in enumerate(review(attempts), 1)]
    return QuizCard(state_text(attempts), (*filter(None, [trouble]), *rows), attempts=attempts)


def state_text(attempts: Attempts) -> str:
    """Return what is done, in words. Before the second attempt, nothing is said about what is right."""
    if not attempts.answers:
        return "Nothing is handed in yet."
    if len(attempts.answers) == 1:
        later = "What is right is shown after the second one: take it when you have done your last lesson."
        return f"The first attempt is saved. {later} {_SAVE}"
    before, after = (sum(attempts.right(attempt)) for attempt in (0, 1))
    return f"{before} of {NUM_QUESTIONS} right before, {after} after. {_SAVE}"


def review(attempts: Attempts) -> list[dict]:
    """Return what changed, question by question; an empty list before the second attempt.

    Returns:
        For each question `title`, `text`, `code`, `right`, `because`, `lesson`, and for `before` and `after` a
        dictionary with `state` (`"right"`, `"wrong"` or `"not known"`) and `belief`, the misconception behind a wrong
        choice. Texts and numbers are those of the second attempt.
    """
    if len(attempts.answers) < 2:
        return []
    return [
        {
            "title": asked.question.title,
            "text": asked.drawn.text,
            "code": asked.drawn.code,
            "right": asked.drawn.answers[0].removesuffix("."),
            "because": asked.question.because,
            "lesson": asked.question.lesson,
            "before": _judged(*first),
            "after": _judged(asked, choice),
        }
        for first, (asked, choice) in zip(attempts.pairs(0), attempts.pairs(1), strict=True)
    ]


def _judged(asked: Asked, choice: int) -> dict:
    state = _STATES[0 if asked.is_right(choice) else 2 if choice == DONT_KNOW else 1]
    return {"state": state, "belief": asked.belief(choice)}


def _review_line(row: dict) -> str:
    said = [f"{row['title']}. Lesson {row['lesson']}."]
    for when in ("before", "after"):
        belief = row[when]["belief"]
        said.append(f"{when.title()}: {row[when]['state']}" + (f", as if: {belief}" if belief else "."))
    return " ".join([*said, f"Right the second time: {row['right']}. {row['because']}"])
