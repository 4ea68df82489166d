"""Confidence intervals for a mean over seeds, and for a difference paired by seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["Interval", "mean_interval", "paired_interval", "transfer_gain"]

METHODS = ("t", "bootstrap")
NUM_RESAMPLES = 10_000


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: The mean, in the unit of the values (accuracies: a share in [0, 1], differences in [-1, 1]).
        low: Lower end, same unit.
        high: Upper end, same unit.
        level: Confidence level in (0, 1).
        n: Number of seeds, or of pairs of seeds.
        paired: Whether the values were differences between two runs that share a seed.
        percent: Whether to print the values times 100: points for a difference, percent for a mean.

    Example:
    >>> print(Interval(0.123, 0.081, 0.165, 0.95, 5, paired=True))
    +12.3 points [8.1, 16.5], 5 paired seeds
    """

    mean: float
    low: float
    high: float
    level: float
    n: int
    paired: bool = False
    percent: bool = True

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside [low, high]."""
        return self.low > 0 or self.high < 0

    @property
    def verdict(self) -> str:
        """`"positive"` or `"negative"` if the interval excludes 0, otherwise `"undecided"`."""
        if not self.excludes_zero:
            return "undecided"
        return "positive" if self.mean > 0 else "negative"

    def __str__(self) -> str:
        mean, low, high = (_rounded(value, self.percent) for value in (self.mean, self.low, self.high))
        unit = (" points" if self.paired else " %") if self.percent else ""
        seeds = f"{self.n} paired seeds" if self.paired else f"{self.n} seeds"
        level = "" if self.level == 0.95 else f", {100 * self.level:g} % level"
        return f"{'+' if self.paired and not mean.startswith('-') else ''}{mean}{unit} [{low}, {high}], {seeds}{level}"


def _rounded(value: float, percent: bool) -> str:
    # `+ 0.0` turns a rounded -0.0 into 0.0.
    return f"{round(100 * value, 1) + 0.0:.1f}" if percent else f"{value:.4g}"


def _as_values(values: ArrayLike, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" or array.ndim != 1:
        msg = f"`{name}` must be a 1-D array of numbers, one per seed. Received shape {array.shape} of {array.dtype}."
        raise ValueError(msg)
    if len(array) < 2:
        msg = f"`{name}` must hold at least 2 seeds: one run has no interval. Received {len(array)}. Run more seeds."
        raise ValueError(msg)
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        msg = (
            f"`{name}` must hold finite numbers. Received {array[bad[0]]} at position {bad[0]} "
            f"({bad.size} of {len(array)}). A run that diverged is a result: report it, don't average over it."
        )
        raise ValueError(msg)
    return array.astype(np.float64)


@dataclass(frozen=True)
class _Way:
    """How an interval is computed and printed; the fields are arguments of `mean_interval`."""

    level: float = 0.95
    method: str = "t"
    seed: int = 0
    percent: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            msg = "`level` must be between 0 and 1, both excluded. "
            msg += f"Received {self.level!r}. For 95 %, pass `level=0.95`."
            raise ValueError(msg)

    def interval(self, values: np.ndarray, *, paired: bool) -> Interval:
        """Return the interval of the mean of `values`, `(n,)` float64."""
        return Interval(float(values.mean()), *self._ends(values), self.level, len(values), paired, self.percent)

    def _ends(self, values: np.ndarray) -> tuple[float, float]:
        if self.method == "t":
            half = stats.t.ppf((1 + self.level) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
            return float(values.mean() - half), float(values.mean() + half)
        if self.method == "bootstrap":
            drawn = np.random.default_rng(self.seed).integers(len(values), size=(NUM_RESAMPLES, len(values)))
            means = values[drawn].mean(axis=1)  # (resamples,)
            low, high = np.quantile(means, [(1 - self.level) / 2, (1 + self.level) / 2])
            return float(low), float(high)
        msg = f"`method` must be one of {METHODS}. Received {self.method!r}."
        raise ValueError(msg)


def mean_interval(
    values: ArrayLike, *, level: float = 0.95, method: str = "t", seed: int = 0, percent: bool = True
) -> Interval:
    """The mean over seeds with its confidence interval.

    Args:
        values: `(n,)`, n >= 2: one score per seed, accuracies as shares in [0, 1].
        level: Confidence level in (0, 1).
        method: `"t"`, Student's t; or `"bootstrap"`, the percentile bootstrap, which assumes no distribution but is too
            narrow below about 20 seeds.
        seed: Seed for the resampling; only the bootstrap uses it.
        percent: Print the values times 100. Pass `False` for losses and other units.

    Returns:
        An `Interval`.

    Raises:
        ValueError: On fewer than two values, values that are not finite, an unknown method or level.

    Example:
    >>> print(mean_interval([0.70, 0.74, 0.72]))
    72.0 % [67.0, 77.0], 3 seeds
    """
    return _Way(level, method, seed, percent).interval(_as_values(values, "values"), paired=False)


def paired_interval(
    a: ArrayLike, b: ArrayLike, *, level: float = 0.95, method: str = "t", seed: int = 0, percent: bool = True
) -> Interval:
    """The mean of `a - b`, paired by position, with its confidence interval.

    Pairing removes what both runs share: the draw of the training images, the order of the batches, the head's initial
    weights. What remains is the effect of the two treatments.

    Args:
        a: `(n,)`, n >= 2: one score per seed.
        b: `(n,)`: the other treatment's scores, same seeds in the same order.
        level: Confidence level in (0, 1).
        method: `"t"` (Student's t over the differences) or `"bootstrap"` (see `mean_interval`).
        seed: Seed for the resampling; only the bootstrap uses it.
        percent: Print the values times 100. Pass `False` for losses and other units.

    Returns:
        An `Interval`: `excludes_zero` says whether the sign is decided at this level.

    Raises:
        ValueError: If the lengths differ, and for what `mean_interval` refuses.

    Example:
    >>> print(paired_interval([0.82, 0.80, 0.85], [0.70, 0.71, 0.70]))
    +12.0 points [4.5, 19.5], 3 paired seeds

    Reference:
        Student (1908), "The Probable Error of a Mean", Biometrika 6(1).
    """
    return _Way(level, method, seed, percent).interval(_differences(a=a, b=b), paired=True)


def transfer_gain(with_transfer: ArrayLike, baseline: ArrayLike, *, level: float = 0.95, method: str = "t") -> Interval:
    """How much transfer gains over training from scratch, paired by seed.

    The baseline is fair if it has the same images, the same tuning effort, the same selection and enough steps to
    converge. Transfer is negative if the whole interval lies below 0; "no gain shown" is not "negative".

    Args:
        with_transfer: `(n,)`, n >= 2: accuracies in [0, 1], one per seed.
        baseline: `(n,)`: accuracies without transfer, same seeds in the same order.
        level: Confidence level in (0, 1).
        method: `"t"` or `"bootstrap"` (see `mean_interval`).

    Returns:
        An `Interval` of the difference; its `verdict` is `"positive"`, `"negative"` or `"undecided"`.

    Raises:
        ValueError: On different lengths, accuracies outside [0, 1], and what `mean_interval` refuses.

    Example:
    >>> gain = transfer_gain([0.61, 0.58, 0.60], [0.63, 0.55, 0.62])
    >>> print(gain, gain.verdict)
    -0.3 points [-7.5, 6.8], 3 paired seeds undecided
    """
    scores = {"with_transfer": with_transfer, "baseline": baseline}
    interval = _Way(level, method).interval(_differences(**scores), paired=True)
    for name, values in scores.items():
        _check_share(np.asarray(values), name)
    return interval


def _check_share(values: np.ndarray, name: str) -> None:
    outside = values[(values < 0) | (values > 1)]
    if outside.size:
        msg = f"`{name}` must hold accuracies in [0, 1]. Received {outside[0]}. Divide percentages by 100."
        raise ValueError(msg)


def _differences(**scores: ArrayLike) -> np.ndarray:
    """Return the first scores minus the second ones, `(n,)` float64; errors name them as the arguments are named."""
    (one, other), (first, second) = scores, (_as_values(values, name) for name, values in scores.items())
    if len(first) != len(second):
        msg = (
            f"`{one}` and `{other}` must have one value for each seed, in the same order. "
            f"Received {len(first)} and {len(second)} values. Run both treatments on the same seeds."
        )
        raise ValueError(msg)
    return first - second
