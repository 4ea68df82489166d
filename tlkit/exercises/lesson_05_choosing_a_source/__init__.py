"""The exercises of lesson 5, choosing a source, in order."""

from tlkit.exercises.lesson_05_choosing_a_source import first

__all__ = ["EXERCISES"]

EXERCISES = (first.FIRST,)
