"""Matching: each truth is found once, by the detection with the highest score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import numbers_of
from tlkit.detection import match_detections
from tlkit.exercises.lesson_12_finding_objects.box_draws import draw_boxes, overlaps, shaken
from tlkit.exercises.trials import draws, mixed

__all__ = ["MATCH"]

Case = tuple[np.ndarray, np.ndarray, np.ndarray, float]


def _draw(rng: np.random.Generator, at_least: float) -> Case:
    """Truths, two or three shaken boxes on each of them and one or two on nothing."""
    truths = draw_boxes(rng, int(rng.integers(2, 5)))
    rows = np.repeat(np.arange(len(truths)), rng.integers(2, 4, len(truths)))
    boxes = np.vstack([shaken(rng, truths[rows], 0.12), draw_boxes(rng, 2)])[rng.permutation(len(rows) + 2)]
    return boxes, rng.permutation(np.linspace(0.05, 0.95, len(boxes))), truths, at_least


def _truth(case: Case, *, again: bool = False, in_rows: bool = False, only_the_best: bool = False, least: bool = False):
    boxes, scores, truths, at_least = case
    table, found, taken = overlaps(boxes, truths), [-1] * len(boxes), set()
    order = (
        range(len(boxes)) if in_rows else sorted(range(len(boxes)), key=lambda row: (1 - 2 * (not least)) * scores[row])
    )
    for row in order:
        free = [k for k in range(len(truths)) if again or only_the_best or k not in taken]
        best = max(free, key=lambda k: table[row, k], default=None)
        if best is not None and table[row, best] >= at_least and (again or best not in taken):
            found[row] = best
            taken.add(best)
    return np.array(found, float)


def _by_overlap(case: Case) -> np.ndarray:
    """A mistake: each truth takes the detection that overlaps it most, whatever the scores."""
    boxes, _, truths, at_least = case
    table, found = overlaps(boxes, truths), np.full(len(boxes), -1.0)
    for k in range(len(truths)):
        row = int(table[:, k].argmax())
        if table[row, k] >= at_least:
            found[row] = k
    return found


def _first_that_fits(case: Case) -> np.ndarray:
    """A mistake: each detection takes the first free truth that it overlaps enough, not the best one."""
    boxes, scores, truths, at_least = case
    table, found, free = overlaps(boxes, truths), np.full(len(boxes), -1.0), list(range(len(truths)))
    for row in sorted(range(len(boxes)), key=lambda row: -scores[row]):
        fits = [k for k in free if table[row, k] >= at_least]
        if fits:
            found[row] = fits[0]
            free.remove(fits[0])
    return found


def _expect(match: Callable, case: Case, why: str) -> None:
    boxes, scores, truths, at_least = case
    truth = _truth(case)
    message = f"For {len(boxes)} detections, return {len(boxes)} integers: the row of a truth, or -1."
    received = numbers_of(match(boxes.copy(), scores.copy(), truths.copy(), at_least), truth.shape, message)
    if (received == truth).all():
        return
    slips = [
        (_truth(case, again=True), "Each truth can be found once: a second detection of it is false."),
        (_truth(case, in_rows=True), "The highest score chooses first, whatever its row."),
        (_truth(case, least=True), "The highest score chooses first, not the lowest."),
        (_truth(case, only_the_best=True), "Where the best truth is taken, the best of those still *free* counts."),
        (_by_overlap(case), "The score decides who chooses first, not the overlap."),
        (
            _first_that_fits(case),
            "It takes the free truth that it overlaps *most*, not the first of them.",
        ),
        (np.where(truth < 0, 0, truth), "Row 0 is a truth: -1 says that nothing is found."),
        ((truth >= 0).astype(float), "The row of the truth is asked for, not whether there is one."),
        (truth + 1, "Rows are counted from 0, and -1 says that nothing is found."),
        (_truth((boxes, scores, truths, 1e-9)), "An overlap below `at_least` finds nothing."),
    ]
    told = next((text for value, text in slips if (received == value).all()), why)
    table = overlaps(boxes, truths).round(2).tolist()
    what = f"Overlaps {table}, scores {scores.round(2).tolist()}, at least {at_least:.2g}"
    require(False, f"{what}: {truth.astype(int).tolist()} is right. Received: {received.tolist()}. {told}")


def each_truth_is_found_once(match):
    """Of several detections on one truth, that with the highest score finds it; the others find nothing."""
    for rng in draws(4):
        _expect(match, _draw(rng, 0.5), "Note which truths are taken.")


def the_best_free_truth_is_taken(match):
    """Where truths stand close together, a detection takes the free one that it overlaps most."""
    for rng in draws(4):
        first = draw_boxes(rng, 1, 60) + 20
        shift = np.tile((first[:, 2:] - first[:, :2]) * rng.uniform(0.1, 0.2, (1, 2)), 2)
        boxes = np.vstack([shaken(rng, first, 0.02) for _ in range(3)])
        scores = rng.permutation([0.9, 0.6, 0.3]) + 0.01 * rng.random(3)
        for truths in mixed([np.vstack([first, first + shift]), np.vstack([first + shift, first])], rng):
            _expect(match, (boxes, scores, truths, 0.3), "A second box can still find the neighbour.")


def an_overlap_of_exactly_so_much_counts(match):
    """An overlap of `at_least` itself is enough, and a little less is not."""
    for rng in draws(4):
        side = 8.0 * rng.integers(1, 6)
        truth = np.array([[4.0, 4, 4 + side, 4 + side]])
        boxes = np.vstack([truth - [0, 0, 0, side / 2], truth + 200, truth + 400])[rng.permutation(3)]
        for at_least in mixed([0.5, 0.51, 0.25], rng):
            _expect(match, (boxes, rng.uniform(0.1, 0.9, 3), truth, at_least), "`>= at_least` is enough.")


def nothing_to_find_or_no_detection(match):
    """Without truths, all detections find nothing; without detections, the answer is empty."""
    for rng in draws(3):
        boxes, scores, truths, at_least = _draw(rng, 0.5)
        none = np.zeros((0, 4))
        for case in mixed([(boxes, scores, none, at_least), (none, scores[:0], truths, at_least)], rng):
            _expect(match, case, "`-1` for each detection, however many there are.")
        _expect(match, (boxes, scores, truths, at_least), "Note which truths are taken.")


MATCH = Exercise(
    id="12.5",
    title="Each truth once",
    points=2,
    kit_has=(match_detections,),
    hints=(
        "Go through the detections by falling score: `np.argsort(-scores, kind='stable')`.",
        "Each takes the truth with the largest overlap among those not yet taken, if it is `at_least` so large.",
        "After a match, set the column of that truth in the table of overlaps to -1.",
    ),
    properties=(
        each_truth_is_found_once,
        the_best_free_truth_is_taken,
        an_overlap_of_exactly_so_much_counts,
        nothing_to_find_or_no_detection,
    ),
)
