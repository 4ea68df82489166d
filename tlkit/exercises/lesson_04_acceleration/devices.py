"""A batch in shards on several devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_04_acceleration.measured import draw_numbers, measured_numbers
from tlkit.exercises.lesson_04_acceleration.shown import DEVICE_TIMES
from tlkit.exercises.trials import draws, mixed

__all__ = ["SHARDS"]


class _Shards(NamedTuple):
    """The gradients of each shard, those of all images at once, and the sizes."""

    gradients: list[list[np.ndarray]]
    truth: list[np.ndarray]
    sizes: list[int]


def _draw_shards(rng: np.random.Generator, sizes: list[int], *, resting: int = -1) -> _Shards:
    """Gradients of a linear model's kernel and bias, on each shard and on all images at once.

    The loss is the mean squared error; x is (n, inputs), the kernel is (inputs, outputs), the bias is (outputs,).
    The targets of the device `resting` are met exactly, so that its gradients are 0.
    """
    inputs, outputs = int(rng.integers(2, 6)), int(rng.integers(2, 6))
    x, kernel, bias = (
        rng.normal(size=(sum(sizes), inputs)),
        rng.normal(size=(inputs, outputs)),
        rng.normal(size=outputs),
    )
    y = rng.normal(size=(sum(sizes), outputs))
    rows = [slice(end - size, end) for size, end in zip(sizes, np.cumsum(sizes), strict=True)]
    if resting >= 0:
        y[rows[resting]] = x[rows[resting]] @ kernel + bias

    def gradients(rows: slice) -> list[np.ndarray]:
        error = 2 * (x[rows] @ kernel + bias - y[rows]) / len(x[rows])
        return [x[rows].T @ error, error.sum(axis=0)]

    return _Shards([gradients(one) for one in rows], gradients(slice(None)), sizes)


def _expect_combined(combine: Callable, shards: _Shards, message: str) -> None:
    gradients, truth, sizes = shards
    received = combine(gradients, sizes)
    listed = isinstance(received, (list, tuple)) and len(received) == len(truth)
    require(listed, "The model has a kernel and a bias: return a list of two gradients, one per weight.")
    wanted = [part.shape for part in truth]
    shapes = f"A kernel {wanted[0]} and a bias {wanted[1]}: combine the gradients of the same weight across devices."
    own = [numbers_of(part, shape, shapes) for part, shape in zip(received, wanted, strict=True)]
    sums = [np.sum(parts, axis=0) for parts in zip(*gradients, strict=True)]
    is_sum = len(sizes) > 1 and all(close(got, sum_) for got, sum_ in zip(own, sums, strict=True))
    require(not is_sum, f"A sum over {len(sizes)} devices makes the step too long, about {len(sizes)} times. {MEAN}")
    fine = all(close(got, want, rtol=1e-4, atol=1e-6) for got, want in zip(own, truth, strict=True))
    told = f"{len(sizes)} devices with {sizes} images did not give the gradient of all {sum(sizes)} images."
    require(fine, f"{told} {message}")


MEAN = "Take the mean."


def weights_stay_apart(combine):
    """There is one gradient per weight, in the weight's own shape."""
    for rng in draws(3):
        shards = _draw_shards(rng, [int(rng.integers(2, 9))])
        _expect_combined(combine, shards, "With a single device, its gradients are the answer, unchanged.")


def each_device_has_its_say(combine):
    """For equal shards, it is the mean over the devices."""
    for rng in draws(3):
        count, size = int(rng.integers(2, 5)), int(rng.integers(3, 9))
        message = "Each device saw only part of the images, so all of them have a say."
        _expect_combined(combine, _draw_shards(rng, [size] * count), message)
        _expect_combined(combine, _draw_shards(rng, [size] * count, resting=int(rng.integers(count))), message)


def larger_shards_count_more(combine):
    """Unequal shards are weighted by their number of images."""
    message = "The last batch rarely divides evenly: weight each device's gradient by its number of images."
    for rng in draws(3):
        sizes = [int(rng.integers(6, 12)), *map(int, rng.integers(1, 5, rng.integers(1, 3)))]
        _expect_combined(combine, _draw_shards(rng, mixed(sizes, rng)), message)
        _expect_combined(combine, _draw_shards(rng, mixed(sizes, rng), resting=0), message)


def reconciles_the_devices(devices, prediction):
    """You predicted first."""
    one, two = measured_numbers(devices, ("one device", "two devices"), "devices", "seconds of an epoch, as measured")
    ratio = two / one
    measured = DEVICE_TIMES[0] if ratio < 0.75 else DEVICE_TIMES[1] if ratio <= 1.33 else DEVICE_TIMES[2]
    return f"You predicted {prediction!r}. Measured here: two devices took {ratio:.1f} times as long, {measured!r}."


SHARDS = Exercise(
    id="4.6",
    title="Shards of a batch",
    points=2,
    prediction=one_of(*DEVICE_TIMES),
    given={"devices": draw_numbers("one device", "two devices")},
    hints=(
        "The loss is a mean over images. How does the mean of the whole follow from the means of its parts?",
        "`zip(*gradients)` gives, for each weight, its gradients from all devices.",
        "For each weight: `np.average(np.stack(parts), axis=0, weights=num_images)`.",
    ),
    properties=(
        weights_stay_apart,
        each_device_has_its_say,
        larger_shards_count_more,
        reconciles_the_devices,
    ),
)
