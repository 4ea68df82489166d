"""Would more photos help? Scores at growing numbers of photos, and a careful look ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlkit.measure import Interval
from tlkit.study.contestants import STRENGTHS, Probe, first_best
from tlkit.study.draws import Draw
from tlkit.study.verdict import corrected_interval

__all__ = ["Curve", "grow", "look_ahead"]

SHARES = (0.25, 0.5, 1.0)
FEWEST_OF_A_CLASS = 3


@dataclass(frozen=True)
class Curve:
    """Scores of a probe at growing numbers of photos.

    Attributes:
        num_photos: `(num_sizes,)`, growing: photos that were learned from.
        scores: `(num_sizes, num_seeds)`: balanced accuracy on the photos for the report.
    """

    num_photos: tuple[int, ...]
    scores: tuple[tuple[float, ...], ...]


def grow(probe: Probe, labels: np.ndarray, draw: Draw) -> list[tuple[int, float]]:
    """Pairs of photos learned from and balanced accuracy on the report, for one deal.

    A smaller size is a part of the larger one, each class by its share; the strength is chosen at each size anew.
    """
    sizes = []
    for share in SHARES:
        rows = _part(labels, draw.train, share)
        part = Draw(draw.seed, rows, draw.tune, draw.report)
        tries = {place: probe.try_strength(labels, part, strength) for place, strength in enumerate(STRENGTHS)}
        sizes.append((len(rows), tries[first_best(tries)][1].balanced))
    return sizes


def look_ahead(curve: Curve, more: int, num_report: int) -> Interval:
    """What `more` photos would add to the balanced accuracy, if the curve goes on as it went.

    For each deal a line is laid through the scores over `1 / sqrt(photos)`, the pace at which the error of estimates
    falls, and read off at `more` photos beyond the last: an extrapolation, with the interval of
    `tlkit.study.verdict.corrected_interval`.

    Args:
        curve: At two or more sizes.
        more: Photos in all, over the classes.
        num_report: Photos that each score is of.
    """
    sizes = np.array(curve.num_photos, float)
    slopes = np.polyfit(1 / np.sqrt(sizes), np.array(curve.scores), 1)[0]  # (num_seeds,)
    step = 1 / np.sqrt(sizes[-1] + more) - 1 / np.sqrt(sizes[-1])
    return corrected_interval(np.clip(slopes * step, -1, 1).tolist(), int(sizes[-1]), num_report)


def _part(labels: np.ndarray, rows: np.ndarray, share: float) -> np.ndarray:
    """The first `share` of the photos of each class, in the order of `rows`."""
    kept = []
    for label in np.unique(labels[rows]):
        mine = rows[labels[rows] == label]
        kept.append(mine[: max(FEWEST_OF_A_CLASS, round(share * len(mine)))])
    return np.sort(np.concatenate(kept))
