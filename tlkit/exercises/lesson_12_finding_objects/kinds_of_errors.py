"""What kind of error a detection is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.detection import KINDS, error_kinds
from tlkit.exercises.lesson_12_finding_objects.shown import GAINS
from tlkit.exercises.trials import draws, mixed

__all__ = ["ERRORS"]

Case = tuple[np.ndarray, np.ndarray, np.ndarray]
RIGHT, DOUBLE, WRONG, LOOSE, BACKGROUND = KINDS


def _truth(right: bool, overlap: np.ndarray, same: np.ndarray) -> str:
    own = max([value for value, alike in zip(overlap.tolist(), same.tolist(), strict=True) if alike], default=0.0)
    other = max([value for value, alike in zip(overlap.tolist(), same.tolist(), strict=True) if not alike], default=0.0)
    if right:
        return RIGHT
    if own >= 0.5:
        return DOUBLE
    if other >= 0.5:
        return WRONG
    return LOOSE if own >= 0.1 else BACKGROUND


def _row(rng: np.random.Generator, kind: str, number: int) -> tuple[bool, np.ndarray, np.ndarray]:
    """A detection of a kind: whether it is right, its overlaps with truths, and which of them have its class."""
    overlap, same = rng.uniform(0, 0.09, number), rng.random(number) < 0.5
    one, two = rng.choice(number, 2, replace=False)
    same[one], same[two] = kind != WRONG, False
    if kind in (RIGHT, DOUBLE):
        overlap[one] = rng.uniform(0.55, 0.95) if kind == DOUBLE or rng.random() < 0.5 else rng.uniform(0.2, 0.48)
        overlap[two] = rng.choice([0.05, rng.uniform(0.5, 1)])
    elif kind == WRONG:
        overlap[one] = rng.uniform(0.55, 0.95)
        same[two], overlap[two] = True, rng.choice([0.05, rng.uniform(0.15, 0.45)])
    elif kind == LOOSE:
        overlap[one] = rng.uniform(0.12, 0.48)
        overlap[two] = rng.choice([0.05, rng.uniform(0.15, 0.45)])
    else:
        overlap[two] = rng.choice([0.05, rng.uniform(0.15, 0.45)])
    return kind == RIGHT, overlap, same


def _case(rng: np.random.Generator, kinds: list[str]) -> Case:
    rows = [_row(rng, kind, 4) for kind in kinds]
    right, overlap, same = (np.array(each) for each in zip(*rows, strict=True))
    return right, overlap, same


def _read(kinds: Callable, case: Case) -> list[str]:
    received = held(kinds(*(each.copy() for each in case)))
    received = received.tolist() if isinstance(received, np.ndarray) else received
    message = f"For {len(case[0])} detections, return a list of as many words: {', '.join(KINDS)}."
    fine = isinstance(received, list | tuple) and all(isinstance(each, str) for each in received)
    require(fine and len(received) == len(case[0]), f"{message} Received: {in_words(received)}.")
    unknown = [each for each in received if each not in KINDS]
    require(not unknown, f"{message} {unknown[:1]} is none of these.")
    return list(received)


def _why(said: str, truth: str, overlap: np.ndarray, same: np.ndarray) -> str:
    own, other = max([0.0, *overlap[same]]), max([0.0, *overlap[~same]])
    reasons = {
        (RIGHT, DOUBLE): "A match is told by `right`, not by the overlap: another detection has taken this truth.",
        (RIGHT, WRONG): "A box round another class is not right, however good the box.",
        (WRONG, DOUBLE): "First look at truths of the detection's own class.",
        (WRONG, RIGHT): "`right` comes first: what else it overlaps does not matter.",
        (DOUBLE, RIGHT): "`right` comes first: it is the one that has the truth.",
        (LOOSE, RIGHT): "`right` comes first: detections may be matched from a smaller overlap on.",
        (LOOSE, WRONG): "A good box round another class comes before a loose one round the own class.",
        (BACKGROUND, WRONG): "There is an object under it, with another name.",
        (BACKGROUND, LOOSE): "There is an object of its class under a part of it: 0.1 or more.",
        (LOOSE, DOUBLE): "From 0.5 on, a box is not loose.",
        (LOOSE, BACKGROUND): "A loose box lies on a truth of its *own* class, with 0.1 or more."
        if other >= 0.1
        else "Below 0.1 it is background.",
        (WRONG, BACKGROUND): "A wrong class needs a good box: 0.5 or more.",
        (WRONG, LOOSE): "A wrong class needs a good box: 0.5 or more.",
    }
    return reasons.get((said, truth), f"Best overlap with its own class {own:.2f}, with others {other:.2f}.")


def _expect(kinds: Callable, case: Case, why: str) -> None:
    received = _read(kinds, case)
    for said, right, overlap, same in zip(received, *case, strict=True):
        truth = _truth(bool(right), overlap, same)
        what = f"Overlaps {overlap.round(2).tolist()}, own class {same.tolist()}, right {bool(right)}"
        told = f"{what}: this is {truth!r}, not {said!r}. {_why(said, truth, overlap, same)} {why}"
        require(said == truth, told.strip())


def tells_double_from_right(kinds):
    """A detection that is matched is right; one that lies as well on a truth of its class, but is not, is a double."""
    for rng in draws(3):
        _expect(kinds, _case(rng, mixed([RIGHT, DOUBLE, RIGHT, DOUBLE, BACKGROUND], rng)), "")


def tells_naming_from_finding(kinds):
    """A good box with another name is a wrong class, a bad box with the right name is loose."""
    for rng in draws(3):
        _expect(kinds, _case(rng, mixed([WRONG, LOOSE, WRONG, LOOSE, DOUBLE], rng)), "")


def what_lies_on_nothing_is_background(kinds):
    """What lies on no truth of its class, and well on none of another, is background."""
    for rng in draws(3):
        _expect(kinds, _case(rng, mixed([BACKGROUND, LOOSE, BACKGROUND, WRONG, BACKGROUND], rng)), "")


def borders_belong_to_the_better_kind(kinds):
    """An overlap of exactly 0.5 is a good box, and one of exactly 0.1 is loose; there may be no truth at all."""
    for rng in draws(3):
        rows = mixed([(0.5, True), (0.5, False), (0.1, True), (0.1, False), (0.4999, True), (0.0999, True)], rng)
        overlap = np.array([[value, 0.0] for value, _ in rows])
        same = np.array([[alike, not alike] for _, alike in rows])
        _expect(kinds, (np.zeros(6, bool), overlap, same), "The border itself belongs to the better box.")
        empty = np.zeros((int(rng.integers(1, 4)), 0))
        _expect(kinds, (np.zeros(len(empty), bool), empty, empty.astype(bool)), "Without truths, all is background.")


def reconciles_the_gain(gains, prediction):
    """Your prediction is compared with your own runs."""
    fine = isinstance(gains, dict) and set(gains) == {"finding", "naming"}
    require(fine, "`gains` must hold the differences by seed for finding and for naming, as measured.")
    told = ", ".join(f"{name} {np.mean(values):+.2f}" for name, values in gains.items())
    return f"You predicted {prediction!r}. Trained features minus untrained ones: {told}."


ERRORS = Exercise(
    id="12.7",
    title="Errors by kind",
    points=2,
    prediction=one_of(*GAINS),
    given={"gains": lambda rng: {"finding": rng.uniform(0.1, 0.3, 5), "naming": rng.uniform(0.1, 0.3, 5)}},
    kit_has=(error_kinds,),
    hints=(
        "For each detection: the largest overlap with truths of its class, and the largest with all others.",
        "`np.where(same, overlap, 0).max(axis=1, initial=0)`, and the same with `~same`.",
        "`np.select([right, own >= 0.5, other >= 0.5, own >= 0.1], [...four words...], 'background')`.",
    ),
    properties=(
        tells_double_from_right,
        tells_naming_from_finding,
        what_lies_on_nothing_is_background,
        borders_belong_to_the_better_kind,
        reconciles_the_gain,
    ),
)
