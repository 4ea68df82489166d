"""The error of a vote is the error of its members less their spread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.ensembles import ambiguity
from tlkit.exercises.lesson_09_several_networks.shown import PAIRS
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["SPREAD"]


def _draw(rng: np.random.Generator, spread: float, num_members: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Chances `(num_members, num_images, num_classes)` around common ones, and labels `(num_images,)`."""
    members = int(rng.integers(3, 7)) if num_members is None else num_members
    images, classes = int(rng.integers(6, 15)), int(rng.integers(3, 6))
    labels = rng.integers(0, classes, images)
    logits = 1.5 * np.eye(classes)[labels] + rng.normal(size=(images, classes))
    values = np.exp(logits + spread * rng.normal(size=(members, images, classes)))
    return values / values.sum(axis=2, keepdims=True), labels


def _parts(chances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The members' error, the vote's error, and the spread."""
    truth, vote = np.eye(chances.shape[2])[labels], chances.mean(axis=0)
    squares = [((chances - truth) ** 2), ((vote - truth) ** 2), ((chances - vote) ** 2)]
    return np.array([each.sum(axis=-1).mean() for each in squares])


def _read(split: Callable, chances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    message = "Return three numbers: the members' error, the vote's error, and the spread."
    return numbers_of(split(chances.copy(), labels.copy()), (3,), message)


def _slips(chances: np.ndarray, labels: np.ndarray, part: int) -> list[tuple[float, str]]:
    parts = _parts(chances, labels)
    truth, vote = parts[part], chances.mean(axis=0)
    members, images, classes = chances.shape
    hard = np.eye(classes)[chances.argmax(axis=2)]
    own, mean = (each[..., np.arange(images), labels] for each in (chances, vote))
    wrong = [np.mean(each.argmax(axis=-1) != labels) for each in (chances, vote)]
    shares = "The error is a mean of squares of chances, not the share of wrong answers."
    return [
        (truth / classes, "Sum the squares over the classes; the mean is taken over images and members only."),
        (truth * images, "Take the mean over the images, not the sum."),
        (truth * members, "Take the mean over the members, not the sum."),
        (truth * members / (members - 1), "Divide by the number of members, not by one less."),
        (_parts(hard, labels)[part], "The errors are those of chances, not of the class that is named."),
        *((float(((1 - each) ** 2).mean()), "All classes count, not only the right one.") for each in (own, mean)),
        *((float(-np.log(each).mean()), "The error is a square, not a logarithm.") for each in (own, mean)),
        *((float(each), shares) for each in (*wrong, wrong[0] - wrong[1])),
        *(
            (parts[other], "First the members' error, then the vote's, then the spread.")
            for other in {0, 1, 2} - {part}
        ),
        (float(chances.std(axis=0).mean()), "The spread is a mean of squares, not a standard deviation."),
        (float(np.sqrt(truth)), "Leave the squares as they are: no root."),
    ]


def _expect(split: Callable, chances: np.ndarray, labels: np.ndarray, part: int, why: str) -> None:
    truth, found = _parts(chances, labels)[part], _read(split, chances, labels)[part]
    told = ("The members' error", "The vote's error", "The spread")[part]
    reason = slip(found, _slips(chances, labels, part), why)
    fine = close(found, truth, rtol=1e-6)
    require(fine, f"{told} is {truth:.5g}, the answer was {found:.5g}. {reason}")


def the_members_error_is_a_mean(split):
    """The first number is the mean squared error of the members."""
    for rng in draws(4):
        _expect(split, *_draw(rng, float(rng.uniform(0.3, 2))), 0, "Compare each member's chances with 0 and 1.")


def the_votes_error_is_that_of_the_mean(split):
    """The second is the squared error of the mean of their chances."""
    for rng in draws(4):
        why = "First the mean of the chances over the members, then its squared error."
        _expect(split, *_draw(rng, float(rng.uniform(0.3, 2))), 1, why)


def the_spread_is_around_the_vote(split):
    """The third is how far the members lie from their vote; it is what the vote gains."""
    for rng in draws(2):
        for spread in mixed([0.2, 2.0], rng):
            _expect(split, *_draw(rng, spread), 2, "It is the mean squared distance of the members from the vote.")


def copies_gain_nothing(split):
    """Copies of one member have no spread, and their vote is as good as one of them."""
    for rng in draws(3):
        one, labels = _draw(rng, 1.0, num_members=1)
        copies = np.repeat(one, int(rng.integers(2, 5)), axis=0)
        members, vote, spread = _read(split, copies, labels)
        told = f"For copies of one member the answer was {members:.4g}, {vote:.4g}, {spread:.4g}."
        truth = _parts(copies, labels)
        fine = close([members, vote, spread], truth, rtol=1e-6, atol=1e-9)
        require(fine, f"{told} Both errors are {truth[0]:.4g}, and the spread is 0.")


def reconciles_the_direction(correlations, prediction):
    """Your prediction is compared with your own pairs."""
    fine = isinstance(correlations, dict) and len(correlations) > 0
    require(fine, "`correlations` must hold one correlation for each data set, as measured.")
    told = ", ".join(f"{name} {float(value):+.2f}" for name, value in correlations.items())
    return f"You predicted {prediction!r}. The correlation of disagreement and gain is: {told}."


SPREAD = Exercise(
    id="9.2",
    title="What a vote gains by spread",
    points=2,
    prediction=one_of(*PAIRS),
    given={"correlations": lambda rng: {"textures": rng.uniform(-1, 0), "digits": rng.uniform(-1, 0)}},
    kit_has=(ambiguity,),
    hints=(
        "`np.eye(num_classes)[labels]` is what perfect chances would be.",
        "`((chances - truth) ** 2).sum(axis=-1).mean()` sums over classes, and takes the mean over all else.",
        "The same with `chances.mean(axis=0)` in place of `chances`, and then in place of `truth`.",
    ),
    properties=(
        the_members_error_is_a_mean,
        the_votes_error_is_that_of_the_mean,
        the_spread_is_around_the_vote,
        copies_gain_nothing,
        reconciles_the_direction,
    ),
)
