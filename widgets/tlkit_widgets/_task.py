"""The training behind the board: data in any form, one rate a block, plain Keras."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

from tlkit.curves import CurveRecorder  # noqa: E402
from tlkit.freezing import Block  # noqa: E402
from tlkit_widgets._network import count_size, cut_of, moved, snapshot  # noqa: E402

__all__ = ["BlockAdam", "Run", "Task", "Trainer", "name_of_run"]


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
        seed: Of the order of the images.
    """

    train: Any
    validation: Any = None
    batch_size: int = 32
    seed: int = 0

    @property
    def num_images(self) -> int | None:
        """Training images, where this is known without a pass over them."""
        if isinstance(self.train, tuple):
            return len(self.train[1])
        return len(self.train) if hasattr(self.train, "as_dataset") else None

    def arguments(self) -> dict[str, Any]:
        """What `fit` is given."""
        train = self._batches(self.train, shuffle=True)
        validation = None if self.validation is None else self._batches(self.validation, shuffle=False)
        # The data set draws its own orders; Keras would warn that it leaves them alone
        return {"x": train, "validation_data": validation, "shuffle": False}

    def _batches(self, data: Any, *, shuffle: bool):
        if hasattr(data, "as_dataset"):
            return data.as_dataset(self.batch_size, shuffle=shuffle, seed=self.seed)
        if not isinstance(data, tuple):
            return data
        import tensorflow as tf

        images, labels = (np.asarray(part) for part in data)
        batches = tf.data.Dataset.from_tensor_slices((images, labels))
        if shuffle:
            batches = batches.shuffle(len(labels), seed=self.seed)
        return batches.batch(self.batch_size).prefetch(2)


def name_of_run(parts: Sequence[Block], states: Sequence[str], learning_rate: float, num_images: int | None) -> str:
    """Cut, rate and number of images: what tells one run from the next."""
    cut = cut_of(states)
    if cut == 0:
        what = "all learn"
    elif cut == len(parts) - 1:
        what = f"{parts[-1].name} only"
    else:
        what = "own pattern" if cut is None else f"from {parts[cut].name}"
    return f"{what}, rate {learning_rate:g}" + (f", {num_images} images" if num_images else "")


@dataclass(frozen=True)
class Run:
    """What one training left besides its curves.

    Attributes:
        row: For the table of runs: name, num_learning, epochs, ended, seconds, best.
        moved: Relative change of each block; `None` where it is not a number.
        seconds: Of an epoch, or `None` when none was finished.
    """

    row: dict[str, Any]
    moved: list[float | None]
    seconds: float | None


class Trainer:
    """Trains a model on a task again and again, from the weights that it had at first or from those that it has."""

    def __init__(self, model: keras.Model, parts: Sequence[Block], task: Task, recorder: CurveRecorder):
        self.model, self.parts, self.task, self.recorder = model, parts, task, recorder

    def run(self, name: str, settings: dict[str, Any]) -> Run:
        """Compile and fit once with `learning_rate`, `epochs` and `factors` of `settings`."""
        keras.utils.set_random_seed(self.task.seed)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile(self._optimizer(settings), loss, metrics=["accuracy"])
        self.recorder.start(self._unused(name))
        before, clock = snapshot(self.parts), _Clock()
        calls = {"epochs": settings["epochs"], "callbacks": [self.recorder, clock], "verbose": 0}
        self.model.fit(**self.task.arguments(), **calls)
        return Run(self._row(clock), moved(before, snapshot(self.parts)), min(clock.seconds, default=None))

    def _optimizer(self, settings: dict[str, Any]) -> keras.optimizers.Optimizer:
        if not settings["factors"]:
            return keras.optimizers.Adam(settings["learning_rate"])
        layers = {part.name: part.layers for part in self.parts}
        factors = {
            w.path: f for name, f in settings["factors"].items() for layer in layers[name] for w in layer.weights
        }
        return BlockAdam(settings["learning_rate"], factors)

    def _unused(self, name: str) -> str:
        again = sum(run.name.split(" #")[0] == name for run in self.recorder.runs)
        return f"{name} #{again + 1}" if again else name

    def _row(self, clock: "_Clock") -> dict[str, Any]:
        curves = self.recorder.curves
        metric = "val_accuracy" if "val_accuracy" in curves.history else "accuracy"
        best = curves.best(metric) if curves.num_epochs else None
        return {
            **{"name": curves.name, "epochs": curves.num_epochs, "ended": curves.ended, "seconds": sum(clock.seconds)},
            **{"num_learning": count_size(self.model.trainable_weights), "best": best and vars(best)},
        }


class _Clock(keras.callbacks.Callback):
    """Seconds of each epoch. The first one traces the graph: the quickest is what an epoch costs from now on."""

    def on_train_begin(self, logs=None) -> None:
        self.seconds: list[float] = []
        self._last = time.monotonic()

    def on_epoch_end(self, epoch, logs=None) -> None:
        now = time.monotonic()
        self.seconds.append(now - self._last)
        self._last = now
