"""From windows to clips: what is said of the parts decides what is said of the whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.audio import join_windows
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_11_voices.shown import JOINED
from tlkit.exercises.trials import draws, mixed

__all__ = ["CLIPS"]


def _draw(rng: np.random.Generator, *, sharp: float = 1.5, equal: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of windows `(num_windows, num_classes)` and their clips: numbers with gaps, in any order."""
    num_clips, num_classes = int(rng.integers(25, 40)), int(rng.integers(3, 6))
    sizes = np.full(num_clips, 5) if equal else rng.integers(2, 9, num_clips)
    clips = np.repeat(rng.choice(900, num_clips, replace=False), sizes)
    logits = sharp * rng.normal(size=(len(clips), num_classes))
    scores = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    order = rng.permutation(len(clips))
    return scores[order], clips[order]


def _named(scores: np.ndarray, clips: np.ndarray, join: Callable) -> np.ndarray:
    return np.array([join(scores[clips == clip]) for clip in np.unique(clips)])


def _truth(scores: np.ndarray, clips: np.ndarray) -> np.ndarray:
    return _named(scores, clips, lambda own: own.mean(axis=0).argmax())


def _slips(scores: np.ndarray, clips: np.ndarray) -> list[tuple[np.ndarray, str]]:
    count = scores.shape[1]
    vote = _named(scores, clips, lambda own: np.bincount(own.argmax(axis=1), minlength=count).argmax())
    chances = _named(scores, clips, lambda own: np.exp(own).mean(axis=0).argmax())
    surest = _named(scores, clips, lambda own: own[own.max(axis=1).argmax()].argmax())
    first = _named(scores, clips, lambda own: own[0].argmax())
    met = dict.fromkeys(clips.tolist())
    as_met = np.array([scores[clips == clip].mean(axis=0).argmax() for clip in met])
    return [
        (as_met, "The classes are right, but not in the order of `np.unique(clips)`."),
        (vote, "A vote forgets how sure each window is."),
        (chances, "Independent witnesses multiply their chances: average the *logarithms*."),
        (surest, "All windows of a clip count, not only the surest."),
        (first, "All windows of a clip count, not only the first."),
    ]


def _expect(join: Callable, scores: np.ndarray, clips: np.ndarray, why: str) -> None:
    truth = _truth(scores, clips)
    message = f"{len(truth)} clips have {len(truth)} classes, one for each, in the order of `np.unique(clips)`."
    received = numbers_of(join(scores.copy(), clips.copy()), truth.shape, message)
    found = next((said for wrong, said in _slips(scores, clips) if (received == wrong).all()), why)
    wrong = int((received != truth).sum())
    require(wrong == 0, f"{wrong} of {len(truth)} clips have another class. {found}")


def logarithms_are_averaged(join):
    """A clip gets the class with the highest mean of log-probabilities."""
    for rng in draws(4):
        _expect(join, *_draw(rng), "Average the log-probabilities of its windows, and take the largest.")


def clips_may_have_few_windows(join):
    """Clips with few windows and clips with many are named alike, in the order of their numbers."""
    for rng in draws(3):
        for equal in mixed([True, False], rng):
            _expect(join, *_draw(rng, equal=equal), "Which rows belong to which clip says `clips`, not their order.")


def one_window_that_excludes_a_class_counts(join):
    """A window that is sure that it is *not* a class weighs heavily."""
    for rng in draws(4):
        scores, clips = _draw(rng, sharp=0.6)
        for clip in np.unique(clips):
            rows = np.flatnonzero(clips == clip)
            excluded = rng.permutation(scores.shape[1])[: rng.choice([1, scores.shape[1]])]  # one class, or each a bit
            scores[rng.choice(rows, len(excluded)), excluded] -= rng.uniform(20, 90, len(excluded))
        _expect(join, scores, clips, "One window that excludes a class excludes it for the clip.")


def single_windows_name_themselves(join):
    """A clip of one window is named as the window is."""
    for rng in draws(3):
        scores, _ = _draw(rng)
        _expect(join, scores, rng.choice(5000, len(scores), replace=False), "Here each clip has one window.")


def reconciles_the_gain(joined, prediction):
    """Your prediction is compared with your own measurement."""
    values = np.asarray(joined, float)
    require(values.ndim == 1 and len(values) > 1, "`joined` must hold one difference for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, clips are named rightly {100 * values.mean():.1f} points more often."


CLIPS = Exercise(
    id="11.7",
    title="From windows to clips",
    points=2,
    prediction=one_of(*JOINED),
    given={"joined": lambda rng: rng.normal(0.08, 0.02, 10)},
    kit_has=(join_windows,),
    hints=(
        "For each clip in `np.unique(clips)`: which rows are its windows?",
        "`log_probabilities[clips == clip].mean(axis=0)` has one score for each class.",
        "`[log_probabilities[clips == clip].mean(axis=0).argmax() for clip in np.unique(clips)]`.",
    ),
    properties=(
        logarithms_are_averaged,
        clips_may_have_few_windows,
        one_window_that_excludes_a_class_counts,
        single_windows_name_themselves,
        reconciles_the_gain,
    ),
)
