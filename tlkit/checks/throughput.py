"""Checks of lesson 4 on what must stay right when it becomes fast: the pipeline, 16 bits, shards of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tlkit.checks.costs import measured_numbers
from tlkit.checks.exercise import require, shared_trial
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import CountingImages, hidden_rng

__all__ = [
    "DEVICE_TIMES",
    "SPEEDS",
    "a_good_step_keeps_the_scale",
    "an_overflow_is_skipped",
    "augments_anew",
    "divides_by_the_scale",
    "draws_a_new_order",
    "each_device_has_its_say",
    "every_image_once",
    "larger_shards_count_more",
    "reads_each_image_once",
    "reconciles_the_bits",
    "reconciles_the_devices",
    "small_gradients_survive",
    "weights_stay_apart",
]

SPEEDS = ("faster", "about as fast", "slower")
DEVICE_TIMES = ("about half the time", "about the same time", "clearly longer")
NUM_IMAGES = 21

# --- 4.2 The order of a pipeline


@shared_trial
def _epochs(fast_batches: Callable) -> tuple[CountingImages, list[list[tuple[np.ndarray, np.ndarray]]]]:
    """Three passes over the learner's batches, and the images that know how often they were read."""
    images = CountingImages(NUM_IMAGES, 1, hidden_rng())
    augment = keras.Sequential([keras.layers.RandomBrightness(0.004, value_range=(0, 255))])
    dataset = fast_batches(images.dataset.unbatch(), augment)
    require(isinstance(dataset, tf.data.Dataset), f"Return a `tf.data.Dataset`. Received: {type(dataset).__name__}.")
    return images, [[(np.asarray(x), np.asarray(y)) for x, y in dataset] for _ in range(3)]


def _pass(batches: list[tuple[np.ndarray, np.ndarray]], images: CountingImages) -> tuple[list[int], np.ndarray]:
    """Number and grey of each image of a pass, in their order. Greys lie 12 apart; augmenting moves them by 1."""
    for x, y in batches:
        fine = x.ndim == 4 and len(x) == len(y) <= 8
        require(fine, f"Return batches of 8 images with their labels. Received shapes {x.shape} and {y.shape}.")
    greys = np.concatenate([x.reshape(len(x), -1).mean(axis=1) for x, _ in batches])
    own = np.array([images.image_of(number).mean() for number in range(NUM_IMAGES)])
    return [int(np.abs(own - grey).argmin()) for grey in greys], greys


def reads_each_image_once(fast_batches):
    """Three epochs read each image from the disk once."""
    images, _ = _epochs(fast_batches)
    message = f"In three epochs an image was read {images.reads.max()} times. Reading is what takes long here: "
    require(images.reads.max() <= 1, message + "`cache` right after it keeps what was read.")


