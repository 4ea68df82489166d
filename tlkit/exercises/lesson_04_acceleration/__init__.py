"""The exercises of lesson 4, acceleration, in order."""

from tlkit.exercises.lesson_04_acceleration import compiling, devices, fair_time, memory, pipeline, precision, speedups

__all__ = ["EXERCISES"]

EXERCISES = (
    fair_time.FAIR_TIME,
    pipeline.PIPELINE,
    memory.LARGEST_BATCH,
    precision.SIXTEEN_BITS,
    compiling.BREAK_EVEN,
    devices.SHARDS,
    speedups.SPEEDUP,
    speedups.NEVER_TWICE,
)
