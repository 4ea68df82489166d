"""The triplet loss with semi-hard negatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_shares, one_number
from tlkit.exercises.lesson_07_few_examples.shown import LOSSES
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.fewshot import TripletSemiHardLoss

__all__ = ["SEMI_HARD"]

Triplet = tuple[float, float]  # squared distances from the anchor: of the positive, of the negative


def _draw(rng: np.random.Generator, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances between all images of a batch, `(batch, batch)`, and labels."""
    sizes = rng.integers(2, 5, int(rng.integers(3, 5)))
    labels = rng.permutation(np.repeat(rng.choice(60, len(sizes), replace=False), sizes))
    centres = {int(name): spread * rng.normal(size=3) for name in np.unique(labels)}
    places = np.stack([centres[int(name)] for name in labels]) + 0.5 * rng.normal(size=(len(labels), 3))
    return ((places[:, None] - places[None]) ** 2).sum(axis=2), labels


def _triplets(squares: np.ndarray, labels: np.ndarray, choose: Callable) -> list[Triplet]:
    """The distances of all anchors and positives, each with the negative that `choose(positive, negatives)` takes."""
    found = []
    for anchor, name in enumerate(labels):
        negatives = squares[anchor, labels != name]
        for positive in np.flatnonzero(labels == name):
            if positive != anchor:
                own = float(squares[anchor, positive])
                found.append((own, float(choose(own, negatives))))
    return found


def _semi_hard(positive: float, negatives: np.ndarray) -> float:
    further = negatives[negatives > positive]
    return further.min() if len(further) else negatives.max()


def _mean(triplets: list[Triplet], margin: float) -> float:
    return float(np.mean([max(0.0, margin + positive - negative) for positive, negative in triplets]))


def _slips(squares: np.ndarray, labels: np.ndarray, margin: float) -> list[tuple[float, str]]:
    mine = _triplets(squares, labels, _semi_hard)
    hardest = _triplets(squares, labels, lambda positive, negatives: negatives.min())
    easiest = _triplets(squares, labels, lambda positive, negatives: negatives.max())
    as_far = _triplets(squares, labels, lambda positive, negatives: _semi_hard(np.nextafter(positive, -1), negatives))
    roots = [(positive**0.5, negative**0.5) for positive, negative in mine]
    costs = [max(0.0, margin + positive - negative) for positive, negative in mine]
    straight = [margin + positive - negative for positive, negative in mine]
    with_itself = [max(0.0, margin - _semi_hard(0.0, squares[i, labels != name])) for i, name in enumerate(labels)]
    active = [cost for cost in costs if cost > 0]
    nearest = [(p, n) for p, n in mine if n > p]
    return [
        (float(np.sum(costs)), "It is the mean over all anchors and positives, not their sum."),
        (_mean(hardest, margin), "A semi-hard negative lies further away than the positive; yours is the hardest one."),
        (_mean(as_far, margin), "A negative exactly as far away as the positive is not further away: `>`, not `>=`."),
        (_mean(roots, margin), "The distances are squared as they are given: take no root."),
        (_mean(easiest, margin), "Of the negatives beyond the positive, the nearest counts, not the furthest."),
        (float(np.mean(straight)), "A triplet that keeps the margin costs nothing: take `max(0, ...)`."),
        (float(np.mean([*costs, *with_itself])), "An image is no positive of itself."),
        (float(np.mean(active)) if active else -1.0, "Triplets that cost nothing count in the mean, too."),
        (_mean(nearest, margin) if nearest else -1.0, "Where no negative is further away, take the furthest one."),
    ]


def _expect(loss: Callable, squares: np.ndarray, labels: np.ndarray, margin: float, why: str) -> None:
    truth, slips = _mean(_triplets(squares, labels, _semi_hard), margin), _slips(squares, labels, margin)
    received = one_number(loss(squares.copy(), labels.copy(), margin), "the mean over anchors and positives")
    fine = close(received, truth, rtol=1e-4, atol=1e-6)
    require(fine, f"The loss is {truth:.5g}. Received: {received:.5g}. {slip(received, slips, why)}")


def the_negative_is_semi_hard(loss):
    """The negative is the nearest that lies further away than the positive."""
    why = "For each anchor and positive: the smallest squared distance of a negative that exceeds the positive's."
    for rng in draws(3):
        squares, labels = _draw(rng, float(rng.uniform(0.6, 1.2)))
        for coarse in mixed([False, True], rng):  # in whole numbers, many distances are equal
            _expect(loss, np.round(2 * squares) if coarse else squares, labels, float(rng.uniform(0.3, 1.5)), why)


def without_one_it_is_the_furthest(loss):
    """Where no negative lies further away than the positive, the furthest is taken."""
    for rng in draws(5):
        squares, labels = _draw(rng, 0.3)
        same = labels[:, None] == labels[None]
        far = squares + same * (1 - np.eye(len(labels))) * float(rng.uniform(2, 5)) * (squares > np.median(squares))
        why = "Where all negatives are nearer than the positive, the furthest of them is the negative."
        _expect(loss, far, labels, float(rng.uniform(0.3, 1.5)), why)


def a_kept_margin_costs_nothing(loss):
    """Triplets that keep the margin cost nothing, but count in the mean."""
    for rng in draws(5):
        squares, labels = _draw(rng, float(rng.uniform(1.0, 1.6)))
        why = "`max(0, margin + positive - negative)`, and the mean over all of them."
        _expect(loss, squares, labels, float(rng.uniform(0.1, 0.6)), why)


def every_pair_of_a_class_is_used(loss):
    """Each image is an anchor, with each other image of its class as positive."""
    for rng in draws(4):
        squares, labels = _draw(rng, 0.8)
        order = rng.permutation(len(labels))
        why = "Anchor and positive exchanged are another triplet; an image is no positive of itself."
        margin = float(rng.uniform(1, 3))
        _expect(loss, squares, labels, margin, why)
        _expect(loss, squares[np.ix_(order, order)], labels[order], margin, "The order of the batch must not count.")


def reconciles_the_best_loss(by_loss, prediction):
    """Your prediction is compared with your own trainings."""
    fine = isinstance(by_loss, dict) and set(by_loss) == set(LOSSES)
    require(fine, f"`by_loss` must hold the gains of {', '.join(LOSSES)}, as measured.")
    told = ", ".join(f"{name} {100 * mean:+.1f}" for name, mean in mean_shares(by_loss, "by_loss").items())
    return f"You predicted {prediction!r}. In your runs, on the features of printed characters: {told} points."


SEMI_HARD = Exercise(
    id="7.6",
    title="Semi-hard triplets",
    points=3,
    prediction=one_of(*LOSSES),
    given={"by_loss": lambda rng: {name: rng.normal(0, 0.03, 10) for name in LOSSES}},
    kit_has=(TripletSemiHardLoss,),
    hints=(
        "Two loops: over the anchors, and over the other images of the anchor's class.",
        "`negatives = squares[anchor, labels != labels[anchor]]`; of these, `negatives[negatives > positive]`.",
        "`further.min() if len(further) else negatives.max()`; then `max(0, margin + positive - negative)`.",
    ),
    properties=(
        the_negative_is_semi_hard,
        without_one_it_is_the_furthest,
        a_kept_margin_costs_nothing,
        every_pair_of_a_class_is_used,
        reconciles_the_best_loss,
    ),
)
