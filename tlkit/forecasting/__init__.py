"""Forecasts of series that are too short alone: windows without the future, ridge towards others, tuning, bands."""

from tlkit.forecasting.bands import PinballLoss, band_from_others, coverage, forget
from tlkit.forecasting.naive import repeat_last, repeat_season
from tlkit.forecasting.origins import Windows, cut_windows, draw_weeks, mean_by_shop, rolling_origins
from tlkit.forecasting.ridge import RidgeTowards
from tlkit.forecasting.tune_each import Tuned, tune_each

__all__ = [
    "PinballLoss",
    "RidgeTowards",
    "Tuned",
    "Windows",
    "band_from_others",
    "coverage",
    "cut_windows",
    "draw_weeks",
    "forget",
    "mean_by_shop",
    "repeat_last",
    "repeat_season",
    "rolling_origins",
    "tune_each",
]
