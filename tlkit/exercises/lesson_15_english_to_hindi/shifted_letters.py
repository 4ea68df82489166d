"""Teacher forcing: the decoder is told the right letters before, each one place later."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.backbones.spelling import spelling_lessons
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_15_english_to_hindi.shown import FORGOTTEN
from tlkit.exercises.trials import draws, mixed
from tlkit.translation import shift_right

__all__ = ["SHIFT"]


def _draw(rng: np.random.Generator, *, full: bool = False) -> np.ndarray:
    """Letters of some names, each closed by 1 and padded by 0; the first fills its row if `full`."""
    length = int(rng.integers(6, 12))
    rows = np.zeros((int(rng.integers(3, 7)), length), np.int32)
    for place, row in enumerate(rows):
        number = length - 1 if full and not place else int(rng.integers(2, length - 1))
        row[: number + 1] = [*rng.integers(4, 90, number), 1]
    return rows


def _truth(letters: np.ndarray, begin: int) -> np.ndarray:
    told = [[begin, *row][: len(row)] for row in letters.tolist()]
    return np.array([[0 if letter == 1 else letter for letter in row] for row in told])


def _slips(letters: np.ndarray, begin: int) -> list[tuple[np.ndarray, str]]:
    first = np.full((len(letters), 1), begin)
    later = np.concatenate([first, letters[:, :-1]], axis=1)
    without_end = np.where(letters == 1, 0, letters)
    return [
        (letters, "Nothing is shifted: at each place the decoder is told the very letter that it is asked for."),
        (without_end, "Nothing is shifted: at each place the decoder is told the very letter that it is asked for."),
        (later, "The end is still there: nothing is to be written after it, so put 0 in its place."),
        (np.where(letters == 1, begin, letters), "Nothing is shifted: `begin` goes to the front of each row."),
        (np.concatenate([letters[:, 1:], first], axis=1), "This is shifted to the left: it tells letters to come."),
        (np.concatenate([letters[:, 1:], 0 * first], axis=1), "This is shifted to the left: it tells letters to come."),
        (np.where(later == 1, 0, np.concatenate([0 * first, letters[:, :-1]], axis=1)), "`begin` has to come first."),
        (np.where(later == 1, 0, np.roll(letters, 1, axis=1)), "`begin` has to come first, not the last number."),
        (np.where(later <= 1, begin, later), "Padding stays 0: `begin` stands only at the first place."),
    ]


def _expect(shift: Callable, letters: np.ndarray, begin: int, why: str) -> None:
    message = f"Return numbers of the shape of `letters`, {letters.shape}."
    received = numbers_of(shift(letters.copy(), begin), letters.shape, message)
    truth = _truth(letters, begin)
    if np.array_equal(received, truth):
        return
    told = next((text for value, text in _slips(letters, begin) if np.array_equal(received, value)), why)
    row = int(np.flatnonzero((received != truth).any(axis=1))[0])
    case = f"For {letters[row].tolist()} and begin={begin}, the decoder is told {truth[row].tolist()}."
    require(False, f"{case} Received: {received[row].astype(int).tolist()}. {told}")


def each_letter_comes_a_place_later(shift):
    """At each place stands the right letter before it."""
    for rng in draws(4):
        _expect(shift, _draw(rng), 2, "Move each row one place to the right, and drop its last number.")


def the_first_place_says_begin(shift):
    """At the first place stands the number that begins a name, whichever it is."""
    for rng in draws(3):
        for begin in mixed([2, 3, int(rng.integers(90, 200))], rng):
            _expect(shift, _draw(rng), begin, "`begin` comes first in each row.")


def nothing_is_told_after_the_end(shift):
    """After the end of a name stands 0."""
    for rng in draws(5):
        letters = _draw(rng)
        _expect(shift, letters, int(rng.integers(2, 4)), "Where the end, 1, would be told, put 0.")


def a_name_may_fill_its_row(shift):
    """A name whose end is at the last place keeps all its letters."""
    for rng in draws(5):
        _expect(shift, _draw(rng, full=True), int(rng.integers(2, 4)), "Only the last number of each row is dropped.")


def reconciles_the_forgotten_shift(unshifted, prediction):
    """Your prediction is compared with your own run."""
    fine = isinstance(unshifted, dict) and set(unshifted) == {"loss", "letters wrong"}
    require(fine, "`unshifted` must hold the loss and the share of letters wrong, as measured.")
    told = f"a loss of {unshifted['loss']:.2f}, and {unshifted['letters wrong']:.0%} of the letters wrong"
    return f"You predicted {prediction!r}. Without the shift: {told}."


SHIFT = Exercise(
    id="15.1",
    title="What the decoder is told",
    points=2,
    prediction=one_of(*FORGOTTEN),
    given={"unshifted": lambda rng: {"loss": float(rng.uniform(0, 0.2)), "letters wrong": float(rng.uniform(0.8, 1))}},
    kit_has=(shift_right, spelling_lessons),
    hints=(
        "The first letter is written from `begin`, the second one from `begin` and the first letter, and so on.",
        "Put a column of `begin` before `letters[:, :-1]`.",
        "`before = np.hstack([np.full((len(letters), 1), begin), letters[:, :-1]])`, then 0 where `before == 1`.",
    ),
    properties=(
        each_letter_comes_a_place_later,
        the_first_place_says_begin,
        nothing_is_told_after_the_end,
        a_name_may_fill_its_row,
        reconciles_the_forgotten_shift,
    ),
)
