"""Training history as data: what was measured, at which point, in which phase of which run.

Keras reports, after each batch, the mean over the epoch so far. Drawn as they come, these values start afresh with each
epoch and hide what the latest batch did. `CurveRecorder` takes the difference of two such means, so that `batches`
holds the value of each batch by itself. Losses and accuracies are such means, and only they are kept for each batch;
what a `train_step` of one's own reports without a `keras.metrics.Mean` is kept as it comes. Batches are taken to weigh
alike, but for the last one, which may be smaller: where sample weights or masks of a metric differ from batch to batch,
its batches are estimates.

A recorder watches: whatever Keras can train, it can record. A metric that is an array, as `F1Score` without an average,
is drawn by the mean of its values, and each of them is kept beside it. What is no number at all is left out.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np

__all__ = ["Best", "CurveRecorder", "Curves", "Phase"]


@dataclass(frozen=True)
class Phase:
    """One `fit`: its name, and the number of epochs that were over when it began."""

    name: str
    start: int


@dataclass(frozen=True)
class Best:
    """The best epoch, counted from 1, and its value."""

    metric: str
    epoch: int
    value: float

    @property
    def small_is_good(self) -> bool:
        """Whether the metric is a loss or an error."""
        return _small_is_good(self.metric)


@dataclass
class Curves:
    """What one run measured.

    Attributes:
        name: Name of the run.
        history: One number per epoch for each metric, all phases in a row: the value that `fit` returns, or the mean of
            the values of a metric that is an array. NaN where an epoch did not measure it, as with `validation_freq`.
        values: For each metric that is an array, its values in each epoch; none where an epoch did not measure it.
        batches: `{metric: [(position, value), ...]}`, the position in epochs, so 1.5 is halfway through the second one.
        learning_rate: The optimizer's rate at the end of each epoch; NaN where it takes no step, as the one of a model
            whose own `train_step` uses others.
        phases: In order, one for each `fit`. Epochs are counted on from one to the next, whatever `initial_epoch` says.
        ended: How the last `fit` ended: `"running"`, `"finished"`, `"stopped early"` or `"stopped by you"`.

    Example:
    >>> curves = Curves("probe", history={"loss": [2.0, 1.0, 1.5], "accuracy": [0.2, 0.6, 0.5]})
    >>> curves.best()
    Best(metric='loss', epoch=2, value=1.0)
    >>> curves.best("accuracy").epoch
    2
    """

    name: str = "training"
    history: dict[str, list[float]] = field(default_factory=dict)
    values: dict[str, list[list[float]]] = field(default_factory=dict)
    batches: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    learning_rate: list[float] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    ended: str = "running"

    @property
    def num_epochs(self) -> int:
        """Number of finished epochs."""
        return max(map(len, [*self.history.values(), self.learning_rate]))

    def best(self, metric: str | None = None) -> Best | None:
        """The best epoch by `metric`, or `None` if no epoch has a finite value for it.

        Args:
            metric: A name in `history`. `None` takes `val_loss`, or else `loss`, or else the first. Losses and errors
                are best when small, everything else when large.
        """
        if not self.history:
            return None
        if metric is None:
            metric = next((name for name in ("val_loss", "loss") if name in self.history), next(iter(self.history)))
        if metric not in self.history:
            msg = f"`metric` must be one of {list(self.history)}. Received: {metric!r}."
            raise ValueError(msg)
        measured = [(value, i) for i, value in enumerate(self.history[metric]) if math.isfinite(value)]
        if not measured:
            return None
        sign = 1 if _small_is_good(metric) else -1
        value, i = min(measured, key=lambda pair: sign * pair[0])
        return Best(metric, i + 1, value)

    def rows(self) -> list[dict[str, Any]]:
        """A table with one row per epoch: run, phase, epoch (from 1), learning rate, and each metric.

        >>> Curves("probe", {"loss": [2.0]}, learning_rate=[0.1], phases=[Phase("head", 0)]).rows()
        [{'run': 'probe', 'phase': 'head', 'epoch': 1, 'learning_rate': 0.1, 'loss': 2.0}]
        """
        return [self._row(i) for i in range(self.num_epochs)]

    def _row(self, i: int) -> dict[str, Any]:
        phase = next((phase.name for phase in reversed(self.phases) if phase.start <= i), "")
        rate = self.learning_rate[i] if i < len(self.learning_rate) else None
        values = {name: values[i] for name, values in self.history.items() if i < len(values)}
        return {"run": self.name, "phase": phase, "epoch": i + 1, "learning_rate": rate, **values}


class CurveRecorder(keras.callbacks.Callback):
    """A Keras callback that records `Curves`. Each further `fit` with it is the next phase of the same run.

    Args:
        name: Name of the run.
        phase: Name of the first phase.

    Attributes:
        curves: The run that is being recorded.
        runs: All runs, the latest one last.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> recorder = CurveRecorder("probe")
    >>> _ = model.fit(np.ones((8, 3)), np.ones(8), batch_size=4, epochs=2, verbose=0, callbacks=[recorder])
    >>> recorder.curves.num_epochs, len(recorder.curves.batches["loss"]), recorder.curves.ended
    (2, 4, 'finished')
    """

    def __init__(self, name: str = "training", *, phase: str = "") -> None:
        super().__init__()
        self.runs: list[Curves] = []
        self._stopped = False
        self._first = self._epoch = 0  # epochs as `fit` counts them: the first one of this `fit`, and the present one
        self._finished = 0  # epochs of the run that were over when this one began
        self._seen: dict[str, tuple[float, float, float]] = {}  # per metric: weight of a batch, of the epoch, and mean
        self._metrics: dict[str, keras.metrics.Metric | None] = {}  # what reports a name; `None`: it cannot be told
        self._num_batches = self._last_steps = 0  # so far in this epoch; in the epoch before
        self.start(name, phase=phase)

    @property
    def curves(self) -> Curves:
        """The present run, or the last one."""
        return self.runs[-1]

    def start(self, name: str, *, phase: str = "") -> None:
        """Begin a new run: the next `fit` is drawn over the earlier ones, from epoch 0."""
        self.runs.append(Curves(name))
        self._next_phase = phase

    def phase(self, name: str) -> None:
        """Name the phase that the next `fit` begins, such as `"fine-tuning"`."""
        self._next_phase = name

    def stop(self) -> None:
        """End the running `fit` after the current batch; its history and weights are kept."""
        self._stopped = True
        if self.model is not None:
            self.model.stop_training = True

    def _planned(self, what: str) -> int:
        """Number of `"epochs"` or of `"steps"` an epoch that `fit` announced; 0 where it does not know."""
        return (self.params or {}).get(what) or 0

    def _share(self) -> float:
        """Share of the epoch that is over; in the first epoch of a generator of unknown length, this is a guess."""
        steps = self._planned("steps") or self._last_steps
        return min(1.0, self._num_batches / steps) if steps else 1 - 1 / (self._num_batches + 1)

    def on_train_begin(self, logs=None) -> None:
        """Begin a phase at the epoch that the run has reached."""
        name = self._next_phase or f"phase {len(self.curves.phases) + 1}"
        self.curves.phases.append(Phase(name, self.curves.num_epochs))
        self.curves.ended, self._next_phase, self._stopped = "running", "", False
        self._epoch, self._last_steps = -1, 0

    def on_epoch_begin(self, epoch, logs=None) -> None:
        """Forget the means of the epoch before: Keras starts them anew."""
        self._first = epoch if self._epoch < 0 else self._first
        self._epoch, self._seen, self._metrics, self._num_batches = epoch, {}, {}, 0
        self._finished = self.curves.num_epochs

    def on_train_batch_end(self, batch, logs=None) -> None:
        """Record the batch's own loss and accuracy, at its place in the epoch."""
        self._num_batches = batch + 1
        position = self._finished + self._share()
        for name, reported in (logs or {}).items():
            if "loss" not in str(name) and "acc" not in str(name):
                continue
            number = reported if isinstance(reported, float) else _mean(_as_array(reported))
            value = None if number is None else self._of_batch(str(name), number)
            if value is not None:
                self.curves.batches.setdefault(str(name), []).append((position, value))

    def on_epoch_end(self, epoch, logs=None) -> None:
        """Record every metric of the epoch, and the learning rate."""
        for name, reported in (logs or {}).items():
            if (array := _as_array(reported)) is not None:
                self._append(self.curves.history, str(name), _mean(array), missing=math.nan)
                if array.ndim:
                    self._append(self.curves.values, str(name), array.ravel().tolist(), missing=[])
        self.curves.learning_rate.append(self._rate())
        self._last_steps = self._num_batches

    def on_train_end(self, logs=None) -> None:
        """Record how the run ended."""
        early = 0 <= self._epoch < self._planned("epochs") - 1
        self.curves.ended = "stopped by you" if self._stopped else "stopped early" if early else "finished"

    def _append(self, table: dict[str, list], name: str, value, *, missing) -> None:
        """Keep the value of this epoch; `missing` for each earlier epoch that did not have the metric."""
        values = table.setdefault(name, [])
        values += [missing] * (self._finished - len(values))
        values.append(value)

    def _of_batch(self, name: str, value: float) -> float | None:
        """The batch's own value, from the mean over the epoch so far; `None` if `value` is another kind of metric."""
        if name not in self._metrics:
            self._metrics[name] = _find_metric(self.model, name)
        metric = self._metrics[name]
        if metric is None and _has_own_step(self.model):
            return value
        if metric is not None and not isinstance(metric, keras.metrics.Mean):
            return None
        return self._difference(name, value, metric)

    def _difference(self, name: str, mean: float, metric: keras.metrics.Mean | None) -> float:
        one, before, mean_before = self._seen.get(name, (0.0, 0.0, 0.0))
        ends = not one or self._num_batches == self._planned("steps")
        count = float(metric.count) if metric is not None and ends else 0.0  # takes more time than all else
        one = one or count / self._num_batches or 1.0
        weight = count if count > before else one * self._num_batches
        self._seen[name] = (one, weight, mean)
        return (weight * mean - before * mean_before) / (weight - before) if weight > before else mean

    def _rate(self) -> float:
        optimizer = getattr(self.model, "optimizer", None)
        if optimizer is None or not int(getattr(optimizer, "iterations", 1)):
            return math.nan
        rate = _mean(_as_array(getattr(optimizer, "learning_rate", None)))
        return math.nan if rate is None else rate


def _find_metric(model: keras.Model, name: str) -> keras.metrics.Metric | None:
    """The metric that reports `name`, if it can be told by its name."""
    outputs = getattr(model, "output_names", None) or []
    for metric in getattr(model, "metrics", []):
        for one in getattr(metric, "metrics", None) or [metric]:
            if name in (one.name, *(f"{output}_{one.name}" for output in outputs)):
                return one
    return None


def _has_own_step(model: keras.Model) -> bool:
    return getattr(type(model), "train_step", None) is not keras.Model.train_step


def _as_array(reported: Any) -> np.ndarray | None:
    """What `fit` reports, as numbers: `None` is NaN, and of what is no number nothing is kept."""
    with suppress(Exception):  # a `train_step` may report anything, and recording must not end its training
        array = np.asarray(reported, float)
        return array if array.size else np.array(math.nan)
    return None


def _mean(array: np.ndarray | None) -> float | None:
    return None if array is None else float(array.mean())


def _small_is_good(metric: str) -> bool:
    return any(part in metric for part in ("loss", "error", "mse", "mae"))
