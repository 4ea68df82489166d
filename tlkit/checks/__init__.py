"""Graded exercises, for learners: `check`, `hint`, `predict`, `progress`; for authors: `Exercise` and its helpers.

Importing this package loads neither TensorFlow nor a lesson's exercises: these come with the first call that names one.
"""

from tlkit.checks.cards import Card, Result
from tlkit.checks.exercise import CheckFailed, Exercise, all_exercises, find_exercise, one_of, register, require
from tlkit.checks.session import check, hint, locked_prediction, predict, progress

__all__ = [
    "Card",
    "CheckFailed",
    "Exercise",
    "Result",
    "all_exercises",
    "check",
    "find_exercise",
    "hint",
    "locked_prediction",
    "one_of",
    "predict",
    "progress",
    "register",
    "require",
]
