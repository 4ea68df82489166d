"""What training moves."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import CheckFailed, Exercise, require, shared_trial
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_02_fine_tuning.shown import CONFIGURATIONS, MOVES, kind_of_moves
from tlkit.exercises.lesson_02_fine_tuning.weights import arrays_of, differences
from tlkit.exercises.toys import deep_classifier, quiet_tracing, tiny_batch
from tlkit.exercises.trials import draws, mixed, twin
from tlkit.freezing import audit

__all__ = ["WHAT_MOVES"]

MOST_ARRAYS = 40


@dataclass
class _Count:
    """What an answer counted, the truth, what is special about the network, and arrays that it left changed."""

    received: tuple[int, int]
    truth: tuple[int, int]
    what: str
    left: list[str]


@quiet_tracing()
def _count(what_moves: Callable, model: keras.Model, batch: tuple, what: str) -> _Count:
    truth, before = _moved(twin(model), batch), arrays_of(model)
    message = "Return two numbers: how many arrays that are no statistics moved, how many statistics."
    weights, statistics = numbers_of(what_moves(model, *batch), (2,), message)
    left = [name for name, change in differences(model, before).items() if change]
    return _Count((int(weights), int(statistics)), truth, what, left)


def _moved(model: keras.Model, batch: tuple) -> tuple[int, int]:
    """The truth: an epoch in steps that are not traced, which would take longer than they do."""
    before = arrays_of(model)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    model.fit(*batch, verbose=0)
    moved = [name.split("/")[-1].startswith("moving_") for name, change in differences(model, before).items() if change]
    return moved.count(False), moved.count(True)


@shared_trial
def _both(what_moves: Callable) -> list[_Count]:
    """Of two networks with different numbers of BatchNorm layers that learn: one sees a bright image late, one none."""
    found = []
    for rng in draws(1):
        for lit, learning in zip(mixed((1, 0), rng), mixed((1, 2, 3), rng)[:2], strict=True):
            images, labels = tiny_batch(rng, int(rng.integers(67, 75)))
            images = images // 8
            images[len(images) - lit :] += 200
            what = f"{len(images)} images, of which {lit} are bright, and {learning} of 3 BatchNorm layers learning"
            found.append(_count(what_moves, _network(rng, learning), (images, labels), what))
    return found


def _network(rng: np.random.Generator, learning: int) -> keras.Model:
    """A classifier with three BatchNorm layers, of which some learn, very slowly, and some small layers that do.

    The input of its layer `light` is 0 unless an image is bright; the output of its layer `dead` counts for nothing.
    """
    image = keras.Input((8, 8, 3))
    scaled = keras.layers.Rescaling(1 / 32)(image)  # dark images are in [0, 1], bright ones above 6
    mean = keras.layers.GlobalAveragePooling2D()(scaled)
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(4)(scaled))
    for number in range(3):
        norm = keras.layers.BatchNormalization(momentum=0.99999, name=f"bn_{number}", trainable=number < learning)
        x = keras.layers.ReLU()(norm(keras.layers.Dense(3, use_bias=False, name=f"dense_{number}")(x)))
    light = keras.layers.Dense(2, use_bias=False, name="light")(keras.layers.ReLU(threshold=3.0)(mean))
    dead = keras.layers.Rescaling(0.0)(keras.layers.Dense(2, use_bias=bool(rng.integers(2)), name="dead")(mean))
    num_more = int(rng.integers(MOST_ARRAYS))  # arrays, in two a layer, so that nobody guesses how many there are
    biases = [*[True] * (num_more // 2), *[False] * (num_more % 2)]
    more = [keras.layers.Dense(1, use_bias=bias, name=f"more_{row}")(mean) for row, bias in enumerate(biases)]
    parts = keras.layers.Concatenate()([x, light, dead, *more])
    model = keras.Model(image, keras.layers.Dense(3, name="head")(parts))
    model.set_weights([rng.uniform(0.5, 1.5, weight.shape).astype("float32") for weight in model.weights])
    # Without these, the class of a bright image would be so certain that it teaches nothing.
    for name, factor in {"dense_0": 0.4, "dense_1": 0.4, "dense_2": 0.4, "light": 0.1, "head": 0.1}.items():
        kernel = model.get_layer(name).kernel
        kernel.assign(kernel * factor)
    return model


def counts_what_moved(what_moves):
    """It counts what moved, not what was allowed to move."""
    for count in _both(what_moves):
        fewer = count.truth[0] - count.received[0]
        require(
            fewer in (0, 1),  # 1: without the layer for bright images, which another property asks for
            f"With {count.what}, {count.truth[0]} arrays move that are no statistics; received {count.received[0]}. "
            "A layer that is flagged as trainable may get no gradient: compare each array before and after a `fit`.",
        )


def statistics_apart(what_moves):
    """BatchNorm's statistics are counted separately, however little they move."""
    for count in _both(what_moves):
        require(
            count.received[1] == count.truth[1],
            f"With {count.what}, {count.truth[1]} statistics move; received {count.received[1]}. Statistics are those "
            "whose names begin with `moving_`, and an array has moved if any number in it differs at all.",
        )


