"""Did transfer help? Paired intervals, learning curves and per-class reports, using only NumPy and SciPy."""

from tlkit.measure.classification import ClassificationReport, classification_report, confusion_matrix
from tlkit.measure.intervals import Interval, mean_interval, paired_interval, transfer_gain
from tlkit.measure.runs import Comparison, LearningCurve, compare_runs, learning_curve

__all__ = [
    "ClassificationReport",
    "Comparison",
    "Interval",
    "LearningCurve",
    "classification_report",
    "compare_runs",
    "confusion_matrix",
    "learning_curve",
    "mean_interval",
    "paired_interval",
    "transfer_gain",
]
