"""What alignment can cost where the shares of the classes differ."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number
from tlkit.exercises.lesson_06_without_target_labels.measured_gain import reconciles_the_gain
from tlkit.exercises.lesson_06_without_target_labels.shown import SIGNS
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["CEILING"]


def _labels(counts: np.ndarray, names: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(np.repeat(names, counts))


def _expect(ceiling: Callable, source: np.ndarray, target: np.ndarray, why: str) -> None:
    names = np.unique(np.concatenate([source, target]))
    s, t = (np.array([np.mean(labels == name) for name in names]) for labels in (source, target))
    truth = float(np.minimum(s, t).sum())
    slips = [
        (1.0, "All can be right only where the shares are equal."),
        (100 * truth, "That is in percent: return a share, from 0 to 1."),
        (np.maximum(s, t).sum(), "Of the two shares of a class, the *smaller* one can be right."),
        (s @ t, "Products are for guesses by chance. At most, a class is right in the smaller of its two shares."),
        (1 - 2 * (1 - truth), "A difference of shares is counted for two classes: only half of their sum is lost."),
        (np.abs(s - t).sum() / 2, "That is what is lost at least; what is left of 1 was asked for."),
        (np.mean((s > 0) & (t > 0)), "Count by shares, and not the names that both domains have."),
    ]
    counts = [share * len(labels) for share, labels in ((s, source), (t, target))]
    slips += [
        (np.minimum(*counts).sum() / number, "Domains may have any number of rows: divide each count by its own sum.")
        for number in (1, len(source), len(target))
    ]
    slips.append((t[s > 0].sum(), "Guesses of a class come in its share of the *source*: the smaller share is right."))
    received = one_number(ceiling(source.copy(), target.copy()), "an accuracy")
    require(
        abs(received - truth) < 1e-6,
        f"{len(source)} labels of the source, {len(target)} of the target, {len(names)} classes: at most {truth:.3f} "
        f"of the target can be right. Received {received:.3f}. {slip(received, slips, why)}",
    )


def _names(number: int, rng: np.random.Generator) -> np.ndarray:
    return np.sort(rng.choice(40, number, replace=False))


def other_shares_lower_it(ceiling):
    """It is 1 where the shares are equal, and less where they are not."""
    for rng in draws(3):
        number = int(rng.integers(3, 7))
        names, counts = _names(number, rng), rng.permutation(np.arange(number) * 3 + 4)
        for other in mixed([counts, counts[::-1], np.roll(counts, 1)], rng):
            why = "Guesses of a class can only be right as far as there are rows of it: the smaller of both shares."
            _expect(ceiling, _labels(counts, names, rng), _labels(other, names, rng), why)


def numbers_of_rows_do_not_count(ceiling):
    """It compares shares, not numbers of rows."""
    for rng in draws(3):
        number = int(rng.integers(3, 6))
        names, counts = _names(number, rng), rng.integers(3, 20, number)
        for times in mixed([2, 5], rng):
            why = "The domains may have any number of rows: divide each count by its own sum."
            _expect(ceiling, _labels(counts, names, rng), _labels(times * rng.permutation(counts), names, rng), why)


def a_class_may_be_missing(ceiling):
    """A class that one domain lacks counts for nothing."""
    for rng in draws(2):
        number = int(rng.integers(4, 7))
        names, counts = _names(number, rng), rng.integers(3, 20, number)
        half = number // 2
        first, last = np.r_[counts[:half], 0 * counts[half:]], np.r_[0 * counts[:half], counts[half:]]
        for source, target in mixed([(counts, first), (last, counts), (first, counts), (first, last)], rng):
            why = "Go through the classes of both domains; a class that is missing has the share 0."
            _expect(ceiling, _labels(source, names, rng), _labels(target, names, rng), why)


CEILING = Exercise(
    id="6.5",
    title="What alignment can cost",
    points=2,
    prediction=one_of(*SIGNS),
    given={"gains": lambda rng: rng.normal(-0.1, 0.02, 5).tolist()},
    hints=(
        "If the features have one distribution, so have the guesses: in which shares do the classes come in them?",
        "A share `s` of guesses of a class that has the share `t` in the target: at most `min(s, t)` are right.",
        "Sum `min(np.mean(source == name), np.mean(target == name))` over all names that occur in either.",
    ),
    properties=(
        other_shares_lower_it,
        numbers_of_rows_do_not_count,
        a_class_may_be_missing,
        reconciles_the_gain,
    ),
)
