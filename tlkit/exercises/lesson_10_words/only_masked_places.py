"""The loss of a masked language model: only the places that were chosen count."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, one_number
from tlkit.exercises.trials import draws, slip
from tlkit.text import masked_loss

__all__ = ["MASKED"]

Case = tuple[np.ndarray, np.ndarray, np.ndarray]


def _draw(rng: np.random.Generator, scale: float = 2.0) -> Case:
    """Logits, true pieces, and which places were chosen: some, but not all."""
    texts, length, pieces = int(rng.integers(3, 6)), int(rng.integers(4, 8)), int(rng.integers(5, 12))
    logits = scale * rng.normal(size=(texts, length, pieces)) + rng.uniform(-3, 3)
    chosen = rng.random((texts, length)) < rng.uniform(0.2, 0.5)
    chosen.flat[rng.choice(chosen.size, 3, replace=False)] = [True, True, False]
    return logits, rng.integers(0, pieces, (texts, length)), chosen


def _costs(logits: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Minus the log-probability of the true piece at each place, by its definition."""
    largest = logits.max(axis=2, keepdims=True)
    total = np.exp(logits - largest).sum(axis=2)
    true = np.take_along_axis(logits - largest, tokens[:, :, None], axis=2)[:, :, 0]
    return np.log(total) - true


def _truth(case: Case) -> float:
    logits, tokens, chosen = case
    return math.fsum(_costs(logits, tokens)[chosen].tolist()) / int(chosen.sum())


def _slips(case: Case) -> list[tuple[float, str]]:
    logits, tokens, chosen = case
    costs = _costs(logits, tokens)
    by_text = [row[own].mean() for row, own in zip(costs, chosen, strict=True) if own.any()]
    raw = np.take_along_axis(logits, tokens[:, :, None], axis=2)[:, :, 0]
    right = logits.argmax(axis=2) == tokens
    return [
        (float(costs.mean()), "All places count here. A piece that can be seen is no riddle: only the chosen count."),
        (float((costs * chosen).mean()), "Divide by the number of chosen places, not by that of all."),
        (float(costs[chosen].sum()), "It is the mean over the chosen places, not the sum."),
        (float(costs[~chosen].mean()) if (~chosen).any() else math.inf, "These are the places that were *not* chosen."),
        (-_truth(case), "Take minus the logarithm: a loss is at least 0."),
        (_truth(case) / math.log(2), "The logarithm is the natural one."),
        (float(-raw[chosen].mean()), "Logits are no log-probabilities: take the softmax first."),
        (float(np.exp(-costs[chosen]).mean()), "The logarithm is missing: this is the mean probability."),
        (float(1 - np.exp(-costs[chosen]).mean()), "The logarithm is missing: this is one minus the probability."),
        (float((~right)[chosen].mean()), "This is the share of wrong guesses; the loss looks at probabilities."),
        (float(np.mean(by_text)), "Each chosen *place* counts once, however many its text has."),
    ]


def _expect(loss: Callable, case: Case, why: str) -> None:
    logits, tokens, chosen = case
    truth, slips = _truth(case), _slips(case)
    received = one_number(loss(logits.copy(), tokens.copy(), chosen.copy()), "the mean loss")
    told = f"{chosen.sum()} of {chosen.size} places were chosen: the loss is {truth:.5g}. Received: {received:.5g}."
    require(close(received, truth, rtol=1e-4, atol=1e-6), f"{told} {slip(received, slips, why)}")


def only_chosen_places_count(loss):
    """It is the mean of minus the log-probability of the true piece, over the chosen places."""
    for rng in draws(6):
        _expect(loss, _draw(rng), "Take `logits[chosen]` and `tokens[chosen]`, and then the mean.")


def what_was_not_chosen_may_be_anything(loss):
    """Where nothing was chosen, logits may be anything."""
    for rng in draws(5):
        logits, tokens, chosen = _draw(rng)
        junk = rng.normal(0, 30, logits.shape)
        _expect(loss, (np.where(chosen[:, :, None], logits, junk), tokens, chosen), "A seen piece costs nothing.")


def one_place_is_enough(loss):
    """One chosen place, or all of them, are possible."""
    for rng in draws(4):
        logits, tokens, chosen = _draw(rng)
        one = np.zeros(chosen.size, bool)
        one[rng.integers(one.size)] = True
        _expect(loss, (logits, tokens, one.reshape(chosen.shape)), "One place was chosen: its cost is the loss.")
        _expect(loss, (logits, tokens, np.ones(chosen.shape, bool)), "All places were chosen.")


def large_logits_do_not_overflow(loss):
    """It does not overflow where logits are large."""
    for rng in draws(4):
        logits, tokens, chosen = _draw(rng, scale=400.0)
        _expect(
            loss,
            (logits + 900 * rng.choice([-1, 1]), tokens, chosen),
            "Subtract the largest logit first, and add nothing to a probability, however small it is.",
        )


MASKED = Exercise(
    id="10.4",
    title="Only the hidden pieces count",
    points=2,
    kit_has=(masked_loss,),
    hints=(
        "`logits[chosen]` has a row for each chosen place, `tokens[chosen]` its true piece.",
        "The log-probabilities are `scipy.special.log_softmax(rows, axis=1)`.",
        "Pick that of the true piece by `rows[np.arange(len(rows)), true]`; the loss is minus its mean.",
    ),
    properties=(
        only_chosen_places_count,
        what_was_not_chosen_may_be_anything,
        one_place_is_enough,
        large_logits_do_not_overflow,
    ),
)
