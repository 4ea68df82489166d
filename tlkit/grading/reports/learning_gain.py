"""What a class answered in the quiz before and after: scores, gain, question by question, misconceptions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tlkit.measure import paired_interval
from tlkit.quiz.all_questions import all_questions
from tlkit.quiz.attempt import DONT_KNOW, NUM_QUESTIONS, Attempts

__all__ = ["Belief", "LearningGain", "QuestionGain", "learning_gain"]


@dataclass(frozen=True)
class QuestionGain:
    """How a question was answered by those who made both attempts.

    Attributes:
        title: A few words.
        lesson: Number of the lesson that treats it.
        right: Percent of the learners who were right, before and after.
        not_known: Percent who said that they don't know, before and after.
    """

    title: str
    lesson: int
    right: tuple[float, float]
    not_known: tuple[float, float]


@dataclass(frozen=True)
class Belief:
    """A misconception that a wrong choice stands for, and how many learners made the choice before and after."""

    text: str
    question: str
    counts: tuple[int, int]


@dataclass(frozen=True)
class LearningGain:
    """The quiz of a class. Figures are percent, and only of those who made both attempts.

    Attributes:
        num_first: Learners who made the first attempt only.
        num_both: Learners who made both attempts.
        num_same: Learners whose questions have the very numbers of somebody else's, as in a copied notebook.
        before: Mean score before; `None` if nobody made both.
        after: Mean score after.
        difference: Mean of after minus before, in points.
        interval: Its 95 % interval, paired by learner; `None` with fewer than two learners.
        normalised: `difference / (100 - before)` of the class, as Hake (1998) defines it; `None` where `before` is 100.
        questions: In the order of the quiz.
        beliefs: The misconceptions that somebody chose, the most frequent before first.
    """

    num_first: int
    num_both: int
    num_same: int
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    interval: tuple[float, float] | None = None
    normalised: float | None = None
    questions: tuple[QuestionGain, ...] = ()
    beliefs: tuple[Belief, ...] = ()


def learning_gain(quizzes: Mapping[str, Attempts]) -> LearningGain:
    """Return what a class answered, by each learner's attempts.

    Example:

    >>> gain = learning_gain({"ada": Attempts(1, ((4,) * 15, (4,) * 15)), "bob": Attempts(2, ((0,) * 15,))})
    >>> gain.num_both, gain.num_first, gain.before, gain.normalised
    (1, 1, 0.0, 0.0)
    """
    both = [one for one in quizzes.values() if len(one.answers) == 2]
    seeds = Counter(one.seed for one in quizzes.values())
    counts = len(quizzes) - len(both), len(both), sum(count for count in seeds.values() if count > 1)
    if not both:
        return LearningGain(*counts)
    right = np.array([[one.right(attempt) for attempt in (0, 1)] for one in both])  # (learners, 2, questions)
    scores = 100 * right.mean(axis=2)  # (learners, 2), percent
    before, after = (float(value) for value in scores.mean(axis=0))
    found = paired_interval(scores[:, 1], scores[:, 0], percent=False) if len(both) > 1 else None
    return LearningGain(
        *counts,
        before,
        after,
        after - before,
        (found.low, found.high) if found else None,
        (after - before) / (100 - before) if before < 100 else None,
        _questions(both, right),
        _beliefs(both),
    )


def _questions(both: list[Attempts], right: np.ndarray) -> tuple[QuestionGain, ...]:
    unknown = np.array([one.answers for one in both]) == DONT_KNOW  # (learners, 2, questions)
    shares, unsure = (100 * answers.mean(axis=0) for answers in (right, unknown))
    return tuple(
        QuestionGain(question.title, question.lesson, _pair(shares[:, place]), _pair(unsure[:, place]))
        for place, question in zip(range(NUM_QUESTIONS), all_questions(), strict=True)
    )


def _beliefs(both: list[Attempts]) -> tuple[Belief, ...]:
    before, after = (
        Counter(
            (asked.question.title, belief)
            for one in both
            for asked, choice in one.pairs(attempt)
            if (belief := asked.belief(choice))
        )
        for attempt in (0, 1)
    )
    found = [Belief(text, title, (before[title, text], after[title, text])) for title, text in {**before, **after}]
    return tuple(sorted(found, key=lambda one: (-one.counts[0], -one.counts[1], one.text)))


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
