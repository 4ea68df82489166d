"""Non-maximum suppression: one detection for each object."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.detection import suppress
from tlkit.exercises.lesson_12_finding_objects.box_draws import draw_boxes, overlap_of, shaken
from tlkit.exercises.lesson_12_finding_objects.shown import UNSUPPRESSED
from tlkit.exercises.trials import draws, mixed

__all__ = ["KEEP"]

Case = tuple[np.ndarray, np.ndarray, np.ndarray, float]


def _draw(rng: np.random.Generator, overlap: float) -> Case:
    """A few objects of some classes with several boxes each, in no order."""
    objects = draw_boxes(rng, int(rng.integers(3, 6)))
    rows = np.repeat(np.arange(len(objects)), rng.integers(2, 5, len(objects)))
    rows = rows[rng.permutation(len(rows))]
    classes = rng.integers(0, 3, len(objects))[rows]
    swapped = rng.random(len(rows)) < 0.3
    classes = np.where(swapped, (classes + 1) % 3, classes)
    return shaken(rng, objects[rows], 0.15), rng.permutation(np.linspace(0.05, 0.95, len(rows))), classes, overlap


def _truth(
    case: Case, *, by_class: bool = True, chained: bool = False, least_first: bool = False, below: bool = False
) -> list[int]:
    """The kept rows; with a flag, those of a misconception."""
    boxes, scores, classes, limit = case
    order = sorted(range(len(scores)), key=lambda row: scores[row] if least_first else -scores[row])
    kept, seen = [], []
    for row in order:
        rivals = [other for other in (seen if chained else kept) if not by_class or classes[row] == classes[other]]
        covers = [overlap_of(boxes[row].tolist(), boxes[other].tolist()) for other in rivals]
        if not any(cover < limit if below else cover > limit for cover in covers):
            kept.append(row)
        seen.append(row)
    return kept


def _read(keep: Callable, case: Case) -> list[int]:
    boxes, scores, classes, overlap = case
    received = held(keep(boxes.copy(), scores.copy(), classes.copy(), overlap))
    message = "Return the rows that are kept, such as `[3, 0, 4]`."
    if isinstance(received, np.ndarray):
        received = received.tolist()
    fine = isinstance(received, list | tuple)
    require(fine, f"{message} Received: {in_words(received)}.")
    whole = all(type(each) in (int, float) and float(each).is_integer() for each in received)
    require(whole, f"{message} Received: {in_words(received)}.")
    return [int(each) for each in received]


def _expect(keep: Callable, case: Case, why: str) -> None:
    received, truth = _read(keep, case), _truth(case)
    if received == truth:
        return
    scores, kept = case[1], _truth(case)
    slips = [
        (np.argsort(-scores, kind="stable").tolist(), "Nothing is suppressed here."),
        (_truth(case, by_class=False), "A box suppresses only boxes of its own class."),
        (_truth(case, chained=True), "Only a box that is *kept* suppresses: one that is suppressed itself does not."),
        (_truth(case, least_first=True), "Begin with the highest score."),
        (_truth(case, below=True), "Boxes go that overlap *more* than `overlap`."),
        (kept[:1], "Other objects have detections, too: this keeps a single one."),
        (sorted(kept), "The rows are right, but the highest score comes first."),
        (kept[::-1], "The rows are right, but the highest score comes first."),
    ]
    told = next((text for value, text in slips if received == value), why)
    told_of = f"Scores {case[1].round(2).tolist()}, classes {case[2].tolist()}, overlap {case[3]:.2g}:"
    require(False, f"{told_of} the rows to keep are {truth}. Received: {received}. {told}")


def keeps_one_of_each_object(keep):
    """Of boxes that overlap much, it keeps that with the highest score, and gives the rows by falling score."""
    for rng in draws(4):
        case = _draw(rng, 0.45)
        _expect(keep, (case[0], case[1], 0 * case[2], 0.45), "Compare each box with those kept so far.")


def another_class_suppresses_nothing(keep):
    """A box of another class suppresses nothing, however much they overlap."""
    for rng in draws(4):
        for overlap in mixed([0.3, 0.6], rng):
            _expect(keep, _draw(rng, overlap), "Compare only boxes of one class.")


def what_is_suppressed_suppresses_nothing(keep):
    """In a row of boxes, each overlapping its neighbours, every second one is kept."""
    for rng in draws(4):
        number, side = int(rng.integers(4, 8)), rng.uniform(20, 30)
        left = side * rng.uniform(0.25, 0.3) * np.arange(number)
        boxes = np.column_stack([left, 0 * left, left + side, 0 * left + side])
        order = rng.permutation(number)
        scores = np.linspace(0.9, 0.2, number)[np.argsort(order)]
        case = (boxes[np.argsort(order)], scores, np.zeros(number, int), 0.45)
        _expect(keep, case, "A box that is suppressed must not suppress others.")


def the_threshold_itself_does_not_suppress(keep):
    """Boxes that overlap by exactly `overlap` are both kept; of equal scores the earlier row comes first."""
    for rng in draws(4):
        side = 8.0 * rng.integers(1, 5)
        box = np.array([0.0, 0.0, side, side])
        half = np.array([0.0, 0.0, side, side / 2])
        rows = np.array([each + 100 * place for place in range(10) for each in (box, half)])
        scores = np.repeat(np.tile(rng.uniform([0.2, 0.6], [0.4, 0.8]), 5), 2)
        order = rng.permutation(20)  # so many that a sort which is not stable mixes them up
        case = (rows[order], scores[order], np.zeros(20, int), 0.5)
        tie = "Of equal scores, the earlier row comes first: `np.argsort(-scores, kind='stable')`."
        _expect(keep, case, f"Only *more* than `overlap` suppresses. {tie}")
        _expect(keep, (*case[:3], 0.49), tie)


def reconciles_the_suppression(by_suppression, prediction):
    """Your prediction is compared with your own detections."""
    fine = isinstance(by_suppression, dict) and set(by_suppression) == {"with", "without"}
    require(fine, "`by_suppression` must hold the average precision with and without suppression, as measured.")
    share = np.mean(by_suppression["without"]) / np.mean(by_suppression["with"])
    return f"You predicted {prediction!r}. Without suppression, {share:.0%} of your average precision is left."


KEEP = Exercise(
    id="12.4",
    title="Non-maximum suppression",
    points=3,
    prediction=one_of(*UNSUPPRESSED),
    given={"by_suppression": lambda rng: {"with": rng.uniform(0.3, 0.4, 3), "without": rng.uniform(0.1, 0.2, 3)}},
    kit_has=(suppress,),
    hints=(
        "Go through the rows from the highest score to the lowest: `np.argsort(-scores, kind='stable')`.",
        "Keep a row unless it overlaps a row *already kept*, of its class, by more than `overlap`.",
        "`if not any(classes[k] == classes[row] and table[k, row] > overlap for k in kept): kept.append(row)`.",
    ),
    properties=(
        keeps_one_of_each_object,
        another_class_suppresses_nothing,
        what_is_suppressed_suppresses_nothing,
        the_threshold_itself_does_not_suppress,
        reconciles_the_suppression,
    ),
)