def trains_on_all_images(what_moves):
    """It trains for a whole epoch, on all images."""
    for count in _both(what_moves):
        require(
            count.received == count.truth,
            f"With {count.what}, and a layer that learns from bright images only, {count.truth[0]} arrays and "
            f"{count.truth[1]} statistics move; received {count.received[0]} and {count.received[1]}. Train on all "
            "images, for one epoch.",
        )


def leaves_no_trace(what_moves):
    """The model's weights are as they were, statistics included, after an audit that really trained."""
    for count in _both(what_moves):
        require(
            count.received[1] == count.truth[1], "The statistics that move in a training are not those you counted."
        )
        require(
            not count.left,
            f"After your audit, {len(count.left)} arrays differ, such as `{count.left[0] if count.left else ''}`. An "
            "audit that trains must put back what it found. `model.set_weights(before)` does that.",
        )


def reconciles_the_moves(prediction):
    """You predicted first, for six configurations."""
    truth = true_moves()
    wrong = [f"{name}: {truth[name]}" for name in CONFIGURATIONS if prediction[name] != truth[name]]
    told = f" With this version of Keras, {'; '.join(wrong)}." if wrong else ""
    return f"You predicted {len(truth) - len(wrong)} of {len(truth)} configurations correctly.{told}"


@functools.cache
@quiet_tracing()
def true_moves() -> dict[str, str]:
    """Return what moves in each configuration of a small network, measured once: it depends only on Keras."""
    rng = np.random.default_rng(0)
    batch = tiny_batch(rng)
    found = {make: kind_of_moves(audit(_set_up(make, rng, batch), batch)) for make in set(_STEPS.values())}
    return {letter: found[make] for letter, make in _STEPS.items()}


def _set_up(make: Callable, rng: np.random.Generator, batch: tuple) -> keras.Model:
    model = deep_classifier(rng, kind="nested", depth=2)
    make(model, model.get_layer("tiny"), batch)
    return model


def _compile(model: keras.Model) -> None:
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _all(model, backbone, batch) -> None:
    _compile(model)


def _frozen(model, backbone, batch) -> None:
    backbone.trainable = False
    _compile(model)


def _batchnorm_frozen(model, backbone, batch) -> None:
    for layer in backbone.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    _compile(model)


def _unheard(model, backbone, batch) -> None:
    _frozen(model, backbone, batch)
    model.fit(*batch, verbose=0)
    backbone.trainable = True


def _late(model, backbone, batch) -> None:
    _compile(model)
    backbone.trainable = False


# The toy's backbone is always called with training=False: in C that changes nothing, which is the point of C.
_STEPS = {"A": _all, "B": _frozen, "C": _all, "D": _batchnorm_frozen, "E": _unheard, "F": _late}


def _six_moves(answer: object) -> None:
    if not isinstance(answer, dict) or set(answer) != set(CONFIGURATIONS) or not set(answer.values()) <= set(MOVES):
        msg = f"The prediction gives each of {list(CONFIGURATIONS)} one of {list(MOVES)}. Received: {answer!r}."
        raise CheckFailed(msg)


WHAT_MOVES = Exercise(
    id="2.1",
    title="What moves?",
    points=3,
    prediction=_six_moves,
    hints=(
        "Save the weights, train for one epoch, compare each array with what you saved, and put everything back.",
        "`model.get_weights()` gives copies in the order of `model.weights`; each weight has a `name`.",
        "`before = model.get_weights()`; compile and fit; `moved = [(w.name, not np.array_equal(w.numpy(), old)) "
        "for w, old in zip(model.weights, before)]`; `model.set_weights(before)`; count.",
    ),
    properties=(
        counts_what_moved,
        statistics_apart,
        trains_on_all_images,
        leaves_no_trace,
        reconciles_the_moves,
    ),
)
