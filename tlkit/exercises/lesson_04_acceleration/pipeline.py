"""What must stay correct when a pipeline becomes fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.checks.held import in_words
from tlkit.exercises.toys import CountingImages, hidden_rng
from tlkit.exercises.trials import first_elements

__all__ = ["PIPELINE"]

NOISE = 1.0  # of the augmentation, in grey levels of a pixel


class _Epochs(NamedTuple):
    """The images, which know how often they were read, and three passes over the learner's batches."""

    images: CountingImages
    own: np.ndarray
    passes: list[list[tuple[np.ndarray, np.ndarray]]]


@shared_trial
def _epochs(fast_batches: Callable) -> _Epochs:
    rng = hidden_rng()
    num_images = 8 * int(rng.integers(2, 4)) + int(rng.integers(2, 7))  # never whole batches
    images = CountingImages(num_images, 1, rng)
    own = np.stack([images.image_of(number) for number in range(num_images)])
    augment = keras.Sequential([keras.layers.GaussianNoise(NOISE)])
    dataset = fast_batches(images.dataset.unbatch(), augment)
    require(isinstance(dataset, tf.data.Dataset), f"Return a `tf.data.Dataset`. Received: {in_words(dataset)}.")
    spec = dataset.element_spec
    pairs = isinstance(spec, tuple) and len(spec) == 2 and spec[0].shape.rank == 4
    require(pairs, f"Return batches of 8 images with their labels. Received elements {in_words(spec)}.")
    endless = f"{num_images} images gave more than {num_images} batches: does it `repeat`? One pass is one epoch."
    return _Epochs(images, own, [first_elements(dataset, num_images, endless) for _ in range(3)])


def _numbers(epochs: _Epochs, row: int) -> list[int]:
    """The number of each image in a pass, in order. Greys are at least 4 apart; augmenting moves them by far less."""
    for x, y in epochs.passes[row]:
        require(len(x) == len(y) <= 8, f"Return batches of 8 images with their labels. Received {len(x)} and {len(y)}.")
    require(epochs.passes[row], "An epoch had no batch at all.")
    greys, own = (part.mean(axis=(1, 2, 3)) for part in (_pixels(epochs, row), epochs.own))
    distances = np.abs(greys[:, None] - own)
    require(distances.min(axis=1).max() < 2, "Some pictures are none of the dataset's, not even augmented.")
    return distances.argmin(axis=1).tolist()


def _pixels(epochs: _Epochs, row: int) -> np.ndarray:
    return np.concatenate([x for x, _ in epochs.passes[row]]).astype(float)


def reads_each_image_once(fast_batches):
    """Three epochs read each image from the disk once."""
    reads = _epochs(fast_batches).images.reads
    require(
        reads.max() <= 1,
        f"In three epochs, an image was read {reads.max()} times. Reading is the slow part "
        "here: `cache` right after it keeps what was read.",
    )
    require(reads.min() == 1, "Some images were never read.")


def augments_anew(fast_batches):
    """Each epoch shows different pixels of the same image."""
    epochs = _epochs(fast_batches)
    found = [dict(zip(_numbers(epochs, row), _pixels(epochs, row), strict=True)) for row in (0, 1)]
    plain = [np.abs(pixels - epochs.own[number]).max() < 1e-3 for one in found for number, pixels in one.items()]
    require(
        not any(plain),
        f"{sum(plain)} of {len(plain)} images came without any augmentation: `augment` is random only if it is called "
        "with `training=True`.",
    )
    shared = set(found[0]) & set(found[1])
    same = sum(np.abs(found[0][number] - found[1][number]).max() < 1e-3 for number in shared)
    require(
        shared and not same,
        f"{same} of {len(shared)} images had the very same pixels in two epochs: fast, but wrong. "
        "Random steps come after `cache`.",
    )
    moved = np.mean([np.std(pixels - epochs.own[number]) for one in found for number, pixels in one.items()])
    require(0.7 * NOISE < moved < 1.3 * NOISE, "The pixels changed otherwise than `augment` changes them: use it once.")


def draws_a_new_order(fast_batches):
    """Each epoch has an order of its own, mixed over all images."""
    epochs = _epochs(fast_batches)
    orders = [_numbers(epochs, row) for row in range(3)]
    require(
        orders[1] != orders[2],
        "Two epochs came in the same order: `cache` also keeps the order in which it was filled. Shuffle after it.",
    )
    ends = [np.cumsum([len(x) for x, _ in one])[:-1] for one in epochs.passes]
    groups = [{frozenset(part.tolist()) for part in np.split(*pair)} for pair in zip(orders, ends, strict=True)]
    require(
        len(groups[1] & groups[2]) < 2,
        "The same images met in the same batches again: shuffle single images, before they are batched.",
    )
    ranks = [np.argsort(order) for order in orders]
    alike = np.mean([np.corrcoef(ranks[row], ranks[row + 1])[0, 1] for row in (0, 1)])
    require(
        alike < 0.7,
        "Each epoch's order is nearly that of the epoch before: `shuffle` mixes only within its buffer, so let the "
        "buffer hold all images.",
    )


def every_image_once(fast_batches):
    """Each epoch contains every image once, with its own label, in batches of 8."""
    epochs = _epochs(fast_batches)
    num_images = len(epochs.own)
    for row in range(3):
        numbers = _numbers(epochs, row)
        missing = num_images - len(set(numbers))
        require(
            not missing and len(numbers) == num_images,
            f"{missing} of {num_images} images were missing from an epoch in batches of 8. Is the last batch dropped?",
        )
        sizes = [len(x) for x, _ in epochs.passes[row]]
        require(set(sizes[:-1]) == {8}, f"Return batches of 8, only the last one smaller. Received sizes {sizes}.")
        labels = np.concatenate([y for _, y in epochs.passes[row]])
        parted = "Images came with the wrong labels: keep pairs together."
        require(np.array_equal(labels, epochs.images.labels[numbers]), parted)


PIPELINE = Exercise(
    id="4.2",
    title="The order of a pipeline",
    points=2,
    hints=(
        "Steps that are slow and always the same come before `cache`; random steps come after it.",
        "Slow: reading. Random: the order and the augmentation. `augment(x, training=True)` takes whole batches.",
        "`dataset.cache().shuffle(1000).batch(8).map(lambda x, y: (augment(x, training=True), y)).prefetch(2)`.",
    ),
    properties=(
        reads_each_image_once,
        augments_anew,
        draws_a_new_order,
        every_image_once,
    ),
)
