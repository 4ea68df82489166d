"""Did transfer help? Paired intervals, learning curves, per-class reports and alarms, using only NumPy and SciPy."""

from tlkit.measure.classification import ClassificationReport, classification_report, confusion_matrix
from tlkit.measure.intervals import Interval, mean_interval, paired_interval, transfer_gain
from tlkit.measure.operating import (
    OperatingPoint,
    Share,
    operating_point,
    predictive_values,
    share_interval,
    threshold_at,
)
from tlkit.measure.runs import Comparison, LearningCurve, compare_runs, learning_curve

__all__ = [
    "ClassificationReport",
    "Comparison",
    "Interval",
    "LearningCurve",
    "OperatingPoint",
    "Share",
    "classification_report",
    "compare_runs",
    "confusion_matrix",
    "learning_curve",
    "mean_interval",
    "operating_point",
    "paired_interval",
    "predictive_values",
    "share_interval",
    "threshold_at",
    "transfer_gain",
]
