"""The exercises of lesson 14, your own question, in order."""

from tlkit.exercises.lesson_14_your_own_question import (
    budget,
    card,
    copies,
    costs,
    exported,
    operating,
    shifts,
    splitting,
    verdicts,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    card.DATA_CARD,
    copies.NEAR_COPIES,
    splitting.WHOLE_GROUPS,
    budget.KEEP_THE_BUDGET,
    verdicts.DOES_IT_PAY,
    costs.WHAT_ERRORS_COST,
    shifts.WHICH_SHIFTS_HURT,
    exported.SELF_TEST,
    operating.READ_AN_OPERATING_POINT,
)
