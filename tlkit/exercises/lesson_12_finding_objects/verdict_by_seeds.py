"""A verdict on two ways, from runs that share their seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_12_finding_objects.shown import RIVALS
from tlkit.exercises.trials import draws, mixed

__all__ = ["VERDICT"]

WORDS = ("transfer", "scratch", "undecided")


def _draw(rng: np.random.Generator, word: str, number: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Average precision by seed of two ways: the seeds differ more among each other than the ways do."""
    number = int(rng.integers(4, 9)) if number is None else number
    noise = rng.normal(size=number)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    half = float(stats.t.ppf(0.975, number - 1)) / np.sqrt(number)
    middle = {"transfer": 1, "scratch": -1, "undecided": 0}[word]
    mean = half * (middle * rng.uniform(1.1, 1.6) if middle else rng.uniform(-0.9, 0.9))
    scratch = rng.uniform(0.2, 0.6, number)
    return scratch + 0.02 * (noise + mean), scratch


def _truth(transfer: np.ndarray, scratch: np.ndarray) -> tuple[str, float, float]:
    found = stats.ttest_rel(transfer, scratch).confidence_interval(0.95)
    low, high = float(found.low), float(found.high)
    return "transfer" if low > 0 else "scratch" if high < 0 else "undecided", low, high


def _slips(transfer: np.ndarray, scratch: np.ndarray) -> list[tuple[tuple[float, float], str]]:
    gains, n = transfer - scratch, len(transfer)
    mean, error = gains.mean(), gains.std(ddof=1) / np.sqrt(n)
    t = float(stats.t.ppf(0.975, n - 1))
    apart = t * np.sqrt((transfer.var(ddof=1) + scratch.var(ddof=1)) / n)
    halves = [
        (1.959964 * error, "With few seeds, Student's quantile is larger than that of a bell, 1.96."),
        (1.96 * error, "With few seeds, Student's quantile is larger than that of a bell, 1.96."),
        (float(stats.t.ppf(0.95, n - 1)) * error, "An interval has two sides: the quantile is that at 97.5 %."),
        (t * gains.std(ddof=1), "Divide by the root of the number of seeds: the mean is asked for."),
        (t * gains.std() / np.sqrt(n), "The spread of few values is divided by n - 1: `ddof=1`."),
        (error, "This is one standard error to each side: multiply it by Student's quantile."),
        (float(apart), "Both ways had the same seeds: take the differences first."),
    ]
    return [((mean - half, mean + half), text) for half, text in halves]


def _expect(verdict: Callable, case: tuple[np.ndarray, np.ndarray], why: str) -> None:
    word, low, high = _truth(*case)
    received = held(verdict(case[0].copy(), case[1].copy()))
    message = f"Return `(word, low, high)` with one of {', '.join(WORDS)}."
    fine = isinstance(received, list | tuple) and len(received) == 3 and received[0] in WORDS
    require(fine, f"{message} Received: {in_words(received)}.")
    ends = numbers_of(received[1:], (2,), message)
    told = f"{len(case[0])} seeds: the interval is [{low:+.4f}, {high:+.4f}]."
    if not close(ends, (low, high), rtol=1e-4, atol=1e-6):
        turned = close(ends, (-high, -low), rtol=1e-4, atol=1e-6)
        slips = [text for value, text in _slips(*case) if close(ends, value, rtol=1e-4, atol=1e-6)]
        text = "It is transfer minus scratch, not the other way round." if turned else (slips or [why])[0]
        require(False, f"{told} Received: [{ends[0]:+.4f}, {ends[1]:+.4f}]. {text}")
    mean = float(np.mean(case[0] - case[1]))
    if word == "undecided":
        reason = f"The mean is {mean:+.4f}, but the interval holds 0: nothing is decided."
    else:
        reason = "The whole interval lies on one side of 0: that decides."
    require(received[0] == word, f"{told} The verdict is {word!r}, not {received[0]!r}. {reason}")


def takes_differences_by_seed(verdict):
    """The interval is Student's, of the differences of runs with the same seed."""
    for rng in draws(3):
        for word in mixed(WORDS, rng):
            _expect(verdict, _draw(rng, word), "Subtract seed by seed, then take the mean and its interval.")


def decides_only_beside_zero(verdict):
    """It is undecided while the interval holds 0, however far the mean is from it."""
    for rng in draws(3):
        for word in mixed(["undecided", "transfer", "undecided", "scratch"], rng):
            _expect(verdict, _draw(rng, word, int(rng.integers(3, 6))), "The ends decide, not the mean.")


def hard_seeds_cancel(verdict):
    """What a seed does to both ways changes nothing."""
    for rng in draws(3):
        for word in mixed(WORDS, rng):
            transfer, scratch = _draw(rng, word)
            hard = rng.uniform(-0.2, 0.2, len(scratch))
            _expect(verdict, (transfer + hard, scratch + hard), "Take the differences first, seed by seed.")


def reconciles_the_rival(rivals, prediction):
    """Your prediction is compared with the runs at 40 scenes."""
    fine = isinstance(rivals, dict) and set(rivals) == {"frozen", "scratch"}
    require(fine, "`rivals` must hold the average precision by seed of both, as recorded.")
    told = ", ".join(f"{name} {np.mean(values):.3f}" for name, values in rivals.items())
    return f"You predicted {prediction!r}. With 40 scenes: {told}."


VERDICT = Exercise(
    id="12.8",
    title="A verdict by seeds",
    points=2,
    prediction=one_of(*RIVALS),
    given={"rivals": lambda rng: {"frozen": rng.uniform(0.1, 0.3, 5), "scratch": rng.uniform(0.0, 0.2, 5)}},
    hints=(
        "Subtract first: `gains = transfer - scratch`, one value for each seed.",
        "`half = stats.t.ppf(0.975, n - 1) * gains.std(ddof=1) / np.sqrt(n)`.",
        "'transfer' if the low end is above 0, 'scratch' if the high end is below 0, else 'undecided'.",
    ),
    properties=(takes_differences_by_seed, decides_only_beside_zero, hard_seeds_cancel, reconciles_the_rival),
)
