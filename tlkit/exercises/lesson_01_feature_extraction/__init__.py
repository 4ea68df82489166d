"""The exercises of lesson 1, feature extraction, in order."""

from tlkit.exercises.lesson_01_feature_extraction import classes, comparing, features, parameters, splitting

__all__ = ["EXERCISES"]

EXERCISES = (
    parameters.TRAINABLE_SHARE,
    features.INPUT_DETECTIVE,
    features.FEATURES_ONCE,
    splitting.THE_LEAK,
    comparing.VERDICT,
    comparing.CATCH_UP,
    classes.CLASS_REPORT,
)
