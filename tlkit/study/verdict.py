"""Does transfer help? One comparison of two procedures, with an interval that knows that the deals overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tlkit.measure import Interval
from tlkit.study.scores import Outcome

__all__ = ["Verdict", "corrected_interval", "judge"]


@dataclass(frozen=True)
class Verdict:
    """The answer of a study.

    Attributes:
        gain: Of transfer over the best way without it, in balanced accuracy, over the seeds.
        with_transfer: For each seed, the contestant that was chosen among those that transfer.
        without: For each seed, the contestant that was chosen among the others.
        sentence: The verdict in one sentence.
    """

    gain: Interval
    with_transfer: tuple[str, ...]
    without: tuple[str, ...]
    sentence: str


def judge(outcomes: Sequence[Outcome], transfers: Sequence[str], *, num_train: int, num_report: int) -> Verdict:
    """Compare "the best way with transfer" with "the best way without".

    Each side is one procedure: for each seed, the contestant is taken that did best on the photos for choosing, and its
    score on the photos for the report counts. So trying many contestants favours neither side, and the one interval
    needs no correction for many comparisons.

    Args:
        outcomes: Of all contestants with the same seeds.
        transfers: The names of those that transfer.
        num_train: Photos that were learned from, for each seed.
        num_report: Photos that were reported on, for each seed.
    """
    sides = {True: _choose(outcomes, transfers, True), False: _choose(outcomes, transfers, False)}
    pairs = zip(sides[True], sides[False], strict=True)
    differences = [one.report.balanced - other.report.balanced for one, other in pairs]
    gain = corrected_interval(differences, num_train, num_report, narrowest=1 / num_report)
    names = {side: tuple(each.contestant for each in chosen) for side, chosen in sides.items()}
    return Verdict(gain, names[True], names[False], _say(gain))


def corrected_interval(
    differences: Sequence[float],
    num_train: int,
    num_report: int,
    *,
    level: float = 0.95,
    narrowest: float = 0.0,
    lowest: float = -1.0,
    highest: float = 1.0,
) -> Interval:
    """The mean of differences over deals of the same photos, with an interval for it.

    Deals share photos, so that their differences vary less than those on new photos would. The corrected resampled t
    of Nadeau and Bengio (2003, "Inference for the generalization error", Machine Learning 52) widens Student's interval
    by `num_report / num_train`.

    Args:
        differences: `(num_seeds,)`, at least 2, by default shares in [-1, 1].
        num_train: Photos that were learned from.
        num_report: Photos that were reported on.
        level: In (0, 1).
        narrowest: The smallest distance of an end from the mean: what one photo is worth, where scores are counts.
        lowest: The lowest value that there is, -1 for differences and 0 for scores; no end lies beyond it.
        highest: The highest one. For costs, and other units without an end, pass `-np.inf` and `np.inf`.

    Raises:
        ValueError: If a difference lies outside [lowest, highest].

    Example:
        >>> print(corrected_interval([0.10, 0.14, 0.06, 0.10, 0.10], num_train=64, num_report=20))
        +10.0 points [4.4, 15.6], 5 paired seeds
    """
    values = np.asarray(differences, float)
    if outside := [each for each in values.tolist() if not lowest <= each <= highest]:
        msg = f"`differences` must lie in [{lowest:g}, {highest:g}]. Received {outside[0]:g}. Divide points by 100; "
        msg += "for another unit, such as costs, pass `lowest` and `highest`."
        raise ValueError(msg)
    spread = values.std(ddof=1) * np.sqrt(1 / len(values) + num_report / num_train)
    half = max(stats.t.ppf((1 + level) / 2, len(values) - 1) * spread, narrowest)
    mean = float(values.mean())
    return Interval(mean, max(mean - half, lowest), min(mean + half, highest), level, len(values), paired=True)


def _choose(outcomes: Sequence[Outcome], transfers: Sequence[str], side: bool) -> list[Outcome]:
    """For each seed, in order, the outcome of that side with the best score for choosing; of equals, the first."""
    mine = [each for each in outcomes if (each.contestant in transfers) == side]
    seeds = sorted({each.seed for each in mine})
    return [max((each for each in mine if each.seed == seed), key=lambda each: each.tune.balanced) for seed in seeds]


def _say(gain: Interval) -> str:
    low, high = (f"{100 * end:+.1f}" for end in (gain.low, gain.high))
    range_ = f"the difference lies between {low} and {high} points of balanced accuracy, at {gain.level:.0%} confidence"
    return {
        "positive": f"Transfer helps on these photos: against the best way without it, {range_}.",
        "negative": f"Transfer hurts on these photos: against the best way without it, {range_}.",
        "undecided": f"Undecided: these photos do not show whether transfer helps; {range_}.",
    }[gain.verdict]
