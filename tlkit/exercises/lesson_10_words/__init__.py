"""The exercises of lesson 10, words, in order."""

from tlkit.exercises.lesson_10_words import (
    contrast_of_pairs,
    greedy_pieces,
    merged_lora,
    only_masked_places,
    other_neighbours,
    padding_left_out,
    rare_words,
    which_budgets_pay,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    greedy_pieces.CUT,
    padding_left_out.POOL,
    rare_words.TFIDF,
    only_masked_places.MASKED,
    contrast_of_pairs.CONTRAST,
    other_neighbours.NEIGHBOURS,
    which_budgets_pay.PAYS,
    merged_lora.MERGED,
)
