"""The exercises of lesson 5, choosing a source, in order."""

from tlkit.exercises.lesson_05_choosing_a_source import (
    folds,
    foretold,
    heads,
    labels_given,
    nearness,
    passes,
    spread,
    unbeaten,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    heads.READ_THE_HEAD,
    spread.SHRINK_TO_SEE,
    folds.NO_LEAK,
    foretold.JUDGE_THE_SCORE,
    nearness.HOW_FAR_APART,
    passes.COUNT_IMAGES,
    unbeaten.WHICH_ARE_UNBEATEN,
    labels_given.WHICH_SETTING,
)
