"""A question of the quiz: a template whose numbers, right answer and wrong answers are computed for each draw."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Drawn", "Question", "question", "registered"]

_QUESTIONS: list["Question"] = []


@dataclass(frozen=True)
class Drawn:
    """A question with its numbers.

    Attributes:
        text: What is asked; backticks mark code.
        answers: The right one, then one for each of the question's misconceptions, in their order.
        code: Lines of code or a table above the answers; may be empty.
    """

    text: str
    answers: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True)
class Question:
    """A template of the quiz.

    Attributes:
        title: A few words, which stay the same for all draws.
        lesson: Number of the lesson that treats it.
        beliefs: Three misconceptions, each a sentence that is wrong.
        because: Why the right answer is right, in a sentence.
        template: Takes a generator and returns a draw, whose answers might happen to be equal.
    """

    title: str
    lesson: int
    beliefs: tuple[str, str, str]
    because: str
    template: Callable[[np.random.RandomState], Drawn]

    def draw(self, rng: np.random.RandomState, *, not_like: Drawn | None = None) -> Drawn:
        """Return a draw with four different answers and, if `not_like` is given, with other numbers than it has."""
        while True:
            drawn = self.template(rng)
            is_other = not_like is None or (drawn.text, drawn.code) != (not_like.text, not_like.code)
            if is_other and len(set(drawn.answers)) == 4:
                return drawn


def question(title: str, *, lesson: int, beliefs: tuple[str, str, str], because: str) -> Callable:
    """Add the function below to the quiz as the template of a question; the arguments are those of `Question`."""

    def add(template: Callable[[np.random.RandomState], Drawn]) -> Callable:
        _QUESTIONS.append(Question(title, lesson, beliefs, because, template))
        return template

    return add


def registered() -> tuple[Question, ...]:
    """Return the questions that were added so far, by lesson."""
    return tuple(sorted(_QUESTIONS, key=lambda one: one.lesson))
