"""The engine of graded exercises. For learners: `check`, `hint`, `predict`, `progress`, `lesson_card`.

For authors: `Exercise`, and what its properties and predictions need.

Importing this package loads neither TensorFlow nor any lesson's exercises; the first call that names one loads them.
"""

from tlkit.checks.cards import Card, Result
from tlkit.checks.exercise import CheckFailed, Exercise, all_exercises, find_exercise, register, require
from tlkit.checks.learner_calls import check, hint, predict, progress
from tlkit.checks.lesson_card import lesson_card
from tlkit.checks.prediction import locked_prediction, one_of

__all__ = [
    "Card",
    "CheckFailed",
    "Exercise",
    "Result",
    "all_exercises",
    "check",
    "find_exercise",
    "hint",
    "lesson_card",
    "locked_prediction",
    "one_of",
    "predict",
    "progress",
    "register",
    "require",
]
