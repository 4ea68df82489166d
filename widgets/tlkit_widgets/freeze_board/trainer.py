"""The training behind the board: one rate for each block, and the frozen part run once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tlkit.quiet_start

import keras

from tlkit.curves import CurveRecorder
from tlkit.freezing import Block
from tlkit.speed import describe_cut, fit
from tlkit.tuning import LayerwiseAdam, block_factors
from tlkit_widgets.freeze_board.compile_recipe import Recipe, recipe_of
from tlkit_widgets.freeze_board.network import count_size, moved, snapshot
from tlkit_widgets.freeze_board.task import Task, labels_of

__all__ = ["Cost", "Run", "Trainer"]

MEASURED_BATCHES = 3  # after one that builds the graphs


@dataclass(frozen=True)
class Cost:
    """What a cut costs on this machine, measured.

    Attributes:
        seconds: An epoch, validation included, graphs being there.
        pass_seconds: The images that have still to go through the frozen part, once.
    """

    seconds: float
    pass_seconds: float = 0.0


@dataclass(frozen=True)
class Run:
    """What one training left besides its curves.

    Attributes:
        row: For the table of runs: name, cut, learning_rate, images_per_class, gear, why, num_learning, epochs, ended,
            seconds, epoch_seconds, best.
        moved: Relative change of each block; `None` where it is not a number.
        cost: `None` when no epoch was finished.
    """

    row: dict[str, Any]
    moved: list[float | None]
    cost: Cost | None


class Trainer:
    """Trains a model on a task again and again, from the weights that it had at first or from those that it has."""

    def __init__(self, model: keras.Model, parts: Sequence[Block], task: Task, recorder: CurveRecorder):
        self.model, self.parts, self.task, self.recorder = model, parts, task, recorder
        self._measured: keras.Model | None = None  # the copy that is being timed

    def stop(self) -> None:
        """End what is going on after the present batch."""
        self.recorder.stop()
        if self._measured is not None:
            self._measured.stop_training = True

    def run(self, cut: str, settings: dict[str, Any]) -> Run:
        """Compile and fit once with `learning_rate`, `epochs` and `factors` of `settings`."""
        keras.utils.set_random_seed(self.task.seed)
        self._compile(self.model, self.recipe(), settings)
        classes = self.task.images_per_class
        self.recorder.start(self._unused(f"{cut}, rate {settings['learning_rate']:g}", classes))
        before, clock = snapshot(self.parts), _Clock()
        history: Any = fit(
            self.model, **self.task.arguments(), epochs=settings["epochs"], callbacks=[self.recorder, clock]
        )
        about = {"cut": cut, "learning_rate": settings["learning_rate"], "images_per_class": classes}
        about |= {"gear": history.gear, "why": history.why}
        cost = Cost(min(clock.epochs)) if clock.epochs else None
        return Run(about | self._row(clock), moved(before, snapshot(self.parts)), cost)

    def measure(self, settings: dict[str, Any]) -> Cost | None:
        """Time a few batches on a copy of the model, which itself stays as it is; what was computed is kept.

        `None` if it was stopped.
        """
        self._measured = copy = _copy(self.model)
        self._compile(copy, self.recipe(), settings)
        try:
            return self._time(copy)
        finally:
            self._measured = None

    def _time(self, copy: keras.Model) -> Cost | None:
        fit(copy, **self.task.part(0, 1).arguments())
        before = self._passed(copy)
        if copy.stop_training:
            return None
        part, clock = self.task.part(1, MEASURED_BATCHES), _Clock()
        fit(copy, **part.arguments(), callbacks=[clock])
        after = self._passed(copy)
        if copy.stop_training:
            return None
        (num, num_val), (of, of_val) = self.task.sizes(), part.sizes()
        seconds = clock.train_seconds * num / of + (clock.test_seconds * num_val / of_val if of_val else 0)
        passed, spent = after[0] - before[0], after[2] - before[2]
        return Cost(seconds, (after[1] - after[0]) * spent / passed if passed else 0.0)

    def _passed(self, model: keras.Model) -> tuple[int, int, float]:
        """Images whose features are kept, all images, and what the passes of this frozen part took so far."""
        data = [images for images in (self.task.train, self.task.validation) if labels_of(images) is not None]
        costs = [cost for cost in (describe_cut(model, images) for images in data) if cost.cut is not None]
        spent = max((cost.pass_seconds or 0.0 for cost in costs), default=0.0)
        return sum(cost.num_cached or 0 for cost in costs), sum(cost.num_images or 0 for cost in costs), spent

    def recipe(self) -> Recipe:
        """What the model is compiled with."""
        return recipe_of(self.model, self.task.labels)

    def _compile(self, model: keras.Model, recipe: Recipe, settings: dict[str, Any]) -> None:
        recipe.compile(model, self._optimizer(recipe, settings))

    def _optimizer(self, recipe: Recipe, settings: dict[str, Any]) -> keras.optimizers.Optimizer:
        if not settings["factors"]:
            return recipe.make_optimizer(settings["learning_rate"])
        if not recipe.takes_factors:
            msg = f"Rates of single blocks need Adam. The model was compiled with {type(recipe.optimizer).__name__}: "
            msg += "compile it with Adam, or set all factors to 1."
            raise ValueError(msg)
        factors = block_factors(self.parts, settings["factors"])
        return LayerwiseAdam(settings["learning_rate"], factors, **recipe.settings())

    def _unused(self, name: str, images_per_class: str | None) -> str:
        name += f", {images_per_class} per class" if images_per_class else ""
        again = sum(run.name.split(" #")[0] == name for run in self.recorder.runs)
        return f"{name} #{again + 1}" if again else name

    def _row(self, clock: "_Clock") -> dict[str, Any]:
        curves = self.recorder.curves
        metric = next((name for name in ("val_accuracy", "accuracy") if name in curves.history), None)
        best = curves.best(metric)
        known = {"name": curves.name, "epochs": curves.num_epochs, "ended": curves.ended, "seconds": clock.seconds}
        known |= {"epoch_seconds": min(clock.epochs, default=None)}
        known |= {"num_learning": count_size(self.model.trainable_weights)}
        return known | {"best": best and {**vars(best), "small_is_good": best.small_is_good}}


def _copy(model: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer, twin in zip(model._flatten_layers(), copy._flatten_layers(), strict=True):
        twin.trainable = layer.trainable  # outer layers come first: setting one sets all inside it
    return copy


class _Clock(keras.callbacks.Callback):
    """Seconds of each epoch. The first one traces the graph: the quickest is what an epoch costs from now on."""

    reads_logs_only = True

    def on_train_begin(self, logs=None) -> None:
        self.epochs: list[float] = []
        self.seconds = self.train_seconds = self.test_seconds = 0.0
        self._began = time.monotonic()

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._epoch_began = time.monotonic()

    def on_train_batch_end(self, batch, logs=None) -> None:
        self.train_seconds = time.monotonic() - self._epoch_began  # steps one by one, as where curves are drawn

    def on_test_begin(self, logs=None) -> None:
        self._test_began = time.monotonic()

    def on_test_end(self, logs=None) -> None:
        self.test_seconds = time.monotonic() - self._test_began

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.epochs.append(time.monotonic() - self._epoch_began)

    def on_train_end(self, logs=None) -> None:
        self.seconds = time.monotonic() - self._began
