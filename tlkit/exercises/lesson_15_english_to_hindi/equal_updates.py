"""Equal budgets: epochs that make as many steps of the optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import whole_number
from tlkit.exercises.lesson_15_english_to_hindi.shown import WAYS
from tlkit.exercises.trials import draws, mixed
from tlkit.translation import epochs_for

__all__ = ["EPOCHS"]

Case = tuple[int, int, int]


def _truth(num_updates: int, num_pairs: int, batch_size: int) -> int:
    steps, left = 0, num_pairs
    while left > 0:
        steps, left = steps + 1, left - batch_size
    epochs = done = 0
    while done < num_updates:
        epochs, done = epochs + 1, done + steps
    return epochs


def _slips(num_updates: int, num_pairs: int, batch_size: int) -> list[tuple[float, str]]:
    steps = math.ceil(num_pairs / batch_size)
    return [
        (num_updates // steps, "These are too few steps: the last epoch is begun where steps are missing."),
        (
            math.ceil(num_updates / max(1, num_pairs // batch_size)),
            "The last pairs of an epoch make a step of their own, even if they fill no batch.",
        ),
        (
            math.ceil(num_updates * batch_size / num_pairs),
            "Steps are whole: the last pairs of an epoch make one of their own, even if they fill no batch.",
        ),
        (math.ceil(num_updates / num_pairs), "A step takes a batch of pairs, not a single one."),
        (math.ceil(num_updates / batch_size), "How many steps an epoch has depends on the pairs, too."),
        (steps, "These are the steps of one epoch."),
        (num_updates * steps, "Divide by the steps of an epoch."),
        (num_updates, "An epoch may have several steps."),
        (num_updates // steps + 1, "If the steps come out even, no further epoch is needed."),
    ]


def _expect(epochs: Callable, case: Case, why: str) -> None:
    received, truth = whole_number(epochs(*case), "the number of epochs"), _truth(*case)
    told = next((text for value, text in _slips(*case) if value == received), why)
    num_updates, num_pairs, batch_size = case
    case_told = f"{num_updates} steps with {num_pairs} pairs in batches of {batch_size}: {truth} epochs."
    require(received == truth, f"{case_told} Received: {received}. {told}")


def _case(rng: np.random.Generator, over: int, missing: int) -> Case:
    """Pairs that fill batches but for `over` pairs, and steps that fill epochs but for `missing` ones."""
    batch_size, batches, epochs = int(rng.integers(8, 40)), int(rng.integers(3, 7)), int(rng.integers(10, 60))
    steps = batches + (over > 0)
    return epochs * steps - missing, batches * batch_size + over, batch_size


def a_batch_that_is_not_full_is_a_step(epochs):
    """The last pairs of an epoch are a step, whether or not they fill a batch."""
    for rng in draws(4):
        for over in mixed([0, 1, int(rng.integers(2, 7))], rng):
            _expect(epochs, _case(rng, over, 0), "The steps of an epoch are `ceil(num_pairs / batch_size)`.")


def no_step_is_missing(epochs):
    """The steps are at least as many as asked for, and no whole epoch too many."""
    for rng in draws(4):
        for missing in mixed([0, 1, 2], rng):
            _expect(epochs, _case(rng, int(rng.integers(1, 7)), missing), "Round up: the last epoch is finished.")


def few_pairs_make_one_step(epochs):
    """Pairs that fill one batch at most make one step, and one pair more makes two."""
    for rng in draws(4):
        batch_size = int(rng.integers(20, 60))
        for num_pairs in mixed([batch_size, batch_size - 1, batch_size + 1, int(rng.integers(1, 9))], rng):
            why = "How many steps has each epoch?"
            _expect(epochs, (int(rng.integers(50, 300)), num_pairs, batch_size), why)


def one_step_is_one_epoch(epochs):
    """A single step needs one epoch, and one step more than an epoch has needs two."""
    for rng in draws(4):
        _, num_pairs, batch_size = _case(rng, int(rng.integers(1, 7)), 0)
        steps = math.ceil(num_pairs / batch_size)
        for few in mixed([1, steps, steps + 1], rng):
            _expect(epochs, (few, num_pairs, batch_size), "Round up: the last epoch is finished.")


def reconciles_the_best_start(by_start, prediction):
    """Your prediction is compared with your own runs."""
    fine = isinstance(by_start, dict) and set(by_start) == set(WAYS)
    require(fine, f"`by_start` must hold the errors of {', '.join(WAYS)}, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.0%}" for name, values in by_start.items())
    return f"You predicted that {prediction!r} is best with 150 pairs. Letters wrong: {told}."


EPOCHS = Exercise(
    id="15.6",
    title="Equal budgets",
    points=2,
    prediction=one_of(*WAYS),
    given={"by_start": lambda rng: {name: rng.uniform(0.3, 0.6, 3) for name in WAYS}},
    kit_has=(epochs_for,),
    hints=(
        "How many steps has one epoch? The last batch may be smaller than the others, but it is a step.",
        "The steps of an epoch are `ceil(num_pairs / batch_size)`.",
        "`math.ceil(num_updates / math.ceil(num_pairs / batch_size))`.",
    ),
    properties=(
        a_batch_that_is_not_full_is_a_step,
        no_step_is_missing,
        few_pairs_make_one_step,
        one_step_is_one_epoch,
        reconciles_the_best_start,
    ),
)
