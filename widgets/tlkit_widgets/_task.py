"""The training behind the board: data in any form, one rate a block, and the frozen part run once."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

from tlkit.curves import CurveRecorder  # noqa: E402
from tlkit.freezing import Block  # noqa: E402
from tlkit.speed import describe_cut, fit  # noqa: E402
from tlkit_widgets._network import count_size, cut_of, moved, snapshot  # noqa: E402

__all__ = ["BlockAdam", "Cost", "Run", "Task", "Trainer", "name_of_cut"]

MEASURED_BATCHES = 3  # after one that builds the graphs


@keras.saving.register_keras_serializable("tlkit")
class BlockAdam(keras.optimizers.Adam):
    """Adam whose rate is multiplied by a factor for some variables.

    Args:
        learning_rate: Of the variables that are not named.
        factors: `{variable.path: factor}`.
    """

    def __init__(self, learning_rate=0.001, factors=None, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.factors = dict(factors or {})

    def update_step(self, gradient, variable, learning_rate):
        path = variable.name.removesuffix(":0")  # TensorFlow's own variable, named by Keras' path
        super().update_step(gradient, variable, learning_rate * self.factors.get(path, 1.0))

    def get_config(self):
        return super().get_config() | {"factors": self.factors}


@dataclass(frozen=True)
class Task:
    """Images to train on, as a `Split`, a pair of arrays, or a `tf.data.Dataset` of batches.

    Attributes:
        train: For training.
        validation: For validation, or `None`.
        batch_size: Of a `Split` or a pair.
        seed: Of dropout and of the order of the images.
    """

    train: Any
    validation: Any = None
    batch_size: int = 32
    seed: int = 0

    @property
    def num_images(self) -> int | None:
        """Training images, where this is known without a pass over them."""
        return None if _labels(self.train) is None else len(_labels(self.train))

    @property
    def images_per_class(self) -> str | None:
        """Such as `"20"`, or `"18–20"` where classes differ."""
        counts = Counter(np.ravel(_labels(self.train)).tolist()).values() if self.num_images else []
        return "–".join(map(str, sorted({min(counts), max(counts)}))) if counts else None

    def arguments(self) -> dict[str, Any]:
        """What `fit` is given besides the model."""
        return {"data": self.train, "validation_data": self.validation, "batch_size": self.batch_size}

    def sizes(self) -> tuple[int, int]:
        """Training and validation images, or batches of a `tf.data.Dataset`; 0 where it is not known."""
        return _size(self.train), _size(self.validation)

    def part(self, start: int, num_batches: int) -> "Task":
        """Some batches of both, from batch `start` on; a part that would be empty begins at 0."""
        train, validation = (_take(data, start, num_batches, self.batch_size) for data in (self.train, self.validation))
        return replace(self, train=train, validation=validation)


def _labels(data: Any):
    return data[1] if isinstance(data, tuple) else getattr(data, "labels", None)


def _size(data: Any) -> int:
    if data is None:
        return 0
    return len(_labels(data)) if _labels(data) is not None else max(0, int(data.cardinality()))


def _take(data: Any, start: int, num_batches: int, batch_size: int):
    if data is None:
        return None
    if _labels(data) is None:
        rest = data.skip(start)
        return (rest if int(rest.cardinality()) else data).take(num_batches)
    images, labels = data if isinstance(data, tuple) else (data.images, data.labels)
    first = start * batch_size if start * batch_size < len(labels) else 0
    rows = slice(first, first + num_batches * batch_size)
    return images[rows], labels[rows]


def name_of_cut(parts: Sequence[Block], states: Sequence[str]) -> str:
    """What learns, in a few words."""
    cut = cut_of(states)
    if cut == 0:
        return "all learn"
    if cut == len(parts) - 1:
        return f"{parts[-1].name} only"
    return "own pattern" if cut is None else f"from {parts[cut].name}"


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
        row: For the table of runs: name, cut, learning_rate, images_per_class, num_learning, epochs, ended, seconds,
            epoch_seconds, best.
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
        self._compile(self.model, settings)
        classes = self.task.images_per_class
        self.recorder.start(self._unused(f"{cut}, rate {settings['learning_rate']:g}", classes))
        before, clock = snapshot(self.parts), _Clock()
        fit(self.model, **self.task.arguments(), epochs=settings["epochs"], callbacks=[self.recorder, clock])
        about = {"cut": cut, "learning_rate": settings["learning_rate"], "images_per_class": classes}
        cost = Cost(min(clock.epochs)) if clock.epochs else None
        return Run(about | self._row(clock), moved(before, snapshot(self.parts)), cost)

    def measure(self, settings: dict[str, Any]) -> Cost | None:
        """Time a few batches on a copy of the model, which itself stays as it is; what was computed is kept.

        `None` if it was stopped.
        """
        self._measured = copy = _copy(self.model)
        self._compile(copy, settings)
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
        data = [images for images in (self.task.train, self.task.validation) if _labels(images) is not None]
        costs = [cost for cost in (describe_cut(model, images) for images in data) if cost.cut is not None]
        spent = max((cost.pass_seconds or 0.0 for cost in costs), default=0.0)
        return sum(cost.num_cached or 0 for cost in costs), sum(cost.num_images or 0 for cost in costs), spent

    def _compile(self, model: keras.Model, settings: dict[str, Any]) -> None:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(self._optimizer(settings), loss, metrics=["accuracy"])

    def _optimizer(self, settings: dict[str, Any]) -> keras.optimizers.Optimizer:
        if not settings["factors"]:
            return keras.optimizers.Adam(settings["learning_rate"])
        layers = {part.name: part.layers for part in self.parts}
        factors = {
            w.path: f for name, f in settings["factors"].items() for layer in layers[name] for w in layer.weights
        }
        return BlockAdam(settings["learning_rate"], factors)

    def _unused(self, name: str, images_per_class: str | None) -> str:
        name += f", {images_per_class} a class" if images_per_class else ""
        again = sum(run.name.split(" #")[0] == name for run in self.recorder.runs)
        return f"{name} #{again + 1}" if again else name

    def _row(self, clock: "_Clock") -> dict[str, Any]:
        curves = self.recorder.curves
        metric = "val_accuracy" if "val_accuracy" in curves.history else "accuracy"
        best = curves.best(metric) if curves.num_epochs else None
        return {
            **{"name": curves.name, "epochs": curves.num_epochs, "ended": curves.ended, "seconds": clock.seconds},
            "epoch_seconds": min(clock.epochs, default=None),
            **{"num_learning": count_size(self.model.trainable_weights), "best": best and vars(best)},
        }


def _copy(model: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer, twin in zip(model._flatten_layers(), copy._flatten_layers(), strict=True):
        twin.trainable = layer.trainable  # outer layers come first: setting one sets all inside it
    return copy


class _Clock(keras.callbacks.Callback):
    """Seconds of each epoch. The first one traces the graph: the quickest is what an epoch costs from now on."""

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
