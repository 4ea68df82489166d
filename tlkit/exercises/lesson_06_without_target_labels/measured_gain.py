"""What was predicted of a method's gain, beside what the learner measured."""

from __future__ import annotations

import numpy as np

from tlkit.checks.received import shares_of
from tlkit.measure import paired_interval

__all__ = ["reconciles_the_gain"]


def reconciles_the_gain(gains, prediction):
    """Your prediction is compared with your own runs."""
    values = shares_of(gains, "gains", least=2)
    interval = paired_interval(values, np.zeros(len(values)))
    return f"You predicted {prediction!r}. Measured here: {interval}, {interval.verdict!r}."
