"""The exercises of lesson 8, two tasks, in order."""

from tlkit.exercises.lesson_08_two_tasks import (
    exchanged,
    first_order,
    known_labels,
    quarter_turns,
    reached_layers,
    shared_angle,
    unsure_losses,
    verdicts_of_gains,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    reached_layers.REACHED,
    known_labels.MASKED,
    verdicts_of_gains.VERDICT_FOR_EACH,
    exchanged.CROSS_STITCH,
    shared_angle.COSINE,
    first_order.CHANGES,
    unsure_losses.UNCERTAINTY,
    quarter_turns.TURNS,
)
