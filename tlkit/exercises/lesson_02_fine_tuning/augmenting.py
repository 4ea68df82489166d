"""Different pictures in each epoch."""

from __future__ import annotations

from dataclasses import dataclass

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.exercises.toys import SIZE
from tlkit.exercises.trials import draws, first_elements

__all__ = ["SAME_PICTURES"]

BATCH = 32
LEAST, MOST = 0.4, 1.6  # by how much the augmentation makes an image brighter, of 255


@dataclass
class _Epoch:
    """What a pass gave: images' grey before augmentation, how much brighter they came, labels, and sizes of batches.

    `num_strange` images are none of those given, however bright: they lack the pattern that these have in common.
    """

    levels: np.ndarray
    brighter: np.ndarray
    labels: np.ndarray
    sizes: list[int]
    num_strange: int


@shared_trial
def _epochs(training_batches) -> tuple[list[_Epoch], np.ndarray, np.ndarray]:
    """Two passes, the grey level of each image in the order given, and the labels by level."""
    rng = next(draws(1))
    levels = rng.permutation(np.arange(20, 236, 4))[: int(rng.integers(45, 54))]  # each image of a grey of its own
    labels = rng.integers(0, 3, len(levels)).astype("int32")
    pattern = rng.uniform(-8, 8, (SIZE, SIZE, 3))  # which no other draw's images have
    pattern -= pattern.mean()
    images = (levels[:, None, None, None] + pattern).astype("float32")
    factor = (LEAST / 255, MOST / 255)
    augment = keras.Sequential([keras.layers.RandomBrightness(factor, value_range=(0, 255))])
    dataset = training_batches(images, labels, augment)
    epochs = [_epoch(dataset, pattern) for _ in range(2)]
    by_level = np.full(256, -1)
    by_level[levels] = labels
    return epochs, levels, by_level


def _epoch(dataset, pattern: np.ndarray) -> _Epoch:
    batches = first_elements(
        dataset, 60, "A pass gave more than 60 batches of some 50 images: it must end after each has come."
    )
    require(batches, "The dataset is empty.")
    images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    means = images.reshape(len(images), -1).mean(axis=1)
    levels = (np.round(means / 4) * 4).astype(int)
    alike = (images - means[:, None, None, None]).reshape(len(images), -1) @ pattern.ravel() / (pattern**2).sum()
    return _Epoch(levels, means - levels, labels, [len(x) for x, _ in batches], int((alike < 0.5).sum()))


def _are_given(epochs: list[_Epoch]) -> None:
    strange = sum(epoch.num_strange for epoch in epochs)
    require(not strange, f"{strange} pictures of two epochs are none of `images`, brighter or not.")


def augments_anew(training_batches):
    """Each epoch shows different pixels of the same image, as the given layer makes them."""
    epochs, levels, _ = _epochs(training_batches)
    for epoch in epochs:
        plain, strange = (int(found.sum()) for found in (np.abs(epoch.brighter) < 0.01, epoch.brighter < LEAST - 0.01))
        require(
            plain == 0,
            f"{plain} of {len(levels)} images came as they were. Give each of them to `augment`, in training mode: "
            "`augment(x, training=True)`.",
        )
        require(strange == 0, f"{strange} of {len(levels)} images were changed by something else than `augment`.")
    first, second = (dict(zip(epoch.levels, epoch.brighter, strict=True)) for epoch in epochs)
    same = sum(abs(first[level] - second[level]) < 1e-6 for level in set(first) & set(second))
    require(
        same <= len(levels) // 5,
        f"{same} of {len(levels)} images had the very same pixels in two epochs. `cache` keeps everything that "
        "comes before it, so random steps belong after it.",
    )
    _are_given(epochs)


def draws_a_new_order(training_batches):
    """Each epoch has an order of its own, mixed from all images."""
    epochs, levels, _ = _epochs(training_batches)
    _are_given(epochs)
    require(
        not np.array_equal(epochs[0].levels, epochs[1].levels),
        "Two epochs came in the same order. `shuffle` over all images, before `batch`, draws a new order each time.",
    )
    given = {level: place for place, level in enumerate(levels)}
    for epoch in epochs:
        places = np.array([given.get(level, 0) for level in epoch.levels])
        moved = float(np.abs(places - np.arange(len(places))).mean())
        require(
            moved > len(levels) / 6,
            f"On average, an image came {moved:.0f} places from where it was among {len(levels)}. A small buffer mixes "
            "only neighbours: `shuffle(len(images))` mixes all, and before `batch`.",
        )


def every_image_once(training_batches):
    """Each epoch contains every image once, with its own label, in batches of 32."""
    epochs, levels, by_level = _epochs(training_batches)
    _are_given(epochs)
    for epoch in epochs:
        size, distinct = len(epoch.levels), len(set(epoch.levels))
        require(
            sorted(epoch.levels) == sorted(levels),
            f"{len(levels)} images gave {size} in an epoch, {distinct} of them distinct. Was an image "
            "lost or repeated?",
        )
        wrong = int((by_level[epoch.levels] != epoch.labels).sum())
        require(
            wrong == 0,
            f"{wrong} of {len(levels)} images came with another's label. Shuffle the pairs, not just the images.",
        )
        require(
            epoch.sizes == [BATCH, len(levels) - BATCH],
            f"{len(levels)} images came in batches of {epoch.sizes}, not {[BATCH, len(levels) - BATCH]}.",
        )


SAME_PICTURES = Exercise(
    id="2.4",
    title="The same pictures every epoch",
    points=2,
    hints=(
        "Two things should be new in each epoch: the order and the augmentation. Which of them does `cache` freeze?",
        "Only steps that are the same in every epoch may come before `cache`. Images in memory need no cache at all.",
        "`from_tensor_slices((images, labels)).shuffle(len(images)).batch(32)`, then "
        "`.map(lambda x, y: (augment(x, training=True), y))`.",
    ),
    properties=(augments_anew, draws_a_new_order, every_image_once),
)
