"""Name this file for what its properties judge, and say it here."""

from __future__ import annotations

from tlkit.checks import Exercise, one_of, require
from tlkit.exercises.lesson_05_choosing_a_source.shown import CHOICES

__all__ = ["FIRST"]


def has_a_property(answer):
    """What the answer does on inputs that it cannot know."""
    require(False, "Write the first property of exercise 5.1: what a wrong answer misunderstands, in one sentence.")


def reconciles_the_guess(prediction):
    """You predicted first."""
    return f"You predicted {prediction!r}."


FIRST = Exercise(
    id="5.1",
    title="Its title",
    points=2,
    prediction=one_of(*CHOICES),
    hints=("Where to look.", "What to use.", "Nearly the code."),
    properties=(has_a_property, reconciles_the_guess),
)
