"""How many of a network's parameters are trainable."""

from __future__ import annotations

import functools
from collections.abc import Callable

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.checks.prediction import percent
from tlkit.checks.received import one_number
from tlkit.exercises.toys import hidden_rng, tiny_classifier
from tlkit.exercises.trials import Untouched, draws, mixed, slip

__all__ = ["TRAINABLE_SHARE"]


def _share(model: keras.Model) -> float:
    total = sum(int(np.prod(weight.shape)) for weight in model.weights)
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) / total


def _expect_share(trainable_share: Callable, model: keras.Model, message: str) -> None:
    """Expect the share of the model as it was before the answer had it."""
    truth, before = _share(model), Untouched(model)
    received = one_number(trainable_share(model), "a share")
    message = slip(received, [(100 * truth, "A share lies in [0, 1]: don't multiply by 100.")], message)
    require(abs(received - truth) < 1e-6, f"{message} Received {received:.4f}; the share is {truth:.4f}.")
    before.require("Counting only looks.")


def counts_numbers(trainable_share):
    """It counts numbers, not arrays or layers."""
    for rng in draws(2):
        rows, columns = int(rng.integers(5, 10)), int(rng.integers(30, 50))
        layers = [keras.layers.Dense(columns), keras.layers.Dense(int(rng.integers(2, 9)), name="head")]
        model = keras.Sequential([keras.Input((rows,)), *layers])
        model.layers[0].trainable = False
        _expect_share(
            trainable_share,
            model,
            f"A kernel of {rows} x {columns} has {rows * columns} parameters, not one. Multiply out each "
            "shape, and divide by *all* parameters.",
        )


@shared_trial
def _classifiers() -> list[keras.Model]:
    """Two networks for all properties: building takes longer than counting."""
    rng = hidden_rng()
    widths = mixed(range(4, 10), rng)[:2]
    return [tiny_classifier(rng, width=width, num_classes=int(rng.integers(2, 9))) for width in widths]


def statistics_do_not_learn(trainable_share):
    """BatchNorm's moving statistics are not counted as trainable."""
    for model in _classifiers():
        model.trainable = True
        _expect_share(
            trainable_share,
            model,
            "With nothing frozen, the share is still below 1: two of BatchNorm's four vectors are moving "
            "statistics, which no gradient reaches. `trainable_weights` leaves them out.",
        )


def the_last_word_counts(trainable_share):
    """A layer that is unfrozen inside a frozen model is trainable."""
    for model in _classifiers():
        model.get_layer("tiny").trainable = False
        model.get_layer("tiny").get_layer("conv").trainable = True
        _expect_share(
            trainable_share,
            model,
            "`tiny` was frozen, and then its `conv` was unfrozen. In Keras 3, each weight has its own flag, so the "
            "convolution learns. Ask the whole model for its `trainable_weights`.",
        )


def reconciles_the_share(prediction):
    """You predicted first."""
    return (
        f"You predicted {prediction:.0f} %. The first half of the layers holds {_frozen():.0f} % of the trainable "
        "parameters."
    )


@functools.cache
def _frozen() -> float:
    model = keras.applications.MobileNetV3Small(input_shape=(64, 64, 3), include_top=False, weights=None)
    everything = _share(model)
    for layer in model.layers[: len(model.layers) // 2]:
        layer.trainable = False
    return 100 * (1 - _share(model) / everything)


TRAINABLE_SHARE = Exercise(
    id="1.1",
    title="How much of the network learns?",
    points=2,
    prediction=percent,
    hints=(
        "Everything that learns is in `model.trainable_weights`; everything there is is in `model.weights`.",
        "A weight is an array: its number of parameters is the product of its shape, `np.prod(weight.shape)`.",
        "Take the sum over `trainable_weights`, and divide it by the sum over `weights`.",
    ),
    properties=(counts_numbers, statistics_do_not_learn, the_last_word_counts, reconciles_the_share),
)
