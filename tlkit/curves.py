"""Training history as data: what was measured, at which point of which phase, of which run.

Keras reports, after each batch, the mean over the epoch so far. Drawn as they come these values start anew with each
epoch and hide what the latest batch did. `CurveRecorder` takes the difference of two such means, so that `batches`
holds the value of each batch by itself; only losses and accuracies are means, and only they are kept for each batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

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


@dataclass
class Curves:
    """What one run measured.

    Attributes:
        name: Name of the run.
        history: One value an epoch for each metric, as in what `fit` returns, all phases in a row.
        batches: `{metric: [(position, value), ...]}`, the position in epochs, so 1.5 is the middle of the second one.
        learning_rate: The optimizer's rate at the end of each epoch.
        phases: In order, one for each `fit`.
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
    batches: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    learning_rate: list[float] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    ended: str = "running"

    @property
    def num_epochs(self) -> int:
        """Number of finished epochs."""
        return max(map(len, self.history.values()), default=0)

    def best(self, metric: str | None = None) -> Best | None:
        """The best epoch by `metric`, or `None` where no epoch has a finite value of it.

        Args:
            metric: A name of `history`. `None` takes `val_loss`, else `loss`, else the first. Losses and errors are
                best when small, all else when large.
        """
        if not self.num_epochs:
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
        """A table with one row an epoch: run, phase, epoch (from 1), learning rate, and each metric.

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
    """Keras callback that writes `Curves`. Each further `fit` with it is the next phase of the same run.

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
        self._seen: dict[str, tuple[int, float]] = {}  # per metric: batches so far in this epoch, and their mean
        self.start(name, phase=phase)

    @property
    def curves(self) -> Curves:
        return self.runs[-1]

    def start(self, name: str, *, phase: str = "") -> None:
        """Begin another run: the next `fit` is drawn over the earlier ones, from epoch 0."""
        self.runs.append(Curves(name))
        self._next_phase = phase

    def phase(self, name: str) -> None:
        """Name the phase that the next `fit` begins, such as `"fine-tuning"`."""
        self._next_phase = name

    def stop(self) -> None:
        """End the running `fit` after the present batch; its history and weights are kept."""
        self._stopped = True
        if self.model is not None:
            self.model.stop_training = True

    def _planned(self, what: str) -> int:
        """Number of `"epochs"` or of `"steps"` an epoch that `fit` announced; 0 where it does not know."""
        return (self.params or {}).get(what) or 0

    def on_train_begin(self, logs=None) -> None:
        name = self._next_phase or f"phase {len(self.curves.phases) + 1}"
        self.curves.phases.append(Phase(name, self.curves.num_epochs))
        self.curves.ended, self._next_phase, self._stopped = "running", "", False

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._epoch, self._seen = epoch, {}
        self._finished = self.curves.num_epochs

    def on_train_batch_end(self, batch, logs=None) -> None:
        steps = self._planned("steps")  # 0 in the first epoch of a generator
        for name, mean in (logs or {}).items():
            if "loss" in name or "acc" in name:
                num_before, mean_before = self._seen.get(name, (0, 0.0))
                num = batch + 1
                value = (num * float(mean) - num_before * mean_before) / (num - num_before)
                self._seen[name] = (num, float(mean))
                position = self._finished + (num / steps if steps else 1 - 1 / (num + 1))
                self.curves.batches.setdefault(name, []).append((position, value))

    def on_epoch_end(self, epoch, logs=None) -> None:
        for name, value in (logs or {}).items():
            values = self.curves.history.setdefault(name, [])
            values += [float("nan")] * (self._finished - len(values))  # a metric that earlier phases did not have
            values.append(float(value))
        rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
        self.curves.learning_rate.append(float("nan") if rate is None else float(keras.ops.convert_to_numpy(rate)))

    def on_train_end(self, logs=None) -> None:
        early = self.curves.num_epochs and self._epoch + 1 < self._planned("epochs")
        self.curves.ended = "stopped by you" if self._stopped else "stopped early" if early else "finished"


def _small_is_good(metric: str) -> bool:
    return any(part in metric for part in ("loss", "error", "mse", "mae"))
