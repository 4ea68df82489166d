"""Splits that share no image."""

from __future__ import annotations

from typing import NamedTuple

import tlkit.quiet_start

import numpy as np
import tensorflow as tf

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.checks.held import in_words
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import first_elements

__all__ = ["THE_LEAK"]

NUM_CLASSES = 4


class _Split(NamedTuple):
    """The numbers of the images, sorted by class; how many were wanted; those of each part in each pass over it."""

    numbers: np.ndarray
    classes: np.ndarray
    num_val: int
    train: list[np.ndarray]
    val: list[np.ndarray]


@shared_trial
def _split(split_dataset) -> _Split:
    """Read both parts three times, neither always first, one of them once only in part."""
    rng = hidden_rng()
    num_images, num_val = int(rng.integers(160, 240)), int(rng.integers(40, 80))
    numbers = np.sort(rng.choice(1_000_000, num_images, replace=False))
    classes = np.arange(num_images) * NUM_CLASSES // num_images
    dataset = tf.data.Dataset.from_tensor_slices((numbers, classes))
    dataset.nobody_counts_reads = True  # the grader may read it in large pieces
    received = split_dataset(dataset, num_val)
    parts = received if isinstance(received, tuple | list) and len(received) == 2 else ()
    fine = parts and all(isinstance(part, tf.data.Dataset) for part in parts)
    require(fine, f"Return two datasets, `train_ds, val_ds`. Received {in_words(received)}.")
    for part in parts[::-1]:
        list(part.take(3))
    read = {name: [] for name in ("train", "val")}
    for name in ("val", "train", "train", "val"):
        read[name].append(_numbers(parts[name == "val"], num_images))
    return _Split(numbers, classes, num_val, **read)


def _numbers(dataset: tf.data.Dataset, num_images: int) -> np.ndarray:
    spec = dataset.element_spec
    single = isinstance(spec, tuple) and len(spec) == 2 and spec[0].shape.rank == 0
    require(single, "Return datasets of single images with labels, not of batches.")
    endless = f"A part of {num_images} images never ends: does it `repeat`? One pass over it gives each image once."
    batches = first_elements(dataset.take(num_images + 2).batch(1024), 1, endless)
    found = np.concatenate([np.empty(0, "int64"), *(numbers for numbers, _ in batches)])
    require(len(found) <= num_images, endless)
    return found


def never_shares_an_image(split_dataset):
    """In two passes, no image is in both parts."""
    found = _split(split_dataset)
    train, val = (set(np.concatenate(part).tolist()) for part in (found.train, found.val))
    require(train and val, "One of the two parts is empty.")
    require(train | val <= set(found.numbers.tolist()), "The parts hold images that the dataset does not have.")
    require(
        not train & val,
        f"Within two passes, {len(train & val)} images were used both for training and for validation. Is "
        "a new order drawn on each pass?",
    )


def keeps_every_image(split_dataset):
    """The parts have the requested sizes, and no image is lost."""
    found = _split(split_dataset)
    num_images, num_val = len(found.numbers), found.num_val
    for train, val in zip(found.train, found.val, strict=True):
        require(
            (len(train), len(val)) == (num_images - num_val, num_val),
            f"{num_images} images, {num_val} of them for validation, gave {len(train)} for training and {len(val)} "
            "for validation.",
        )
        whole = np.array_equal(np.sort(np.concatenate([train, val])), found.numbers)
        require(whole, "Some images are in neither part, or twice in one.")


def every_class_in_both(split_dataset):
    """Both parts hold every class, even though the dataset is sorted."""
    found = _split(split_dataset)
    for name, part in (("training", found.train[0]), ("validation", found.val[0])):
        missing = set(range(NUM_CLASSES)) - set(found.classes[np.isin(found.numbers, part)].tolist())
        require(
            not missing,
            f"The {name} part lacks classes {sorted(missing)}: the images are stored class by class, so mix them "
            "*before* you cut, once.",
        )


THE_LEAK = Exercise(
    id="1.4",
    title="The leak",
    points=2,
    hints=(
        "`shuffle` draws a new order on each pass, and `take` and `skip` cut whatever order they get.",
        "Read the documentation of `tf.data.Dataset.shuffle`: one argument keeps the first order.",
        "`mixed = dataset.shuffle(n, seed=0, reshuffle_each_iteration=False)`, then `skip` and `take`.",
    ),
    properties=(never_shares_an_image, keeps_every_image, every_class_in_both),
)
