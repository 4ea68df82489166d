"""Two treatments over the same seeds."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from tlkit.measure import Interval, paired_interval
from tlkit.plots.style import COLORS, INK, finish, new_axes

__all__ = ["plot_paired"]


def plot_paired(
    treatment: ArrayLike,
    baseline: ArrayLike,
    names: tuple[str, str] = ("transfer", "scratch"),
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw two treatments over the same seeds, and the interval of their difference on its own scale at the right.

    Args:
        treatment: `(n,)`, n >= 2: accuracies in [0, 1], one per seed.
        baseline: `(n,)`: same seeds in the same order.
        names: The names of the treatment and of the baseline.
        ax: Axes to draw in. `None` makes a figure.
        title: The finding, in words. `None` says the difference with its interval.

    Returns:
        The Axes.

    Raises:
        ValueError: What `tlkit.measure.paired_interval` refuses.

    Reference:
        Gardner and Altman (1986), "Confidence intervals rather than P values", BMJ 292.
    """
    gain = paired_interval(treatment, baseline)
    after, before = np.asarray(treatment, float), np.asarray(baseline, float)
    ax = new_axes(ax, (5.4, 3.4))
    ax.plot([0, 1], [before, after], color="#8A8A86", linewidth=0.9, zorder=1)
    ax.scatter(np.zeros(len(before)), before, s=34, color=COLORS[1], marker="s", zorder=2)
    ax.scatter(np.ones(len(after)), after, s=34, color=COLORS[0], marker="o", zorder=2)
    _draw_gain(ax, gain, float(before.mean()))
    ax.set_xlim(-0.4, 2.4)
    ax.set_xticks([0, 1, 2], [names[1], names[0], "difference"])
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    return finish(ax, title or str(gain), f"{gain.n} seeds, each a line", "accuracy (%)")


def _draw_gain(ax: Axes, gain: Interval, origin: float) -> None:
    """The interval at x = 2; no difference lies at the mean of the baseline, `origin`."""
    ax.axhline(origin, color=INK, linewidth=0.9, linestyle=":")
    ends = [[gain.mean - gain.low], [gain.high - gain.mean]]
    ax.errorbar(2, origin + gain.mean, yerr=ends, fmt="D", color=INK, markersize=5, capsize=4, zorder=3)
    right = ax.secondary_yaxis("right", functions=(lambda y: np.subtract(y, origin), lambda d: np.add(d, origin)))
    right.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    right.set_ylabel(f"difference (points), {100 * gain.level:g} % interval", color=INK, fontsize=9.5)
    right.tick_params(colors=INK, labelsize=9)
