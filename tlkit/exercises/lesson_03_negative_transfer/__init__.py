"""The exercises of lesson 3, negative transfer, in order."""

from tlkit.exercises.lesson_03_negative_transfer import domain_shift, fair_baseline, gains, rescues

__all__ = ["EXERCISES"]

EXERCISES = (
    fair_baseline.AGAINST_WHAT,
    gains.MAP_WITH_DOUBTS,
    gains.ONE_SEED_LIES,
    fair_baseline.UNFAIR_BASELINE,
    domain_shift.HOW_FAR,
    domain_shift.DISTANCE,
    rescues.PULL,
    rescues.DO_NOT_LOSE,
)
