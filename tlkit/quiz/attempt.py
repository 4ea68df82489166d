"""Attempts at the quiz: what was asked and answered, as data that anybody may have written."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from tlkit.quiz.all_questions import all_questions
from tlkit.quiz.question import Drawn, Question

__all__ = ["DONT_KNOW", "LETTERS", "MIME", "NUM_QUESTIONS", "Asked", "Attempts", "asked_in"]

MIME = "application/vnd.tlkit.quiz+json"  # of the attempts in the output of a notebook's cell
NUM_QUESTIONS = 15
DONT_KNOW = 4
LETTERS = "ABCD?"  # of the choices; the last one says "I don't know"
_VERSION, _SEEDS = 1, 2**32


@dataclass(frozen=True)
class Asked:
    """A question as it is asked: the numbers of one draw, the choices in one order.

    Attributes:
        question: The template.
        drawn: The draw.
        order: For each choice, in the order shown, its place in `drawn.answers`, where the right one is 0.
    """

    question: Question
    drawn: Drawn
    order: tuple[int, ...]

    @property
    def choices(self) -> list[str]:
        """The four answers as they are shown; who does not know chooses none of them."""
        return [self.drawn.answers[place] for place in self.order]

    def is_right(self, choice: int) -> bool:
        """Whether a choice, from 0 to 4, is the right one; "I don't know" is not."""
        return choice != DONT_KNOW and self.order[choice] == 0

    def belief(self, choice: int) -> str:
        """Return the misconception behind a choice; "" for the right one and for "I don't know"."""
        is_wrong = choice != DONT_KNOW and not self.is_right(choice)
        return self.question.beliefs[self.order[choice] - 1] if is_wrong else ""


@cache
def asked_in(seed: int, attempt: int) -> tuple[Asked, ...]:
    """Return the questions of an attempt: 0 before the course, 1 after it, with other numbers than before.

    They are drawn by NumPy's `RandomState`, whose numbers are the same in all versions: the learner's may not be the
    grader's.

    Args:
        seed: The learner's, in [0, 2**32).
        attempt: 0 or 1.
    """
    earlier = [one.drawn for one in asked_in(seed, 0)] if attempt else [None] * NUM_QUESTIONS
    return tuple(
        _ask(question, np.random.RandomState([seed, attempt, place]), before)
        for place, (question, before) in enumerate(zip(all_questions(), earlier, strict=True))
    )


def _ask(question: Question, rng: np.random.RandomState, before: Drawn | None) -> Asked:
    return Asked(question, question.draw(rng, not_like=before), tuple(map(int, rng.permutation(4))))


@dataclass(frozen=True)
class Attempts:
    """What one learner answered.

    Attributes:
        seed: The numbers of all questions follow from it.
        answers: For each attempt, none to two, 15 choices in [0, 4], of which 4 says "I don't know".
    """

    seed: int
    answers: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def read(cls, found: object) -> "Attempts | None":
        """Return the attempts that a JSON value holds; `None` if it holds anything else, whoever wrote it."""
        if not isinstance(found, dict) or found.get("version") != _VERSION or not _is_int(found.get("seed"), _SEEDS):
            return None
        given = found.get("answers")
        if not isinstance(given, list) or len(given) > 2 or not all(map(_is_answered, given)):
            return None
        return cls(found["seed"], tuple(map(tuple, given)))

    def to_json(self) -> dict:
        """Return the value that `read` takes."""
        return {"version": _VERSION, "seed": self.seed, "answers": [list(own) for own in self.answers]}

    def right(self, attempt: int) -> list[bool]:
        """Return whether each of the 15 answers of an attempt is right."""
        return [one.is_right(choice) for one, choice in self.pairs(attempt)]

    def pairs(self, attempt: int) -> list[tuple[Asked, int]]:
        """Return the questions of an attempt that was handed in, each with the choice."""
        return list(zip(asked_in(self.seed, attempt), self.answers[attempt], strict=True))


def _is_int(value: object, end: int) -> bool:
    return type(value) is int and 0 <= value < end


def _is_answered(given: object) -> bool:
    return isinstance(given, list) and len(given) == NUM_QUESTIONS and all(_is_int(one, len(LETTERS)) for one in given)
