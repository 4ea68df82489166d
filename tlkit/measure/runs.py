"""Scores over seeds and label budgets: learning curves and comparisons with a baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from tlkit.measure.intervals import Interval, mean_interval, paired_interval

__all__ = ["Comparison", "LearningCurve", "compare_runs", "learning_curve"]


@dataclass(frozen=True)
class LearningCurve:
    """Scores at increasing label budgets.

    Attributes:
        budgets: Images per class (or in all), growing.
        seeds: The seeds, the same at each budget.
        scores: `(len(budgets), len(seeds))` float64.
        level: Confidence level of `intervals`.
    """

    budgets: tuple[int, ...]
    seeds: tuple[int, ...]
    scores: np.ndarray
    level: float = 0.95

    @property
    def mean(self) -> np.ndarray:
        """`(len(budgets),)`: mean score over the seeds."""
        return self.scores.mean(axis=1)

    @property
    def intervals(self) -> list[Interval]:
        """One `Interval` per budget."""
        return [mean_interval(row, level=self.level) for row in self.scores]

    def gain(self, other: LearningCurve) -> list[Interval]:
        """`self - other` at each budget, paired by seed."""
        self._check_pairs(other)
        pairs = zip(self.scores, other.scores, strict=True)
        return [paired_interval(mine, theirs, level=self.level) for mine, theirs in pairs]

    def crossover(self, other: LearningCurve) -> float | None:
        """The budget at which the mean of `other` first draws level with the leader at the smallest budget.

        Between two budgets, the difference is interpolated on a logarithmic scale.

        Returns:
            A budget, or `None` where the curves do not cross within the budgets that were run.
        """
        self._check_pairs(other)
        difference = self.mean - other.mean
        for left in range(len(difference) - 1):
            before, after = difference[left], difference[left + 1]
            if before == 0:
                return float(self.budgets[left])
            if before * after <= 0:
                low, high = np.log(self.budgets[left]), np.log(self.budgets[left + 1])
                return float(np.exp(low + (high - low) * before / (before - after)))
        return None

    def _check_pairs(self, other: LearningCurve) -> None:
        for name in ("budgets", "seeds"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                msg = f"Both curves must have the same `{name}`. Received {mine} and {theirs}. Run them alike."
                raise ValueError(msg)

    def __str__(self) -> str:
        return "\n".join(f"{b:>6}: {i}" for b, i in zip(self.budgets, self.intervals, strict=True))


def _check_distinct(values: Sequence[int], name: str, minimum: int) -> tuple[int, ...]:
    numbers = tuple(int(value) for value in values)
    if len(numbers) < minimum or len(set(numbers)) != len(numbers):
        msg = f"`{name}` must hold at least {minimum} different whole numbers. Received {list(values)!r}."
        raise ValueError(msg)
    return numbers


def learning_curve(
    fit_and_score: Callable[[int, int], float],
    budgets: Sequence[int],
    seeds: Sequence[int],
    *,
    level: float = 0.95,
) -> LearningCurve:
    """Train at each label budget with each seed.

    Args:
        fit_and_score: Called as `fit_and_score(budget, seed)`; returns one finite score, an accuracy in [0, 1].
        budgets: Images per class, increasing, each at least 1.
        seeds: At least two different seeds. Each is used at every budget, so that curves can be paired.
        level: Confidence level of the intervals.

    Returns:
        A `LearningCurve`.

    Raises:
        ValueError: If the budgets do not increase, seeds are repeated, or a score is not finite.

    Example:
    >>> curve = learning_curve(lambda budget, seed: 1 - 1 / budget - seed / 100, [2, 8], seeds=[0, 1])
    >>> curve.mean.round(3)
    array([0.495, 0.87 ])
    """
    sizes, draws = _check_distinct(budgets, "budgets", 1), _check_distinct(seeds, "seeds", 2)
    if sizes[0] < 1 or list(sizes) != sorted(sizes):
        msg = f"`budgets` must increase and be at least 1. Received {list(budgets)!r}."
        raise ValueError(msg)
    scores = np.empty((len(sizes), len(draws)))
    for row, budget in enumerate(sizes):
        for column, seed in enumerate(draws):
            scores[row, column] = score = float(fit_and_score(budget, seed))
            if not np.isfinite(score):
                msg = f"`fit_and_score({budget}, {seed})` must return a finite number. Received {score}."
                raise ValueError(msg)
    return LearningCurve(sizes, draws, scores, level)


@dataclass(frozen=True)
class Comparison:
    """Runs over the same seeds, each with its difference from a baseline.

    Attributes:
        baseline: Name of the run that the others are compared with.
        means: Name to `Interval` of the mean score.
        gains: Name to paired `Interval` of the difference from the baseline; the baseline itself is not in it.
    """

    baseline: str
    means: dict[str, Interval]
    gains: dict[str, Interval]

    def rows(self) -> list[tuple[str, str, str, str]]:
        """One (name, mean, gain, verdict) per run, in the given order."""
        gains = {name: (str(gain), gain.verdict) for name, gain in self.gains.items()}
        return [(name, str(mean), *gains.get(name, ("baseline", ""))) for name, mean in self.means.items()]

    def __repr__(self) -> str:
        rows = [("run", "mean", f"against {self.baseline}", "verdict"), *self.rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return "\n".join("  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)

    def _repr_html_(self) -> str:
        titles = ("run", "mean", f"against {self.baseline}", "verdict")
        head = "".join(f"<th>{escape(title)}</th>" for title in titles)
        rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.rows())
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def compare_runs(
    runs: Mapping[str, ArrayLike], *, baseline: str | None = None, level: float = 0.95, percent: bool = True
) -> Comparison:
    """Compare each run with a baseline, paired by seed.

    Each interval holds at `level` on its own: among twenty comparisons of equals at 0.95, one excludes 0 by chance.

    Args:
        runs: Name to `(n,)` scores, one per seed, the same seeds in the same order in every run.
        baseline: Name of the baseline. `None` takes the first run.
        level: Confidence level in (0, 1).
        percent: Print the values times 100. Pass `False` for losses and other units.

    Returns:
        A `Comparison`, shown as a table in a notebook.

    Raises:
        ValueError: On fewer than two runs, an unknown baseline, and what `paired_interval` refuses.

    Example:
    >>> compare_runs({"scratch": [0.5, 0.52, 0.48], "probe": [0.7, 0.71, 0.69]})
    run      mean                          against scratch                             verdict
    scratch  50.0 % [45.0, 55.0], 3 seeds  baseline
    probe    70.0 % [67.5, 72.5], 3 seeds  +20.0 points [17.5, 22.5], 3 paired seeds   positive
    """
    if len(runs) < 2:
        msg = f"`runs` must hold at least two runs. Received {list(runs)}."
        raise ValueError(msg)
    base = next(iter(runs)) if baseline is None else baseline
    if base not in runs:
        msg = f"`baseline` must be one of {list(runs)}. Received {baseline!r}."
        raise ValueError(msg)
    options = {"level": level, "percent": percent}
    means = {name: mean_interval(scores, **options) for name, scores in runs.items()}
    gains = {name: paired_interval(scores, runs[base], **options) for name, scores in runs.items() if name != base}
    return Comparison(base, means, gains)
