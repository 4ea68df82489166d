"""A soft vote of members whose columns are in other orders, and some of which never met some classes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_09_several_networks.shown import GAINS
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["VOTE"]

Case = tuple[list[np.ndarray], list[list[str]], list[str]]


def _chances(rng: np.random.Generator, num_images: int, num_classes: int, sharpness: float) -> np.ndarray:
    """Chances `(num_images, num_classes)`: the sharper, the nearer to 0 and 1."""
    values = np.exp(sharpness * rng.normal(size=(num_images, num_classes)))
    return values / values.sum(axis=1, keepdims=True)


def _draw(rng: np.random.Generator, *, shuffled: bool = False, missing: bool = False) -> Case:
    """Members' chances, the names of their columns, and the classes in the order that is asked for."""
    names = random_names(int(rng.integers(4, 8)), rng)
    num_images, num_members = int(rng.integers(5, 12)), int(rng.integers(3, 6))
    chances, columns = [], []
    for member in range(num_members):
        own = mixed(names, rng) if shuffled else list(names)
        if missing and member % 2 == 0:
            absent = set(rng.choice(names, int(rng.integers(1, 3)), replace=False))
            own = [name for name in own if name not in absent]
        chances.append(_chances(rng, num_images, len(own), float(rng.uniform(0.5, 3))))
        columns.append(own)
    return chances, columns, names


def _aligned(chances: list[np.ndarray], columns: list[list[str]], names: list[str], otherwise: float) -> np.ndarray:
    """All members' chances in the order of `names`, `(num_members, num_images, num_classes)`."""
    absent = np.full(len(chances[0]), otherwise)
    return np.stack(
        [
            np.stack([table[:, own.index(name)] if name in own else absent for name in names], axis=1)
            for table, own in zip(chances, columns, strict=True)
        ]
    )


def _reason(found: np.ndarray, aligned: np.ndarray, known: np.ndarray, why: str) -> str:
    """Say which mistake gives just these values."""
    hard = (aligned == aligned.max(axis=2, keepdims=True)).mean(axis=0)
    product = np.prod(np.maximum(aligned, 1e-300), axis=0)
    slips = [
        (aligned.sum(axis=0), "Take the mean, not the sum: the chances of an image sum to 1."),
        (hard, "That is a *hard* vote, which forgets how sure each member was: take the mean of the chances."),
        (known, "A member that never met a class gives it the chance 0, and counts as much as the others."),
        (aligned.max(axis=0), "Take the mean over the members, not the largest chance."),
        (product / product.sum(axis=1, keepdims=True), "A soft vote is a mean of chances, not their product."),
        (np.median(aligned, axis=0), "Take the mean over the members, not the median."),
    ]
    return next((text for values, text in slips if close(found, values, rtol=1e-6)), why)


def _expect(vote: Callable, case: Case, why: str) -> None:
    chances, columns, names = case
    aligned = _aligned(chances, columns, names, 0.0)
    known = np.nanmean(_aligned(chances, columns, names, np.nan), axis=0)
    copies = [table.copy() for table in chances], [list(own) for own in columns], list(names)
    shape = aligned.shape[1:]
    found = numbers_of(vote(*copies), shape, f"{shape[0]} images and {shape[1]} classes need a table of shape {shape}.")
    fine = close(found, aligned.mean(axis=0), rtol=1e-6)
    place = np.unravel_index(np.argmax(np.abs(found - aligned.mean(axis=0))), shape)
    told = f"The chance of {names[place[1]]!r} for image {place[0]} is {aligned.mean(axis=0)[place]:.4f}"
    require(fine, f"{told}, the answer was {found[place]:.4f}. {_reason(found, aligned, known, why)}")


def each_member_counts_alike(vote):
    """Each member's chances count alike, and a sure one is surer than an unsure one."""
    for rng in draws(4):
        _expect(vote, _draw(rng), "It is the plain mean over the members.")


def columns_are_found_by_name(vote):
    """A column is found by its name, not by its place."""
    for rng in draws(4):
        why = "Members may have their columns in another order: find each class by its name in that member's `columns`."
        _expect(vote, _draw(rng, shuffled=True), why)


def a_class_that_nobody_taught_has_no_chance(vote):
    """A member that never met a class gives it the chance 0."""
    for rng in draws(4):
        why = "Some members have fewer columns: what they lack has the chance 0 with them."
        _expect(vote, _draw(rng, shuffled=True, missing=True), why)


def reconciles_the_gain(gains, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(gains, float)
    require(values.ndim == 1 and len(values) > 1, "`gains` must hold one difference for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, the equal vote changed the accuracy by {100 * values.mean():+.1f}."


VOTE = Exercise(
    id="9.1",
    title="A soft vote",
    points=3,
    prediction=one_of(*GAINS),
    given={"gains": lambda rng: rng.normal(-0.08, 0.02, 8)},
    hints=(
        "Begin with `np.zeros((len(chances[0]), len(classes)))`, and add each member's columns where they belong.",
        "`classes.index(name)` is the place of a class; `zip(chances, columns)` goes through the members.",
        "`total[:, classes.index(name)] += table[:, place] / len(chances)` for each `place, name` in `enumerate(own)`.",
    ),
    properties=(
        each_member_counts_alike,
        columns_are_found_by_name,
        a_class_that_nobody_taught_has_no_chance,
        reconciles_the_gain,
    ),
)
