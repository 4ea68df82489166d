"""The table of contestants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlkit.study.scores import Outcome
from tlkit.study.verdict import corrected_interval

__all__ = ["Row", "comparison_rows"]


@dataclass(frozen=True)
class Row:
    """One contestant.

    Attributes:
        name: As the report calls it.
        transfers: Whether it starts from a network that others have trained.
        scores: `(num_seeds,)`: balanced accuracy on the photos for the report.
        mean: Their mean.
        low: The lower end of its 95 % interval.
        high: The upper end.
        accuracy: The mean accuracy.
        settings: Those that were chosen, the most frequent first.
        seconds: What it took in all.
    """

    name: str
    transfers: bool
    scores: tuple[float, ...]
    mean: float
    low: float
    high: float
    accuracy: float
    settings: tuple[str, ...]
    seconds: float


def comparison_rows(outcomes: list[Outcome], transfers: list[str], num_train: int, num_report: int) -> list[Row]:
    """One row for each contestant, in the order in which they ran."""
    rows = []
    for name in dict.fromkeys(each.contestant for each in outcomes):
        mine = [each for each in outcomes if each.contestant == name]
        scores = [each.report.balanced for each in mine]
        interval = corrected_interval(scores, num_train, num_report, lowest=0)
        settings = [each.setting for each in mine]
        rows.append(
            Row(
                name=name,
                transfers=name in transfers,
                scores=tuple(scores),
                mean=interval.mean,
                low=interval.low,
                high=interval.high,
                accuracy=float(np.mean([each.report.accuracy for each in mine])),
                settings=tuple(sorted(set(settings), key=lambda each: -settings.count(each))),
                seconds=sum(each.seconds for each in mine),
            )
        )
    return rows
