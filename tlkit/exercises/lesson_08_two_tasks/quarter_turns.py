"""A task whose labels cost nothing: by how many quarter turns was an image turned?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_08_two_tasks.shown import FREE_TASKS
from tlkit.exercises.trials import draws
from tlkit.multitask import quarter_turns

__all__ = ["TURNS"]


def _draw(rng: np.random.Generator) -> np.ndarray:
    """A few images `(num_images, size, size, channels)`, `uint8`, without any symmetry."""
    number, size, channels = int(rng.integers(3, 7)), int(rng.integers(6, 10)), int(rng.choice([1, 3]))
    return rng.integers(0, 256, (number, size, size, channels)).astype("uint8")


def _quarter(image: np.ndarray) -> np.ndarray:
    """One quarter turn counterclockwise: the last column becomes the first row."""
    return image.transpose(1, 0, 2)[::-1]


def _turned(image: np.ndarray, turns: int) -> np.ndarray:
    for _ in range(turns):
        image = _quarter(image)
    return image


def _said(turned: Callable, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    received = held(turned(images.copy()))
    pair = isinstance(received, list | tuple) and len(received) == 2
    require(pair, f"Return two arrays, images and labels. Received: {in_words(received)}.")
    wanted = (4 * len(images), *images.shape[1:])
    message = f"{len(images)} images in four directions are {wanted[0]} images, of shape {wanted}."
    found = numbers_of(received[0], wanted, message)
    labels = numbers_of(received[1], wanted[:1], f"{wanted[0]} images need as many labels.")
    degrees = np.isin(labels, [0, 90, 180, 270]).all() and labels.max() > 3
    require(not degrees, "A label is a number of quarter turns, from 0 to 3, and no angle in degrees.")
    return found, labels


def each_image_stands_in_four_directions(turned):
    """Each image occurs upright and turned by one, two and three quarters, and nothing is lost."""
    for rng in draws(4):
        images = _draw(rng)
        found, _ = _said(turned, images)
        wanted = np.concatenate([[_turned(image, k) for image in images] for k in range(4)])
        same = sorted(map(np.ndarray.tobytes, found.astype("uint8"))) == sorted(map(np.ndarray.tobytes, wanted))
        mirrored = np.concatenate([images.transpose(0, 2, 1, 3), images[:, ::-1], images[:, :, ::-1]])
        has_mirror = any((each == other).all() for each in found for other in mirrored)
        why = (
            "Some are mirrored: a mirror image is no turned one." if has_mirror else "Turn the two axes of the picture."
        )
        require(same, f"The images are not the four directions of each image. {why}")


def labels_say_the_turn(turned):
    """The label is the number of quarter turns, counterclockwise."""
    for rng in draws(4):
        images = _draw(rng)
        found, labels = _said(turned, images)
        for image, label in zip(found, labels, strict=True):
            sources = [k for k in range(4) for each in images if (_turned(each, k) == image).all()]
            require(sources, "An image of the answer is none of the images in any of the four directions.")
            k = sources[0]
            clockwise = k in (1, 3) and label == 4 - k
            why = "Counterclockwise, the right edge becomes the top." if clockwise else "Which label belongs to which?"
            require(label == k, f"An image turned by {k} quarters counterclockwise has the label {label:g}. {why}")


def the_order_is_by_turn(turned):
    """First come all images as they are, then all turned by one quarter, and so on, each in the order given."""
    for rng in draws(4):
        images = _draw(rng)
        found, labels = _said(turned, images)
        number = len(images)
        rows = {k: found[k * number : (k + 1) * number] for k in range(4)}
        fine = all((rows[k] == np.stack([_turned(each, k) for each in images])).all() for k in range(4))
        require(fine, "Rows 0 to n - 1 are the images as they are, in their order; the next n are one quarter further.")
        require(
            (labels == np.repeat(range(4), number)).all(), "The labels go with that order: n times 0, then n times 1."
        )


def reconciles_the_free_tasks(free_gains, prediction):
    """Your prediction is compared with your own runs."""
    fine = isinstance(free_gains, dict) and set(free_gains) == set(FREE_TASKS)
    require(fine, f"`free_gains` must hold the gains of {' and '.join(FREE_TASKS)}, as measured.")
    told = ", ".join(f"{name} {100 * np.mean(values):+.1f} points" for name, values in free_gains.items())
    return f"You predicted {prediction!r}. In your runs: {told}."


TURNS = Exercise(
    id="8.8",
    title="Labels that cost nothing",
    points=2,
    prediction=one_of(*FREE_TASKS),
    given={"free_gains": lambda rng: {name: rng.normal(0.02, 0.02, 20) for name in FREE_TASKS}},
    kit_has=(quarter_turns,),
    hints=(
        "The axes of the picture are 1 and 2; axis 0 counts the images.",
        "`np.rot90(images, k, axes=(1, 2))` turns all of them by k quarters counterclockwise.",
        "`np.concatenate` the four; the labels are `np.repeat(np.arange(4), len(images))`.",
    ),
    properties=(
        each_image_stands_in_four_directions,
        labels_say_the_turn,
        the_order_is_by_turn,
        reconciles_the_free_tasks,
    ),
)
