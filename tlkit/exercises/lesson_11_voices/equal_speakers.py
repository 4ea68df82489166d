"""How much a foreign domain costs, if each speaker counts once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_11_voices.shown import GAPS
from tlkit.exercises.trials import draws, mixed, random_names, slip

__all__ = ["GAP"]

Case = tuple[np.ndarray, np.ndarray, np.ndarray]  # right, speakers, foreign


def _draw(rng: np.random.Generator, *, most: int = 40) -> Case:
    """Whether each clip was named rightly, who says it, and whether they are foreign; some speak more than others."""
    names = np.array(random_names(int(rng.integers(6, 11)), rng))
    foreign = rng.permutation(np.arange(len(names)) < rng.integers(2, len(names) - 1))
    sizes = rng.integers(4, most, len(names))
    chances = rng.uniform(0.05, 0.95, len(names))
    rows = rng.permutation(np.repeat(np.arange(len(names)), sizes))
    return rng.random(len(rows)) < chances[rows], names[rows], foreign[rows]


def _by_speaker(right: np.ndarray, speakers: np.ndarray, kept: np.ndarray) -> np.ndarray:
    return np.array([right[kept & (speakers == name)].mean() for name in np.unique(speakers[kept])])


def _truth(right: np.ndarray, speakers: np.ndarray, foreign: np.ndarray) -> float:
    return float(_by_speaker(right, speakers, ~foreign).mean() - _by_speaker(right, speakers, foreign).mean())


def _slips(right: np.ndarray, speakers: np.ndarray, foreign: np.ndarray) -> list[tuple[float, str]]:
    home, away = _by_speaker(right, speakers, ~foreign), _by_speaker(right, speakers, foreign)
    everyone = np.concatenate([home, away]).mean()
    better = away.mean() > home.mean()
    kept = "It is home minus abroad: below 0 where, as here, the foreign speakers are understood better."
    turned = kept if better else "Subtract the foreign ones: a loss is a positive gap."
    return [
        (
            float(right[~foreign].mean() - right[foreign].mean()),
            "Who speaks more must not count more: average each speaker's clips first.",
        ),
        (-_truth(right, speakers, foreign), turned),
        (100 * _truth(right, speakers, foreign), "Return a share, such as 0.12, not points."),
        (float(everyone - away.mean()), "Compare with the speakers that are *not* foreign, not with all."),
        (float(np.median(home) - np.median(away)), "Take the mean of the speakers, not their median."),
    ]


def _expect(gap: Callable, case: Case, why: str) -> None:
    truth, slips = _truth(*case), _slips(*case)
    received = one_number(gap(*(each.copy() for each in case)), "the gap, a share")
    fine = close(received, truth, rtol=1e-6, atol=1e-9)
    require(fine, f"The gap is {truth:.4f}. Received: {received:.4f}. {slip(received, slips, why)}")


def each_speaker_counts_once(gap):
    """Each speaker counts once, however many clips there are of them."""
    for rng in draws(4):
        _expect(gap, _draw(rng), "The mean over speakers of their own accuracy, at home minus abroad.")


def one_who_talks_much_changes_nothing(gap):
    """One speaker with very many clips changes nothing."""
    for rng in draws(3):
        right, speakers, foreign = _draw(rng, most=12)
        for _ in mixed([0, 1], rng):
            rows = np.flatnonzero(speakers == rng.choice(np.unique(speakers)))
            more = np.concatenate([np.arange(len(right)), np.repeat(rows, 30)])
            order = rng.permutation(more)
            _expect(gap, (right[order], speakers[order], foreign[order]), "One of them was copied thirty times.")


def the_sign_says_who_is_understood(gap):
    """It is positive where foreign speakers are understood worse, and negative where they are understood better."""
    for rng in draws(3):
        right, speakers, foreign = _draw(rng)
        for turned in mixed([False, True], rng):
            _expect(gap, (right, speakers, ~foreign if turned else foreign), "At home minus abroad.")


def the_worst_case_is_the_whole_scale(gap):
    """If all at home and nobody abroad is understood, it is 1; if all are understood alike, it is 0."""
    for rng in draws(2):
        right, speakers, foreign = _draw(rng)
        for told in mixed([~foreign, foreign, np.ones_like(right), np.zeros_like(right)], rng):
            _expect(gap, (told, speakers, foreign), "Shares lie between 0 and 1.")


def reconciles_the_gap(gaps, prediction):
    """Your prediction is compared with your own measurement."""
    values = np.asarray(gaps, float)
    require(values.ndim == 1 and len(values) > 1, "`gaps` must hold one difference for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, voices of another kind cost {100 * values.mean():.1f} points."


GAP = Exercise(
    id="11.8",
    title="The gap between domains",
    points=2,
    prediction=one_of(*GAPS),
    given={"gaps": lambda rng: rng.normal(0.3, 0.05, 10)},
    hints=(
        "First the accuracy of each speaker, then the mean of the speakers of each kind.",
        "`[right[speakers == name].mean() for name in np.unique(speakers[foreign])]` are those abroad.",
        "`np.mean(home) - np.mean(abroad)`, with `home` from `np.unique(speakers[~foreign])`.",
    ),
    properties=(
        each_speaker_counts_once,
        one_who_talks_much_changes_nothing,
        the_sign_says_who_is_understood,
        the_worst_case_is_the_whole_scale,
        reconciles_the_gap,
    ),
)
