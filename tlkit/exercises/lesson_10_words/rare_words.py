"""TF-IDF by hand, as scikit-learn defines it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_10_words.shown import HUNDRED
from tlkit.exercises.trials import draws
from tlkit.text import term_weights

__all__ = ["TFIDF"]


def _draw(rng: np.random.Generator) -> np.ndarray:
    """Counts of some texts: a word that all have, a word of one text, and words that occur several times."""
    texts, words = int(rng.integers(4, 9)), int(rng.integers(4, 9))
    counts = rng.integers(0, 4, (texts, words)) * (rng.random((texts, words)) < 0.5)
    counts[:, 0] = rng.integers(1, 5, texts)
    counts[:, 1] = 0
    counts[rng.integers(texts), 1] = rng.integers(1, 4)
    return counts[:, rng.permutation(words)]


def _truth(counts: np.ndarray) -> np.ndarray:
    """Word by word and text by text."""
    texts, words = counts.shape
    found = np.zeros(counts.shape)
    for word in range(words):
        having = sum(bool(count) for count in counts[:, word])
        found[:, word] = counts[:, word] * (math.log((1 + texts) / (1 + having)) + 1)
    for row in found:
        row /= math.sqrt(sum(value * value for value in row)) or 1.0
    return found


def _unit(table: np.ndarray) -> np.ndarray:
    return table / np.maximum(np.sqrt((table**2).sum(axis=1, keepdims=True)), 1e-12)


def _slips(counts: np.ndarray) -> list[tuple[np.ndarray, str]]:
    texts, having = len(counts), (counts > 0).sum(axis=0)
    smooth = np.log((1 + texts) / (1 + having))
    plain = np.log(texts / np.maximum(having, 1))
    weights = counts * (smooth + 1)
    return [
        (weights, "Divide each text by its length, the root of its sum of squares."),
        (_unit(counts), "The rarity is missing: all words weigh alike."),
        (
            _unit(counts * smooth),
            "The `+ 1` after the logarithm is missing: a word that all texts have weighs nothing.",
        ),
        (_unit(counts * (plain + 1)), "The `1 +` in both parts of the fraction is missing."),
        (_unit(counts * plain), "Both the `1 +` in the fraction and the `+ 1` after the logarithm are missing."),
        (_unit((counts > 0) * (smooth + 1)), "How often a word occurs in the text counts, too."),
        (
            weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12),
            "The length is the root of the sum of squares, not the sum.",
        ),
        (
            weights / np.maximum(np.linalg.norm(weights, axis=0, keepdims=True), 1e-12),
            "It is each text, a row, that gets the length 1, not each word.",
        ),
        (
            _unit(counts * (np.log((1 + texts) / (1 + counts.sum(axis=0))) + 1)),
            "It is the number of *texts* with the word that counts, not how often it occurs in them.",
        ),
        (_unit(counts * (np.log2((1 + texts) / (1 + having)) + 1)), "The logarithm is the natural one."),
    ]


def _expect(tfidf: Callable, counts: np.ndarray, why: str) -> None:
    truth, slips = _truth(counts), _slips(counts)
    message = f"Return a weight for each text and word, {counts.shape}."
    received = numbers_of(tfidf(counts.copy()), counts.shape, message)
    if close(received, truth, rtol=1e-4, atol=1e-6):
        return
    told = next((text for value, text in slips if close(received, value, rtol=1e-4, atol=1e-6)), why)
    row, word = np.unravel_index(int(abs(np.nan_to_num(received, nan=1e9) - truth).argmax()), truth.shape)
    told_of = (
        f"Of {len(counts)} texts, {(counts[:, word] > 0).sum()} have a word; text {row} has it {counts[row, word]}"
    )
    require(False, f"{told_of} times: its weight is {truth[row, word]:.4f}, not {received[row, word]:.4f}. {told}")


def rare_words_weigh_more(tfidf):
    """It is the count times the rarity, and each text has the length 1."""
    for rng in draws(5):
        _expect(tfidf, _draw(rng), "Count times `log((1 + texts) / (1 + texts with the word)) + 1`, then the length 1.")


def a_text_said_twice_weighs_the_same(tfidf):
    """A text twice as long with the same words has the same weights."""
    for rng in draws(4):
        counts = _draw(rng)
        counts[int(rng.integers(len(counts)))] *= int(rng.integers(2, 6))
        _expect(tfidf, counts, "The length of a text does not count.")


def no_words_no_weights(tfidf):
    """A text without words, and a word that no text has, weigh nothing."""
    for rng in draws(4):
        counts = _draw(rng)
        counts[int(rng.integers(len(counts)))] = 0
        counts[:, int(rng.integers(counts.shape[1]))] = 0
        _expect(tfidf, counts, "Do not divide by 0: a text without words stays at zeros.")


def reconciles_the_hundred(by_hundred, prediction):
    """Your prediction is compared with your own scores."""
    names = {"frozen glosses", "word counts"}
    fine = isinstance(by_hundred, dict) and set(by_hundred) == names
    require(fine, "`by_hundred` must hold the accuracy of both ways with 100 labels a topic, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.1%}" for name, values in by_hundred.items())
    return f"You predicted {prediction!r}. With 100 labels a topic: {told}."


TFIDF = Exercise(
    id="10.3",
    title="Rare words weigh more",
    points=2,
    prediction=one_of(*HUNDRED),
    given={
        "by_hundred": lambda rng: {name: rng.uniform(0.6, 0.8, 5) for name in ("frozen glosses", "word counts")},
    },
    kit_has=(term_weights,),
    hints=(
        "In how many texts does each word occur? `(counts > 0).sum(axis=0)`.",
        "The rarity is `np.log((1 + len(counts)) / (1 + that)) + 1`; multiply the counts by it.",
        "Divide each row by `np.linalg.norm(row)`, if that is not 0.",
    ),
    properties=(
        rare_words_weigh_more,
        a_text_said_twice_weighs_the_same,
        no_words_no_weights,
        reconciles_the_hundred,
    ),
)
