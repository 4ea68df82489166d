"""Attention: scores to shares over the letters that are there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import softmax

from tlkit.backbones.near_attention import NearAttention
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.trials import draws, mixed
from tlkit.translation import attention_over

__all__ = ["ATTENTION"]

Case = tuple[np.ndarray, np.ndarray]


def _draw(rng: np.random.Generator, num_padding: int | None = None) -> Case:
    """Scores, and letters of a name with padding at its end."""
    num_target, num_source = int(rng.integers(3, 7)), int(rng.integers(8, 12))
    letters = rng.integers(1, 40, num_source)
    empty = int(rng.integers(2, 5)) if num_padding is None else num_padding
    letters[num_source - empty :] = 0
    return 1.5 * rng.normal(size=(num_target, num_source)), letters


def _truth(scores: np.ndarray, letters: np.ndarray) -> np.ndarray:
    rows = np.zeros(scores.shape)
    for row, own in zip(rows, scores, strict=True):
        real = [place for place, letter in enumerate(letters) if letter]
        sizes = [np.exp(own[place] - max(own[real])) for place in real]
        row[real] = [size / sum(sizes) for size in sizes]
    return rows


def _slips(scores: np.ndarray, letters: np.ndarray) -> list[tuple[np.ndarray, str]]:
    there = letters != 0
    everywhere, down = softmax(scores, axis=1), np.zeros(scores.shape)
    down[:, there] = softmax(scores[:, there], axis=0)
    positive = np.where(there, np.abs(scores), 0)
    best = np.where(there, scores, -np.inf)
    zeroed = softmax(np.where(there, scores, 0), axis=1)
    return [
        (everywhere, "Padding gets a share, too: leave it out before you take the softmax."),
        (everywhere * there, "Padding is set to 0 *after* the softmax, so the rows no longer sum to 1."),
        (zeroed, "A score of 0 is a score like others: padding needs minus infinity, or a very low number."),
        (down, "Each row is one letter to write: its shares sum to 1 along the row, axis 1."),
        (softmax(scores, axis=0), "Each row is one letter to write: its shares sum to 1 along the row, axis 1."),
        (np.tile(there / there.sum(), (len(scores), 1)), "The scores decide which letters are looked at."),
        (
            positive / positive.sum(axis=1, keepdims=True),
            "Shares are of `exp(score)`, so a low score gives a small one.",
        ),
        (np.eye(len(letters))[best.argmax(axis=1)], "Each letter gets a share; it is not the best one alone."),
        (best, "These are scores: take their softmax."),
    ]


def _expect(attention: Callable, case: Case, why: str) -> None:
    scores, letters = case
    truth = _truth(scores, letters)
    message = f"Return one row for each letter to write, `{scores.shape}`."
    received = numbers_of(attention(scores.copy(), letters.copy()), scores.shape, message)
    if close(received, truth, rtol=1e-4, atol=1e-6):
        return
    finite, large = np.isfinite(received).all(), np.abs(scores).max() > 700
    known = np.nan_to_num(received)
    told = next((text for value, text in _slips(*case) if close(known, value, rtol=1e-4, atol=1e-6)), why)
    nothing = (
        "take the greatest score of a row off before `exp`." if large else "a softmax over no letter at all is none."
    )
    require(finite, f"The answer holds `nan` or infinity: {told if told != why else nothing}")
    row = int(abs(received - truth).max(axis=1).argmax())
    sums = f"Row {row} sums to {received[row].sum():.3f}, with {received[row][letters == 0].sum():.3f} on padding."
    require(False, f"{sums} It should be {truth[row].round(3).tolist()}. {told}")


def rows_are_shares_of_real_letters(attention):
    """Each row holds shares of the letters that are there, and sums to 1."""
    for rng in draws(5):
        _expect(attention, _draw(rng), "A softmax over the places whose letter is not 0.")


def padding_gets_nothing(attention):
    """Padding gets 0, however high its score is."""
    for rng in draws(4):
        scores, letters = _draw(rng)
        _expect(attention, (scores + rng.uniform(5, 9) * (letters == 0), letters), "Padding gets 0 in each row.")


def without_padding_it_is_a_softmax(attention):
    """Without padding it is a plain softmax, and a single letter gets all."""
    for rng in draws(3):
        for kind in mixed(["no padding", "one letter"], rng):
            scores, letters = _draw(rng, num_padding=0)
            if kind == "one letter":
                letters[1:] = 0
            _expect(attention, (scores, letters), "Shares of `exp(score)`.")


def large_scores_do_not_overflow(attention):
    """Scores in the thousands, above or below 0, give shares, too."""
    for rng in draws(3):
        for level in mixed([-4000.0, 4000.0], rng):
            scores, letters = _draw(rng)
            scores = np.round(64 * scores) / 64  # single precision holds these, too
            levels = level * np.arange(len(scores))[:, None]
            _expect(attention, (scores + level + levels, letters), "Take the greatest score of a row off before `exp`.")


ATTENTION = Exercise(
    id="15.5",
    title="Attention",
    points=2,
    kit_has=(attention_over, NearAttention),
    hints=(
        "Padding must be out *before* the softmax, so that the shares of the others sum to 1.",
        "`np.where(letters != 0, scores, -np.inf)`, then a softmax along axis 1.",
        "`scipy.special.softmax(np.where(letters != 0, scores, -np.inf), axis=1)`.",
    ),
    properties=(
        rows_are_shares_of_real_letters,
        padding_gets_nothing,
        without_padding_it_is_a_softmax,
        large_scores_do_not_overflow,
    ),
)
