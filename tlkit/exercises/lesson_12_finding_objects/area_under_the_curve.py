"""Average precision over 101 recalls, as COCO defines it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.detection import average_precision
from tlkit.exercises.lesson_12_finding_objects.shown import LOWERED
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["PRECISION"]

Case = tuple[np.ndarray, np.ndarray, int]


def _draw(rng: np.random.Generator, missed: int) -> Case:
    """Hits, of which high scores have more, and so many truths that none finds."""
    number = int(rng.integers(12, 40))
    scores = rng.permutation(np.linspace(0.02, 0.98, number))
    hits = rng.random(number) < 0.15 + 0.7 * scores
    return hits, scores, int(hits.sum()) + missed


def _curve(case: Case) -> tuple[list[float], list[float]]:
    hits, scores, num_truths = case
    order, right = sorted(range(len(scores)), key=lambda row: -scores[row]), 0
    precision, recall = [], []
    for seen, row in enumerate(order, 1):
        right += bool(hits[row])
        precision.append(right / seen)
        recall.append(right / num_truths)
    return precision, recall


def _truth(case: Case, recalls: np.ndarray | None = None, *, best: bool = True, rounding: float = 1e-12) -> float:
    """Without an allowance for rounding, as in pycocotools, 7 of 10 do not reach the recall `0.7000000000000001`."""
    precision, recall = _curve(case)
    total, recalls = 0.0, np.linspace(0, 1, 101) if recalls is None else recalls
    for level in recalls.tolist():
        there = [p for p, r in zip(precision, recall, strict=True) if r >= level - rounding]
        total += (max(there) if best else there[0]) if there else 0.0
    return total / len(recalls)


def _slips(case: Case) -> list[tuple[float, str]]:
    hits, scores, num_truths = case
    precision, recall = (np.array(each) for each in _curve(case))
    ordered = np.asarray(hits)[np.argsort(-scores, kind="stable")]
    best = np.maximum.accumulate(precision[::-1])[::-1]
    reached = [level for level in np.linspace(0, 1, 101) if level <= recall[-1] + 1e-12]
    return [
        (_truth(case, best=False), "At each recall, the best precision counts that is had there or *later*."),
        (_truth((hits, np.arange(len(scores))[::-1], num_truths)), "Sort by falling score first."),
        (_truth((hits, -scores, num_truths)), "The highest score comes first."),
        (_truth(case, np.linspace(0, 1, 11)), "COCO takes 101 recalls; 11 were used before 2010."),
        (float((best * ordered).sum() / num_truths), "This is the whole area; COCO's definition takes 101 recalls."),
        (
            float((precision * ordered).sum() / num_truths),
            "At each of 101 recalls, the best precision from there on counts.",
        ),
        (_truth(case, np.array(reached)), "Recalls that are never reached count, too, with precision 0."),
        (
            _truth((hits, scores, max(1, int(hits.sum())))),
            "Recall is the share of *all* truths, also of those never found.",
        ),
        (_truth((hits, scores, len(hits))), "Recall is the share of the truths, not of the detections."),
        (float(precision.mean()), "This is the mean precision over the detections, not over recalls."),
        (float(precision[-1]), "This is the precision of all detections together."),
        (float(recall[-1]), "This is the recall of all detections together."),
        (100 * _truth(case), "Return a share, from 0 to 1."),
        (101 * _truth(case), "Return the mean over the recalls, not the sum."),
        (101 * _truth(case) / 100, "There are 101 recalls, from 0 to 1: divide by 101."),
        (_truth(case, np.linspace(0.01, 1, 100)), "The recall 0 counts as well: there are 101."),
    ]


def _expect(ap: Callable, case: Case, why: str) -> None:
    hits, scores, num_truths = case
    truth = _truth(case)
    received = one_number(ap(hits.copy(), scores.copy(), num_truths), "the average precision")
    if any(close(received, each, rtol=1e-6, atol=1e-7) for each in (truth, _truth(case, rounding=0))):
        return
    told = slip(received, _slips(case), why) if len(hits) else why
    what = f"{len(hits)} detections, {int(hits.sum())} of them right, and {num_truths} truths"
    require(False, f"{what}: {truth:.6f} is the average precision. Received: {received:.6f}. {told}")


def precision_counts_at_101_recalls(ap):
    """It is the mean, over the recalls 0, 0.01, ..., 1, of the best precision that is had there or later."""
    for rng in draws(4):
        _expect(ap, _draw(rng, 0), "Sort, count, take the best precision from each recall on, then the mean of 101.")


def what_is_never_found_costs(ap):
    """Truths that no detection finds lower it: recalls that are never reached have precision 0."""
    for rng in draws(4):
        for missed in mixed([1, 5, 20], rng):
            _expect(ap, _draw(rng, missed), "Divide by the number of truths to get the recall.")


def an_exact_recall_counts(ap):
    """A recall that is reached exactly counts with the precision there."""
    for rng in draws(4):
        for num_truths in mixed([4, 5, 10, 20], rng):
            number = int(rng.integers(num_truths, 2 * num_truths + 3))
            hits = np.zeros(number, bool)
            hits[rng.choice(number, int(rng.integers(num_truths // 2, num_truths)), replace=False)] = True
            scores = rng.permutation(np.linspace(0.1, 0.9, number))
            _expect(ap, (hits, scores, num_truths), "The first place where recall is at least the level.")


def later_misses_cost_nothing(ap):
    """Without a detection, or with none that is right, it is 0; misses below the last hit change nothing."""
    for rng in draws(3):
        hits, scores, num_truths = _draw(rng, 2)
        more = np.append(hits, np.zeros(5, bool)), np.append(scores, rng.uniform(0, 0.01, 5)), num_truths
        none = np.zeros(0, bool), np.zeros(0), int(rng.integers(1, 9))
        wrong = np.zeros(6, bool), rng.random(6), int(rng.integers(1, 9))
        for case in mixed([more, none, wrong, (hits, scores, num_truths)], rng):
            _expect(ap, case, "Where no recall is reached, precision is 0.")


def reconciles_the_threshold(lowered, prediction):
    """Your prediction is compared with your own detections."""
    fine = isinstance(lowered, dict) and len(lowered) == 2
    require(fine, "`lowered` must hold the average precision for both thresholds, as measured.")
    told = ", ".join(f"{value:.3f} from a score of {least} on" for least, value in lowered.items())
    return f"You predicted that it {prediction}. Measured: {told}."


PRECISION = Exercise(
    id="12.6",
    title="Average precision",
    points=3,
    prediction=one_of(*LOWERED),
    given={"lowered": lambda rng: {0.3: float(rng.uniform(0.1, 0.2)), 0.02: float(rng.uniform(0.2, 0.3))}},
    kit_has=(average_precision,),
    hints=(
        "Sort by falling score; `np.cumsum` of the hits, divided by 1, 2, 3, ..., is the precision.",
        "`np.maximum.accumulate(precision[::-1])[::-1]` is the best precision from each place on.",
        "`np.searchsorted(recall, np.linspace(0, 1, 101))` finds the places; append a precision of 0 for those beyond.",
    ),
    properties=(
        precision_counts_at_101_recalls,
        what_is_never_found_costs,
        an_exact_recall_counts,
        later_misses_cost_nothing,
        reconciles_the_threshold,
    ),
)
