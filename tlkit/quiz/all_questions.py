"""All questions of the quiz, in the order in which they are asked."""

import tlkit.quiz.on_evidence
import tlkit.quiz.on_networks  # noqa: F401 - the two add their questions
from tlkit.quiz.question import Question, registered

__all__ = ["all_questions"]


def all_questions() -> tuple[Question, ...]:
    """Return the 15 questions."""
    return registered()
