"""The exercises of lesson 7, few examples, in order."""

from tlkit.exercises.lesson_07_few_examples import (
    equal_errors,
    nearest_mean,
    over_episodes,
    pairs_apart,
    seen_classes,
    small_tasks,
    softmax_of_distances,
    triplets,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    small_tasks.EPISODE,
    nearest_mean.NEAREST_PROTOTYPE,
    over_episodes.INTERVAL,
    softmax_of_distances.PROTOTYPICAL,
    pairs_apart.CONTRASTIVE,
    triplets.SEMI_HARD,
    equal_errors.THRESHOLD,
    seen_classes.UNSEEN,
)
