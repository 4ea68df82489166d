"""The exercises of lesson 2, fine-tuning, in order."""

from tlkit.exercises.lesson_02_fine_tuning import augmenting, choosing, drift, freezing, rates, what_moves

__all__ = ["EXERCISES"]

EXERCISES = (
    what_moves.WHAT_MOVES,
    freezing.UNFREEZE_FROM,
    freezing.TWO_PHASES,
    augmenting.SAME_PICTURES,
    rates.FORGOTTEN,
    rates.RATE_FINDER,
    rates.RATE_FOR_EACH_DEPTH,
    drift.HEAD_FIRST,
    choosing.WHEN_TO_STOP,
    choosing.HOW_DEEP,
)
