"""Nearest neighbours by the cosine, in which no text is its own neighbour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_10_words.shown import APART
from tlkit.exercises.trials import draws
from tlkit.text import nearest

__all__ = ["NEIGHBOURS"]

Case = tuple[np.ndarray, int, int]


def _draw(rng: np.random.Generator) -> Case:
    """Vectors in a bundle with lengths far from 1, whose is asked, and how many neighbours."""
    size, width = int(rng.integers(9, 15)), int(rng.integers(3, 6))
    vectors = rng.normal(size=(size, width)) + rng.normal(size=width)
    return vectors * rng.uniform(0.2, 5, (size, 1)), int(rng.integers(size)), int(rng.integers(2, 5))


def _cosines(vectors: np.ndarray, row: int) -> np.ndarray:
    lengths = np.sqrt((vectors**2).sum(axis=1))
    return vectors @ vectors[row] / (lengths * lengths[row])


def _best(scores: np.ndarray, number: int, without: int | None = None) -> list[int]:
    """Rows of the largest scores, one after the other."""
    left = [row for row in range(len(scores)) if row != without]
    found = []
    for _ in range(min(number, len(left))):
        found.append(max(left, key=lambda row: scores[row]))
        left.remove(found[-1])
    return found


def _slips(vectors: np.ndarray, row: int, number: int) -> list[tuple[list[int], str]]:
    cosines, products = _cosines(vectors, row), vectors @ vectors[row]
    far = np.linalg.norm(vectors - vectors[row], axis=1)
    truth = _best(cosines, number, row)
    others = np.delete(cosines, row)
    return [
        (_best(cosines, number), "A text is not its own neighbour: leave out its row."),
        (_best(cosines, number + 1), "A text is not its own neighbour, and there is one too many."),
        (_best(cosines, number + 1)[1:], "Leave out the row itself, not whatever comes first: it may have a twin."),
        (_best(others, number), "Where its row is taken out, later rows move up by one: count them as before."),
        (truth[::-1], "The nearest comes first."),
        (_best(-cosines, number, row), "These are the farthest: the largest cosine is the nearest."),
        (_best(products, number, row), "Long vectors win here: a cosine is divided by both lengths."),
        (_best(-far, number, row), "It is the angle that counts, not the distance."),
        (_best(abs(cosines), number, row), "An opposite direction is far: the sign of the cosine counts."),
        (truth[:1], f"All {number} neighbours are asked for."),
    ]


def _expect(neighbours: Callable, case: Case, why: str) -> None:
    vectors, row, number = case
    truth = _best(_cosines(vectors, row), number, row)
    answer = neighbours(vectors.copy(), row, number)
    slips = _slips(*case)
    size = np.size(answer) if np.size(answer) in {len(value) for value, _ in slips} else number
    message = f"Return {number} rows of {len(vectors)} vectors, the nearest first."
    received = numbers_of(answer, (size,), message).tolist()
    told = f"The {number} neighbours of row {row} are {truth}. Received: {[round(each, 3) for each in received]}."
    if row in received:
        why = "A text is not its own neighbour: leave out its row."
    why = next((text for value, text in slips if received == value), why)
    require(received == truth, f"{told} {why}")


def the_smallest_angles(neighbours):
    """They are the rows with the largest cosines, the nearest first."""
    for rng in draws(6):
        _expect(neighbours, _draw(rng), "Sort the cosines with `vectors[row]`, the largest first.")


def length_does_not_count(neighbours):
    """A longer vector in the same direction is as near."""
    for rng in draws(5):
        vectors, row, number = _draw(rng)
        stretched = vectors * rng.uniform(0.05, 50, (len(vectors), 1))
        _expect(neighbours, (stretched, row, number), "Divide each vector by its length.")


def not_itself(neighbours):
    """A text is not its own neighbour, but a text that is there twice has its twin next to it."""
    for rng in draws(5):
        vectors, row, number = _draw(rng)
        other = int(rng.choice([each for each in range(len(vectors)) if each != row]))
        twin = vectors.copy()
        twin[other] = vectors[row] * 2.0 ** int(rng.integers(1, 4))
        _expect(neighbours, (twin, row, number), "Another text with the same vector is the nearest.")


def opposites_are_far(neighbours):
    """A vector in the opposite direction is the farthest."""
    for rng in draws(4):
        vectors, row, number = _draw(rng)
        other = int(rng.choice([each for each in range(len(vectors)) if each != row]))
        vectors[other] = -vectors[row] * rng.uniform(0.5, 2)
        _expect(neighbours, (vectors, row, number), "A cosine of -1 is the smallest.")
        away = -vectors[row] + 0.2 * np.linalg.norm(vectors[row]) * rng.normal(size=vectors.shape) / vectors.shape[1]
        away[row] = vectors[row]  # all others lie on the other side of 0
        _expect(neighbours, (away, row, number), "A cosine below 0 may be the largest of all.")


def reconciles_the_gap(apart, prediction):
    """Your prediction is compared with your own scores."""
    fine = isinstance(apart, dict) and set(apart) == {"topics unseen", "word counts"}
    require(fine, "`apart` must hold the accuracy of both ways, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.1%}" for name, values in apart.items())
    return f"You predicted {prediction!r} for the network that had read no text of these topics. Measured: {told}."


NEIGHBOURS = Exercise(
    id="10.6",
    title="Neighbours",
    points=2,
    prediction=one_of(*APART),
    given={"apart": lambda rng: {name: rng.uniform(0.4, 0.7, 5) for name in ("topics unseen", "word counts")}},
    kit_has=(nearest,),
    hints=(
        "Divide each vector by its length; the cosines are then `unit @ unit[row]`.",
        "Give the row itself a cosine of minus infinity, so that it is last.",
        "`np.argsort(-cosines)[:number]`.",
    ),
    properties=(the_smallest_angles, length_does_not_count, not_itself, opposites_are_far, reconciles_the_gap),
)
