"""Which layers the loss of each task reaches: a trunk is what all of them reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_08_two_tasks.shown import SECOND_HEADS
from tlkit.exercises.trials import Untouched, draws, mixed, random_names

__all__ = ["REACHED"]


@dataclass
class _Case:
    """A model from `(batch, num_features)` to logits of each task, rows for it, and the layers that a loss reaches."""

    model: keras.Model
    features: np.ndarray
    truth: dict[str, set[str]]


def _dense(size: int, name: str, **options) -> keras.layers.Layer:
    return keras.layers.Dense(size, name=name, bias_initializer="random_normal", **options)


def _draw(rng: np.random.Generator, kind: str) -> _Case:
    """Two or three tasks that share a trunk, or have one each, or sit upon each other, or share a frozen trunk."""
    number = int(rng.integers(2, 4))
    first, second, *names = random_names(2 + 2 * number, rng)
    tasks, own = names[:number], names[number:]
    size, width = int(rng.integers(2, 5)), int(rng.integers(3, 6))
    inputs = keras.Input((size,))
    x = _dense(width, first, activation="tanh", trainable=kind != "frozen")(inputs)
    x = _dense(width, second, activation="tanh")(x)
    outputs, truth = {}, {}
    for i, task in enumerate(tasks):
        shared = {second} if kind == "frozen" else {first, second}
        if kind == "apart":
            x, shared = _dense(width, own[i], activation="tanh")(inputs), {own[i]}
        if kind == "chained" and i:
            x, shared = outputs[tasks[i - 1]], truth[tasks[i - 1]]
        outputs[task], truth[task] = _dense(int(rng.integers(2, 5)), task)(x), shared | {task}
    model = keras.Model(inputs, {task: outputs[task] for task in mixed(tasks, rng)})
    return _Case(model, rng.normal(size=(int(rng.integers(4, 9)), size)).astype("float32"), truth)


def _said(reached: Callable, case: _Case) -> dict[str, set[str]]:
    untouched = Untouched(case.model)
    received = held(reached(case.model, case.features.copy()))
    untouched.require("Look at the gradients, and take no step.")
    example = f"Return a list of names of layers for each task, as `{{{next(iter(case.truth))!r}: ['dense']}}`."
    fine = isinstance(received, dict) and set(received) == set(case.truth)
    require(fine, f"{example} Received: {in_words(received)}.")
    lists = all(isinstance(value, list | tuple | set) for value in received.values())
    require(lists, f"{example} Received: {in_words(received)}.")
    known = {layer.name for layer in case.model.layers}
    names = [name for value in received.values() for name in value]
    strange = [name for name in names if not isinstance(name, str) or name not in known]
    require(not strange, f"Name layers, as `layer.name` does. Received: {in_words(strange)}.")
    return {task: set(value) for task, value in received.items()}


def _expect(reached: Callable, rng: np.random.Generator, kind: str, why: str) -> None:
    case = _draw(rng, kind)
    received = _said(reached, case)
    for task, truth in case.truth.items():
        told = f"The loss of {task!r} reaches {sorted(truth)}. Received: {sorted(received[task])}."
        require(received[task] == truth, f"{told} {why}")


def heads_share_a_trunk(reached):
    """The trunk is reached by all losses, and each head by its own."""
    for rng in draws(4):
        why = "The trunk is on the way of all losses, and a head is on the way of its own task's only."
        _expect(reached, rng, "shared", why)


def trunks_may_be_apart(reached):
    """Two networks side by side in one model share nothing."""
    for rng in draws(3):
        for kind in mixed(["apart", "shared"], rng):
            _expect(reached, rng, kind, "That layers are in one model does not make them shared: ask the gradients.")


def a_task_may_sit_upon_another(reached):
    """A head on top of another head reaches that head, too."""
    for rng in draws(3):
        for kind in mixed(["chained", "shared"], rng):
            _expect(reached, rng, kind, "A head that gets what another head says also teaches that other head.")


def frozen_layers_are_not_taught(reached):
    """A frozen layer is reached by no loss."""
    for rng in draws(3):
        for kind in mixed(["frozen", "shared"], rng):
            _expect(reached, rng, kind, "A layer that is not trainable gets no gradient, and learns from no task.")


def reconciles_the_second_head(gains, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(gains, float)
    require(values.ndim == 1 and len(values) > 1, "`gains` must hold one difference for each seed.")
    return (
        f"You predicted {prediction!r}. In your runs, the second head changes it by {100 * values.mean():+.1f} points."
    )


REACHED = Exercise(
    id="8.1",
    title="What a loss reaches",
    points=3,
    prediction=one_of(*SECOND_HEADS),
    given={"gains": lambda rng: rng.normal(0, 0.02, 20)},
    hints=(
        "Within a `tf.GradientTape`, call the model; any loss of a task's logits will do, as their sum.",
        "`tape.gradient(loss, model.trainable_variables)` gives `None` for a weight that the loss does not reach.",
        "Go through `model.layers`, and keep those with a trainable weight whose gradient is not `None`.",
    ),
    properties=(
        heads_share_a_trunk,
        trunks_may_be_apart,
        a_task_may_sit_upon_another,
        frozen_layers_are_not_taught,
        reconciles_the_second_head,
    ),
)
