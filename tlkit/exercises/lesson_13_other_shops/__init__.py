"""The exercises of lesson 13, other shops, in order."""

from tlkit.exercises.lesson_13_other_shops import (
    asymmetric_loss,
    forgotten_weeks,
    no_future,
    others_errors,
    repeated_season,
    shops_as_observations,
    shrunk_to_others,
    where_forecasts_start,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    repeated_season.SEASON,
    where_forecasts_start.ORIGINS,
    shrunk_to_others.SHRUNK,
    shops_as_observations.OVER_SHOPS,
    no_future.ALLOWED,
    asymmetric_loss.PINBALL,
    others_errors.BAND,
    forgotten_weeks.FORGET,
)
