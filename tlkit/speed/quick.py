"""The third gear: an epoch as one call of one graph, shared by all models whose learning part is built alike.

It serves only what is on the lists of `tlkit.speed.gears`, and only after one batch through its copy of the learning
part gave what the user's own layers give.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import keras

from tlkit.speed.cache import show_progress
from tlkit.speed.epoch_sources import ArraySource, Source
from tlkit.speed.gears import Choice
from tlkit.speed.kept import flags_of
from tlkit.speed.shared_graphs import Plan, build_metrics, plan_key
from tlkit.speed.stock import Undescribable

__all__ = ["QuickSteps", "QuickTraining"]


class _StoppedInPass(Exception):
    """`model.stop_training` was set while rows went through the frozen part."""


@dataclass(frozen=True)
class QuickSteps:
    """What has trained a model and goes on, as Keras' own graphs do, until it is compiled again.

    Attributes:
        choice: The gear and the cut.
        plan: The graphs: what has been set on a layer or the optimizer since then is not in them.
        loss_tracker: The model's loss tracker: `compile` makes a new one.
        optimizer: Likewise.
        flags: What learned when the graphs were made.
        key: The key of the plan when it was chosen.
    """

    choice: Choice
    plan: Plan
    loss_tracker: keras.metrics.Metric
    optimizer: keras.optimizers.Optimizer
    flags: tuple[bool, ...]
    key: tuple

    def is_of(self, model: keras.Model) -> bool:
        """Whether the model has not been compiled since."""
        return self.loss_tracker is model._loss_tracker and self.optimizer is model.optimizer

    def is_as_made(self, model: keras.Model) -> bool:
        """Whether nothing has been set since then that the graphs would not notice."""
        try:
            key = plan_key(self.choice.cut.suffix, model.get_compile_config())
        except Undescribable:
            return False
        return key == self.key and flags_of(model) == self.flags


@dataclass
class QuickTraining:
    """One training in the quick gear.

    Attributes:
        model: The user's, whose variables and optimizer learn.
        suffix: Its learning part.
        plan: The warm graphs.
        train: Where rows come from.
        test: Likewise for validation, or `None`.
        calls: The callbacks.
        epochs: Their number.
        is_ahead: Whether the copy has learned what the model does not show yet.
    """

    model: keras.Model
    suffix: keras.Model
    plan: Plan
    train: Source
    test: Source | None
    calls: keras.callbacks.CallbackList
    epochs: int
    is_ahead: bool = False

    def prepare(self) -> None:
        """The pass through the frozen part, for rows that it has not seen."""
        listeners = [callback for callback in self.calls.callbacks if hasattr(callback, "on_frozen_pass")]

        def progress(done: int, total: int) -> None:
            for callback in listeners:
                callback.on_frozen_pass(done, total)
            if self.model.stop_training:
                raise _StoppedInPass

        for source in filter(None, (self.train, self.test)):
            bar = show_progress(bool((self.calls.params or {})["verbose"]) if isinstance(source, ArraySource) else 0)
            source.prepare(lambda done, total, bar=bar: (bar(done, total), progress(done, total)))

    def run(self) -> None:
        """Train, with the callbacks of a `fit`."""
        self.model.stop_training = False
        self.calls.on_train_begin()
        self.plan.load(self.suffix, self.model.optimizer)
        logs: dict = {}
        try:
            self.prepare()
            metrics = self.model._compile_metrics
            if metrics is not None and not metrics.built:
                build_metrics(self.suffix, self.train.labels)
            for epoch in range(self.epochs):
                logs = self._epoch(epoch)
                if self.model.stop_training:
                    break
        except _StoppedInPass:
            pass
        finally:
            # Stopped by hand, or by an error: what was learned so far is kept, as in `model.fit`.
            if self.is_ahead:
                self._save()
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        self.calls.on_train_end(logs)

    def _epoch(self, epoch: int) -> dict[str, float]:
        watched = any(map(_is_the_users, self.calls.callbacks))
        began = time.monotonic()
        if watched:
            self.model.reset_metrics()
        self.calls.on_epoch_begin(epoch)
        # Only callbacks can change, or see, the state between two epochs.
        if watched:
            self.plan.load(self.suffix, self.model.optimizer)
        self.is_ahead = True
        logs = self._steps()
        if self.test is not None:
            logs |= {f"val_{name}": value for name, value in self._evaluate(self.test).items()}
        if watched or epoch == self.epochs - 1 or self.model.stop_training:
            self._save()
        self.plan.epoch_seconds = time.monotonic() - began
        self.calls.on_epoch_end(epoch, logs)
        return logs

    def _save(self) -> None:
        self.plan.save(self.suffix, self.model.optimizer)
        self.is_ahead = False

    def _steps(self) -> dict[str, float]:
        by_step = any(map(_listens_to_batches, self.calls.callbacks))
        self.plan.rest.reset_metrics()
        step = 0
        for x, y, size in self.train.chunks(by_step):
            self.calls.on_train_batch_begin(step)
            self.plan.train(x, y, size)
            step += -(-len(x) // size)
            if by_step:  # a recorder of batches asks the metrics how many rows they have counted
                self.plan.save_metrics(self.suffix)
            self.calls.on_train_batch_end(step - 1, self._results() if by_step else None)
            if self.model.stop_training:
                break
        return self._results()

    def _evaluate(self, test: Source) -> dict[str, float]:
        self.calls.on_test_begin()
        self.plan.rest.reset_metrics()
        for x, y, size in test.chunks(False):
            self.plan.test(x, y, size)
        logs = self._results()
        self.calls.on_test_end(logs)
        return logs

    def _results(self) -> dict[str, float]:
        return {name: float(value) for name, value in self.plan.rest.get_metrics_result().items()}


def _is_the_users(callback: keras.callbacks.Callback) -> bool:
    return not isinstance(callback, (keras.callbacks.ProgbarLogger, keras.callbacks.History))


def _listens_to_batches(callback: keras.callbacks.Callback) -> bool:
    if not _is_the_users(callback):
        return False
    base = keras.callbacks.Callback
    names = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    return any(getattr(type(callback), name) is not getattr(base, name) for name in names)