def augments_anew(fast_batches):
    """Each epoch shows other pixels of the same image."""
    images, epochs = _epochs(fast_batches)
    passes = [_pass(batches, images) for batches in epochs[:2]]
    first, second = (dict(zip(numbers, greys, strict=True)) for numbers, greys in passes)
    shared = set(first) & set(second)
    same = sum(abs(first[number] - second[number]) < 1e-6 for number in shared)
    message = f"{same} of {len(shared)} images had the very same pixels in two epochs: fast, and wrong. What is random "
    require(same <= len(shared) // 2, message + "comes after `cache`.")


def draws_a_new_order(fast_batches):
    """Each epoch has an order of its own."""
    images, epochs = _epochs(fast_batches)
    orders = [_pass(batches, images)[0] for batches in epochs[1:]]
    message = "Two epochs came in the same order: `cache` keeps the order, too, in which it was filled. Shuffle after "
    require(orders[0] != orders[1], message + "it.")


def every_image_once(fast_batches):
    """Each epoch has every image once, with its own label."""
    images, epochs = _epochs(fast_batches)
    numbers, _ = _pass(epochs[1], images)
    missing = NUM_IMAGES - len(set(numbers))
    message = f"{missing} of {NUM_IMAGES} images were missing from an epoch, in batches of 8. Is the last one dropped?"
    require(not missing and len(numbers) == NUM_IMAGES, message)
    labels = np.concatenate([y for _, y in epochs[1]])
    require(np.array_equal(labels, images.labels[numbers]), "Labels and images of a pair were parted.")


# --- 4.4 Sixteen bits


def _unscaled(unscale: Callable, half: np.ndarray, scale: float) -> tuple[np.ndarray | None, float]:
    received = unscale(half, scale)
    pair = isinstance(received, (tuple, list)) and len(received) == 2
    require(pair, "Return two things: the gradients (or `None`), and the scale of the next step.")
    gradients, next_scale = received
    return None if gradients is None else np.asarray(gradients, "float64"), float(np.asarray(next_scale))


def _draw_gradients(low: float, high: float) -> np.ndarray:
    rng = hidden_rng()
    return rng.choice([-1, 1], 20) * 10 ** rng.uniform(math.log10(low), math.log10(high), 20)


def _expect_gradients(unscale: Callable, true: np.ndarray, scale: float, message: str) -> None:
    half = (true * scale).astype("float16")
    received, _ = _unscaled(unscale, half, scale)
    require(received is not None, "Every gradient was finite, and the step was skipped all the same.")
    require(np.shape(received) == true.shape, f"20 gradients came back in shape {np.shape(received)}.")
    require(received is not None and np.allclose(received, true, rtol=2e-3, atol=0), message)


def divides_by_the_scale(unscale, bits):
    """The optimizer gets the gradients of the loss, not of the scaled loss."""
    message = "Gradients between 0.01 and 1 came back with the wrong size: divide by `scale`, or each step is "
    _expect_gradients(unscale, _draw_gradients(0.01, 1), 1024.0, message + "`scale` times too long.")


def small_gradients_survive(unscale, bits):
    """Gradients that float16 alone would lose come through."""
    message = "Gradients of about 1e-8 were 0 or coarse after the division: they fit into float16 only while scaled. "
    _expect_gradients(unscale, _draw_gradients(1e-8, 2e-8), 2.0**15, message + "Turn to float32 first, then divide.")


def an_overflow_is_skipped(unscale, bits):
    """A step with an overflow is left out, and the next one has half the scale."""
    for bad in hidden_rng().permutation([np.inf, -np.inf, np.nan]):
        half = np.array([1.0, bad, 2.0], "float16")
        received, next_scale = _unscaled(unscale, half, 4096.0)
        message = f"One scaled gradient was {bad}: too large for float16, so the true value is lost. Return `None`, and"
        require(received is None, f"{message} no gradients at all: clipping or replacing it would invent a direction.")
        require(next_scale == 2048.0, f"{message} half of the scale, 2048. Received {next_scale:g}.")


def a_good_step_keeps_the_scale(unscale, bits):
    """A step without overflow keeps the scale."""
    scale = float(2 ** int(hidden_rng().integers(5, 12)))
    _, next_scale = _unscaled(unscale, np.array([0.5, -2.0], "float16"), scale)
    require(next_scale == scale, f"All gradients were finite at scale {scale:g}; the next was {next_scale:g}. Keep it.")


def reconciles_the_bits(unscale, bits):
    """You predicted first."""
    guess = locked_prediction("4.4")
    single, half = measured_numbers(bits, ("float32", "mixed_float16"), "bits", "seconds of a step, by precision")
    ratio = half / single
    measured = SPEEDS[0] if ratio < 0.8 else SPEEDS[1] if ratio <= 1.25 else SPEEDS[2]
    return f"You predicted {guess!r}; measured here: a step in float16 took {ratio:.1f} times as long, {measured!r}."


# --- 4.6 Shards of a batch


def _draw_shards(sizes: list[int]) -> tuple[list[list[np.ndarray]], list[np.ndarray]]:
    """Gradients of a linear model on each shard, and on all images at once; of its kernel and its bias.

    The loss is the mean of squared errors: x is (n, 4), the kernel (4, 3), the bias (3,).
    """
    rng = hidden_rng()
    x, y = rng.normal(size=(sum(sizes), 4)), rng.normal(size=(sum(sizes), 3))
    kernel, bias = rng.normal(size=(4, 3)), rng.normal(size=3)

    def gradients(rows: slice) -> list[np.ndarray]:
        error = 2 * (x[rows] @ kernel + bias - y[rows]) / len(x[rows])
        return [x[rows].T @ error, error.sum(axis=0)]

    ends = np.cumsum(sizes)
    shards = [gradients(slice(end - size, end)) for size, end in zip(sizes, ends, strict=True)]
    return shards, gradients(slice(None))


def _expect_combined(combine: Callable, sizes: list[int], message: str) -> None:
    shards, truth = _draw_shards(sizes)
    received = combine(shards, sizes)
    listed = isinstance(received, (list, tuple)) and len(received) == 2
    require(listed, "The model has a kernel and a bias: return a list of two gradients, one a weight.")
    shapes = [np.shape(gradient) for gradient in received]
    told = f"A kernel (4, 3) and a bias (3,) came back as {shapes}: combine the same weight across devices."
    require(shapes == [(4, 3), (3,)], told)
    pairs = zip(received, truth, strict=True)
    fine = all(np.allclose(np.asarray(got, float), want, rtol=1e-4, atol=1e-6) for got, want in pairs)
    require(fine, f"{len(sizes)} devices with {sizes} images: not the gradient of all {sum(sizes)}. {message}")


def weights_stay_apart(combine, devices):
    """One gradient for each weight, in the weight's own shape."""
    shards, _ = _draw_shards([4])
    received = combine(shards, [4])
    fine = isinstance(received, (list, tuple)) and [np.shape(one) for one in received] == [(4, 3), (3,)]
    require(fine, "One device with a kernel (4, 3) and a bias (3,) must give back two gradients of these shapes.")
    same = fine and all(
        np.allclose(np.asarray(got, float), want) for got, want in zip(received, shards[0], strict=True)
    )
    require(same, "One device alone: its gradients are the answer as they are.")


def each_device_has_its_say(combine, devices):
    """Equal shards: the mean of the devices."""
    for count in (2, 3):
        shards, _ = _draw_shards([5] * count)
        first = np.asarray(combine(shards, [5] * count)[0], float)
        is_sum = np.allclose(first, np.sum([shard[0] for shard in shards], axis=0))
        require(not is_sum, f"A sum over {count} devices makes each step {count} times too long: take the mean.")
        _expect_combined(combine, [5] * count, "Each device saw a part of the images only: all have a say.")


def larger_shards_count_more(combine, devices):
    """Unequal shards count by their images."""
    message = "The last batch is seldom even: weigh each device's gradient by its number of images."
    _expect_combined(combine, [7, 1], message)
    _expect_combined(combine, [2, 3, 9], message)


def reconciles_the_devices(combine, devices):
    """You predicted first."""
    guess = locked_prediction("4.6")
    one, two = measured_numbers(devices, ("one device", "two devices"), "devices", "seconds of an epoch, as measured")
    ratio = two / one
    measured = DEVICE_TIMES[0] if ratio < 0.75 else DEVICE_TIMES[1] if ratio <= 1.33 else DEVICE_TIMES[2]
    return f"You predicted {guess!r}; measured here: the epoch took {ratio:.1f} times as long on two, {measured!r}."
