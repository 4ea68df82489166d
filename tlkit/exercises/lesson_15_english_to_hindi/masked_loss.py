"""Cross-entropy over letters that are there: padding does not count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import log_softmax

from tlkit.backbones.spelling import spelling_loss
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, one_number
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.translation import masked_cross_entropy

__all__ = ["LOSS"]

Case = tuple[np.ndarray, np.ndarray]


def _draw(rng: np.random.Generator, scale: float = 2.0, *, padded: bool = True) -> Case:
    """Logits, and letters of names of different lengths; without padding, all places are taken."""
    number, length, width = (int(rng.integers(*ends)) for ends in ((3, 6), (6, 10), (7, 12)))
    letters = rng.integers(1, width, (number, length))
    if padded:
        for row, end in zip(letters, mixed([2, *rng.integers(2, length, number - 1).tolist()], rng), strict=True):
            row[end:] = 0
    scores = scale * rng.normal(size=(number, length, width))
    scores[..., 0] -= 2  # padding is unlikely, as for a network that has learned it is never asked for
    return scores, letters


def _costs(scores: np.ndarray, letters: np.ndarray) -> np.ndarray:
    return -np.take_along_axis(log_softmax(scores, axis=-1), letters[..., None], axis=-1)[..., 0]


def _truth(scores: np.ndarray, letters: np.ndarray) -> float:
    costs = []
    for name, right in zip(scores, letters, strict=True):
        for place, letter in zip(name, right, strict=True):
            if letter:
                highest = place.max()
                costs.append(highest + np.log(np.exp(place - highest).sum()) - place[letter])
    return float(np.mean(costs))


def _slips(scores: np.ndarray, letters: np.ndarray) -> list[tuple[float, str]]:
    costs, there = _costs(scores, letters), letters > 0
    by_name = (costs * there).sum(axis=1) / there.sum(axis=1)
    wrong_axis = -np.take_along_axis(log_softmax(scores, axis=1), letters[..., None], axis=-1)[..., 0]
    raw = -np.take_along_axis(scores, letters[..., None], axis=-1)[..., 0]
    truth = float(costs[there].mean())
    return [
        (float(costs.mean()), "Padding counts here: leave out the places whose letter is 0."),
        (float((costs * there).mean()), "Padding is set to 0, but still counted: divide by the number of letters."),
        (float(costs[there].sum()), "It is the mean over letters, not their sum."),
        (float(costs[there].sum() / len(letters)), "Divide by the number of letters, not of names."),
        (float(by_name.mean()), "Each *letter* counts once, so a long name counts more than a short one."),
        (float(wrong_axis[there].mean()), "The softmax goes over the letters to choose from, the last axis."),
        (float(raw[there].mean()), "`scores` are logits: take their softmax first."),
        (truth / np.log(2), "The logarithm is the natural one."),
        (-truth, "The loss is the *negative* log probability: it is above 0."),
        (float(np.exp(min(truth, 700.0))), "This is the perplexity: the loss is its logarithm."),
    ]


def _expect(loss: Callable, case: Case, why: str) -> None:
    truth, slips = _truth(*case), _slips(*case)
    received = one_number(loss(case[0].copy(), case[1].copy()), "the mean loss")
    told = f"{(case[1] > 0).sum()} letters at {case[1].size} places: the loss is {truth:.5g}. Received: {received:.5g}."
    require(close(received, truth, rtol=1e-4, atol=1e-6), f"{told} {_slip_near(received, slips, why)}")


def _slip_near(received: float, slips: list[tuple[float, str]], why: str) -> str:
    """Like `slip`, and for results of single precision, too."""
    near = next((text for value, text in slips if close(received, value, rtol=1e-4, atol=1e-6)), None)
    return near or slip(received, slips, why)


def padding_does_not_count(loss):
    """It is the mean over letters; padding does not count."""
    for rng in draws(5):
        _expect(loss, _draw(rng), "The mean of `-log softmax(scores)[letter]` over places with a letter.")


def without_padding_all_places_count(loss):
    """Where there is no padding, all places count."""
    for rng in draws(4):
        _expect(loss, _draw(rng, padded=False), "Nothing is padding here.")


def scores_at_padding_change_nothing(loss):
    """Whatever the network says at padding changes nothing."""
    for rng in draws(4):
        scores, letters = _draw(rng)
        loud = rng.uniform(5, 15, scores.shape) * (letters == 0)[..., None]
        _expect(loss, (scores + loud * rng.choice([-1, 1], scores.shape), letters), "Padding does not count.")


def large_scores_do_not_overflow(loss):
    """Scores in the thousands give a number, too."""
    overflow = "Take the greatest score off before you exponentiate."
    unlikely = "An unlikely letter costs what its score lies below the others: take `log_softmax`, with nothing added."
    for rng in draws(3):
        for level, scale in mixed([(-3000.0, 2.0), (3000.0, 2.0), (0.0, 200.0)], rng):
            scores, letters = _draw(rng, scale)
            scores = np.round(64 * scores) / 64  # single precision holds these, too
            _expect(loss, (scores + level, letters), overflow if level else unlikely)


LOSS = Exercise(
    id="15.2",
    title="A loss without padding",
    points=2,
    kit_has=(masked_cross_entropy, spelling_loss),
    hints=(
        "First the log probability of each right letter, at all places; then the mean over places with a letter.",
        "`scipy.special.log_softmax(scores, axis=-1)`, then `np.take_along_axis` with `letters[..., None]`.",
        "If `costs` is `(num_names, length)`: `costs[letters > 0].mean()`.",
    ),
    properties=(
        padding_does_not_count,
        without_padding_all_places_count,
        scores_at_padding_change_nothing,
        large_scores_do_not_overflow,
    ),
)
