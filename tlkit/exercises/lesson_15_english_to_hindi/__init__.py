"""The exercises of lesson 15, English to Hindi, in order."""

from tlkit.exercises.lesson_15_english_to_hindi import (
    attention_rows,
    equal_updates,
    letters_wrong,
    masked_loss,
    moved_script,
    seen_twins,
    shifted_letters,
    written_alone,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    shifted_letters.SHIFT,
    masked_loss.LOSS,
    written_alone.WRITE,
    letters_wrong.ERROR_RATE,
    attention_rows.ATTENTION,
    equal_updates.EPOCHS,
    moved_script.MOVE,
    seen_twins.TWINS,
)
