"""The exercises of lesson 6, a domain without labels, in order."""

from tlkit.exercises.lesson_06_without_target_labels import (
    inked,
    label_ceiling,
    recoloured,
    reversed_steps,
    shifts_told_apart,
    small_steps,
    way_back,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    shifts_told_apart.KIND_OF_SHIFT,
    recoloured.CORAL,
    inked.MATCH_INPUTS,
    reversed_steps.DANN_STEP,
    label_ceiling.CEILING,
    way_back.WAY_BACK,
    way_back.HONEST_GAIN,
    small_steps.SMALL_STEPS,
)
