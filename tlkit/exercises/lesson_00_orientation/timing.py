"""How long a training run will take."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number
from tlkit.exercises.lesson_00_orientation.shown import FACTORS
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["HOW_LONG"]


def _expect_seconds(seconds_for: Callable, rng: np.random.Generator, images: int, batch: int, epochs: int) -> None:
    """Draw the seconds of the first step and of each later one; say which step was counted wrongly."""
    first, later = round(float(rng.uniform(3, 20)), 2), round(float(rng.uniform(0.05, 2)), 3)
    steps = -(-images // batch)
    truth = first + (steps * epochs - 1) * later
    received = one_number(seconds_for(images, batch, epochs, first, later), "of seconds")
    why = slip(received, _slips(images, batch, epochs, first, later))
    require(
        math.isclose(received, truth, rel_tol=1e-6),
        f"{images} images in batches of {batch}, {epochs} epochs, {first:g} s for the first step and {later:g} s for "
        f"each later one take {truth:.6g} s. Received {received:.6g}. {why}",
    )


def _slips(images: int, batch: int, epochs: int, first: float, later: float) -> list[tuple[float, str]]:
    steps, whole = -(-images // batch), images // batch
    graph = "Only the very first step builds the graph, and later epochs don't repeat it."
    return [
        (first + (whole * epochs - 1) * later, "The last batch is smaller, but it is still a step: round up."),
        (first + ((whole + 1) * epochs - 1) * later, "The images fill their batches exactly: there is none left over."),
        (first + -(-images * epochs // batch) * later - later, "Each epoch ends with its own, smaller batch."),
        (epochs * (first + (steps - 1) * later), graph),
        (steps * epochs * first, graph),
        (first + steps * epochs * later, "The first step is one of the steps: one fewer is left for the later ones."),
        (first + (images * epochs - 1) * later, "A step takes a batch, not an image."),
    ]


def pays_the_first_step_once(seconds_for):
    """The first step is paid for once, and each later step for itself."""
    for rng in draws(3):
        batch = int(rng.integers(8, 65))
        _expect_seconds(seconds_for, rng, batch * int(rng.integers(2, 20)), batch, int(rng.integers(2, 10)))


def counts_the_last_batch(seconds_for):
    """The last, smaller batch of each epoch is a step, too."""
    rng = hidden_rng()
    for left_over in mixed([1, 2, 5], rng):
        batch = int(rng.integers(8, 65))
        images = batch * int(rng.integers(2, 20)) + left_over
        _expect_seconds(seconds_for, rng, images, batch, int(rng.integers(2, 10)))


def works_for_one_step(seconds_for):
    """Where all images fit into one batch, an epoch is one step."""
    rng = hidden_rng()
    for epochs in mixed([1, 1, 2, 5], rng):
        batch = int(rng.integers(8, 65))
        _expect_seconds(seconds_for, rng, int(rng.integers(1, batch + 1)), batch, epochs)


def reconciles_the_first_step(first_to_later, prediction):
    """You predicted first."""
    ratio = one_number(first_to_later, "`first_to_later`")
    require(ratio > 0, f"`first_to_later` is a ratio of two times, as measured. Received {first_to_later!r}.")
    measured = FACTORS[0] if ratio < 2 else FACTORS[1] if ratio <= 10 else FACTORS[2]
    return f"You predicted {prediction!r}. The first call took {measured!r} as long as a later one."


def _draw_ratio(rng: np.random.Generator) -> float:
    return float(rng.uniform(2, 100))


HOW_LONG = Exercise(
    id="0.7",
    title="How long will it take?",
    points=1,
    prediction=one_of(*FACTORS),
    given={"first_to_later": _draw_ratio},
    hints=(
        "How many steps does an epoch have? How many are there in all, and how many of them are first steps?",
        "An epoch has `math.ceil(num_images / batch_size)` steps; `-(-a // b)` rounds up, too.",
        "`first + (steps - 1) * later`, where `steps` counts the steps of all epochs.",
    ),
    properties=(pays_the_first_step_once, counts_the_last_batch, works_for_one_step, reconciles_the_first_step),
)
