"""Lessons: list, open, reset, run and build them. Loads neither TensorFlow nor Jupyter."""
