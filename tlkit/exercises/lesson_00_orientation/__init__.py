"""The exercises of lesson 0, orientation, in order."""

from tlkit.exercises.lesson_00_orientation import accuracy_interval, asking, curve_reading, doubting, naming, timing

__all__ = ["EXERCISES"]

EXERCISES = (
    curve_reading.READ_A_CURVE,
    asking.ASK,
    naming.SOFTMAX,
    naming.LIKELIEST_NAMES,
    doubting.REFUSE,
    accuracy_interval.ACCURACY_INTERVAL,
    timing.HOW_LONG,
)
