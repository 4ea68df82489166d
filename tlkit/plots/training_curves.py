"""Scores over epochs and over label budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullLocator, PercentFormatter

from tlkit.measure import LearningCurve
from tlkit.plots.style import COLORS, MARKERS, finish, new_axes

__all__ = ["plot_curves", "plot_learning_curves"]


def plot_curves(history: Any, metric: str | None = None, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw a metric over the epochs: training dashed, validation solid, one colour per run.

    Of a metric that is an array, as `F1Score` without an average, the mean is drawn. An epoch that has no number is
    left out of its line.

    Args:
        history: What `model.fit` returned, a mapping such as `{"loss": [...], "val_loss": [...]}`, `Curves`, or several
            runs as `{"probe": history, "fine-tuned": history}`.
        metric: Name without `val_`. `None` takes the first accuracy, or else the loss.
        ax: Axes to draw in. `None` makes a figure.
        title: The finding, in words.

    Returns:
        The Axes.

    Raises:
        ValueError: Where no run has the metric.

    Example:
    >>> ax = plot_curves({"accuracy": [0.4, 0.6], "val_accuracy": [0.5, 0.55]}, title="The head learns at once")
    >>> ax.get_ylabel()
    'accuracy (%)'
    """
    runs = _as_runs(history)
    metric = _choose_metric(runs, metric)
    ax = new_axes(ax)
    for number, (name, values) in enumerate(runs.items()):
        look = {"color": COLORS[number % len(COLORS)], "marker": MARKERS[number % len(MARKERS)]}
        _draw_run(ax, values, metric, name, look)
    ax.legend(frameon=False, fontsize=8.5, labelcolor="#222222")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    arrays = any(np.ndim(value) for values in runs.values() for value in values.get(metric, ()))
    ylabel = _percent_axis(ax, metric) + (", mean of its values" if arrays else "")
    return finish(ax, title, "epoch (passes over the training images)", ylabel)


def _draw_run(ax: Axes, values: Mapping[str, Sequence[float]], metric: str, name: str, look: dict[str, str]) -> None:
    for key, kind, dashes in ((metric, "training", "--"), (f"val_{metric}", "validation", "-")):
        if len(values.get(key, ())):
            numbers = np.array([np.nan if value is None else np.mean(value) for value in values[key]], float)
            (measured,) = np.isfinite(numbers).nonzero()
            # A marker shows a single epoch, which has no line; on a long line one at its end tells it from the others.
            every = None if len(measured) <= 15 else [-1]
            label = f"{name}, {kind}" if name else kind
            ax.plot(measured + 1, numbers[measured], dashes, markersize=4, markevery=every, label=label, **look)


def _as_mapping(history: Any) -> Mapping[str, Any]:
    mapping = getattr(history, "history", history)
    if not isinstance(mapping, Mapping):
        msg = (
            "`history` must be what `model.fit` returned, a mapping of metrics to lists, `Curves`, or a mapping of "
            f"names to these. Received {type(history).__name__}."
        )
        raise TypeError(msg)
    return mapping


def _as_runs(history: Any) -> dict[str, Mapping[str, Sequence[float]]]:
    mapping = _as_mapping(history)
    if any(isinstance(value, Mapping) or hasattr(value, "history") for value in mapping.values()):
        return {str(name): _as_mapping(value) for name, value in mapping.items()}
    return {"": mapping}


def _choose_metric(runs: Mapping[str, Mapping[str, Sequence[float]]], metric: str | None) -> str:
    names = list(dict.fromkeys(key.removeprefix("val_") for values in runs.values() for key in values))
    if not names:
        msg = "`history` holds no metric: was the model trained? Received an empty history."
        raise ValueError(msg)
    if metric is None:
        return next((name for name in names if "acc" in name), "loss" if "loss" in names else names[0])
    if metric not in names:
        msg = f"`metric` must be one of {names}. Received {metric!r}."
        raise ValueError(msg)
    return metric


def _percent_axis(ax: Axes, metric: str) -> str:
    """Show shares in percent; return the label of the axis."""
    if "acc" not in metric:
        return metric.replace("_", " ")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    return f"{metric.replace('_', ' ')} (%)"


def plot_learning_curves(
    curves: Mapping[str, LearningCurve],
    *,
    ax: Axes | None = None,
    title: str | None = None,
    xlabel: str = "training images per class",
) -> Axes:
    """Draw mean accuracy over label budgets, with the interval over seeds as a band.

    Args:
        curves: Name to `LearningCurve`.
        ax: Axes to draw in. `None` makes a figure.
        title: The finding, in words.
        xlabel: What a budget counts.

    Returns:
        The Axes, with a logarithmic axis of budgets.
    """
    ax = new_axes(ax)
    for number, (name, curve) in enumerate(curves.items()):
        color, marker = COLORS[number % len(COLORS)], MARKERS[number % len(MARKERS)]
        low, high = np.transpose([(i.low, i.high) for i in curve.intervals])
        ax.fill_between(curve.budgets, low, high, color=color, alpha=0.15, linewidth=0)
        ax.plot(curve.budgets, curve.mean, color=color, marker=marker, markersize=5, label=name)
    budgets = sorted({budget for curve in curves.values() for budget in curve.budgets})
    ax.set_xscale("log")
    ax.set_xticks(budgets, [str(budget) for budget in budgets])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend(frameon=False, fontsize=8.5, labelcolor="#222222")
    first = next(iter(curves.values()))
    ylabel = f"{_percent_axis(ax, 'accuracy')}, mean and {100 * first.level:g} % interval"
    return finish(ax, title, xlabel, ylabel)
