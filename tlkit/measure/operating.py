"""Alarms: a threshold fixed in advance, what it finds and spares, and what an alarm means where few are concerned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["OperatingPoint", "Share", "operating_point", "predictive_values", "share_interval", "threshold_at"]


@dataclass(frozen=True)
class Share:
    """A share of counted cases, with its confidence interval.

    Attributes:
        count: How many of them have it.
        total: How many there are, at least 1.
        low: Lower end, in [0, 1].
        high: Upper end, in [0, 1].
        level: Confidence level in (0, 1).

    Example:
    >>> print(Share(9, 12, 0.468, 0.911, 0.95))
    75.0 % [46.8, 91.1], 9 of 12
    """

    count: int
    total: int
    low: float
    high: float
    level: float

    @property
    def share(self) -> float:
        """`count / total`, in [0, 1]."""
        return self.count / self.total

    def __str__(self) -> str:
        level = "" if self.level == 0.95 else f", {100 * self.level:g} % level"
        ends = f"[{100 * self.low:.1f}, {100 * self.high:.1f}]"
        return f"{100 * self.share:.1f} % {ends}, {self.count} of {self.total}{level}"


@dataclass(frozen=True)
class OperatingPoint:
    """What an alarm does at one threshold.

    Attributes:
        threshold: A score of the threshold or above is an alarm.
        sensitivity: Of the cases that are of the kind looked for, the share that raises an alarm.
        specificity: Of the others, the share that raises none.
    """

    threshold: float
    sensitivity: Share
    specificity: Share


def share_interval(count: int, total: int, *, level: float = 0.95) -> Share:
    """A share with Wilson's interval, which stays sensible for few cases, and for none or all of them.

    It believes that the cases are independent: photos of one patient, or patches that overlap, count as fewer.

    Args:
        count: Whole number in [0, total].
        total: Whole number, at least 1.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: On counts that are none, or a level outside (0, 1).

    Example:
    >>> print(share_interval(38, 40))
    95.0 % [83.5, 98.6], 38 of 40

    Reference:
        Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22(158).
    """
    if not (_is_whole(count) and _is_whole(total) and 0 <= count <= total and total >= 1):
        msg = "`count` and `total` must be whole numbers, `total` at least 1 and `count` at most `total`. "
        msg += f"Received {count!r} and {total!r}. Count the cases; a share alone has no interval."
        raise ValueError(msg)
    if not 0 < level < 1:
        msg = f"`level` must be between 0 and 1, both excluded. Received {level!r}. For 95 %, pass `level=0.95`."
        raise ValueError(msg)
    z2 = float(stats.norm.ppf((1 + level) / 2)) ** 2
    share, width = count / total, 1 + z2 / total
    middle = (share + z2 / (2 * total)) / width
    half = np.sqrt(z2 * share * (1 - share) / total + z2**2 / (4 * total**2)) / width
    low, high = (0.0 if count == 0 else middle - half), (1.0 if count == total else middle + half)
    return Share(int(count), int(total), float(low), float(high), level)


def threshold_at(scores: ArrayLike, is_it: ArrayLike, specificity: float) -> float:
    """The lowest threshold at which at least that share of the others raises no alarm.

    Choose it on validation cases, never on those that it is judged on. It is one of the scores, or infinite where no
    score is high enough.

    Args:
        scores: `(num_cases,)`, on any scale; a score of the threshold or above is an alarm.
        is_it: `(num_cases,)`, bool: whether a case is of the kind looked for.
        specificity: In (0, 1].

    Raises:
        ValueError: On arrays of other shapes or kinds, scores that are not finite, cases of one kind only, or a
            specificity outside (0, 1].

    Example:
    >>> threshold_at([0.1, 0.3, 0.4, 0.9], [False, False, True, True], specificity=1.0)
    0.4
    """
    values, truth = _cases(scores, is_it)
    if not 0 < specificity <= 1:
        msg = f"`specificity` must be a share above 0, at most 1. Received {specificity!r}. For 90 %, pass 0.9."
        raise ValueError(msg)
    others = values[~truth]
    return next(float(each) for each in [*np.unique(values), np.inf] if (others < each).mean() >= specificity - 1e-12)


def operating_point(scores: ArrayLike, is_it: ArrayLike, threshold: float, *, level: float = 0.95) -> OperatingPoint:
    """What a threshold, fixed elsewhere, finds and spares among these cases.

    Args:
        scores: `(num_cases,)`, on the scale of the threshold.
        is_it: `(num_cases,)`, bool.
        threshold: A score of the threshold or above is an alarm.
        level: Confidence level of both intervals, in (0, 1).

    Raises:
        ValueError: On what `threshold_at` and `share_interval` refuse.

    Example:
    >>> print(operating_point([0.1, 0.3, 0.4, 0.9], [False, False, True, True], 0.5).sensitivity)
    50.0 % [9.5, 90.5], 1 of 2
    """
    values, truth = _cases(scores, is_it)
    alarm = values >= threshold
    found, spared = int(alarm[truth].sum()), int((~alarm)[~truth].sum())
    sensitivity = share_interval(found, int(truth.sum()), level=level)
    return OperatingPoint(float(threshold), sensitivity, share_interval(spared, int((~truth).sum()), level=level))


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """What an alarm, and what no alarm, means where a share of the cases is of the kind looked for: Bayes' theorem.

    Args:
        sensitivity: In [0, 1].
        specificity: In [0, 1].
        prevalence: In (0, 1), where the model will be used: seldom that of a test set.

    Returns:
        Of the alarms, the share that is right; of the cases without one, the share that is. NaN where there are none.

    Raises:
        ValueError: On shares outside their ranges.

    Example:
    >>> positive, negative = predictive_values(0.9, 0.9, prevalence=0.01)
    >>> round(positive, 3), round(negative, 3)
    (0.083, 0.999)

    Reference:
        Altman and Bland (1994), "Diagnostic tests 2: predictive values", BMJ 309.
    """
    for name, value in {"sensitivity": sensitivity, "specificity": specificity, "prevalence": prevalence}.items():
        if not 0 <= value <= 1 or (name == "prevalence" and value in (0, 1)):
            msg = f"`{name}` must be a share between 0 and 1. Received {value!r}. Divide percentages by 100."
            raise ValueError(msg)
    right, wrong = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    missed, spared = (1 - sensitivity) * prevalence, specificity * (1 - prevalence)
    return _part(right, wrong), _part(spared, missed)


def _part(one: float, other: float) -> float:
    return one / (one + other) if one + other > 0 else float("nan")


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _cases(scores: ArrayLike, is_it: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    values, truth = np.asarray(scores), np.asarray(is_it)
    if values.dtype.kind not in "iuf" or values.ndim != 1 or not np.isfinite(values).all():
        msg = f"`scores` must be a 1-D array of finite numbers. Received shape {values.shape} of {values.dtype}."
        raise ValueError(msg)
    if truth.dtype.kind != "b" or truth.shape != values.shape:
        msg = f"`is_it` must be `True` or `False` for each score, of shape {values.shape}. "
        msg += f"Received shape {truth.shape} of {truth.dtype}. Compare labels with the class that you look for."
        raise ValueError(msg)
    if truth.all() or not truth.any():
        msg = f"Cases of both kinds are needed. Received {int(truth.sum())} of {len(truth)} of the kind looked for."
        raise ValueError(msg)
    return values, truth
