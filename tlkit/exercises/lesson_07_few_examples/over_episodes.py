"""An interval over episodes: the queries of one episode are no independent images."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_and_ends, shares_of
from tlkit.exercises.lesson_07_few_examples.shown import WIDTHS
from tlkit.exercises.trials import draws, slip

__all__ = ["INTERVAL"]


def _draw(rng: np.random.Generator, num_episodes: int, spread: float) -> np.ndarray:
    """Whether each query was right, `(num_episodes, num_queries)`: some episodes are easier than others."""
    chances = np.clip(rng.normal(rng.uniform(0.4, 0.7), spread, num_episodes), 0.02, 0.98)
    return rng.random((num_episodes, int(rng.integers(10, 60)))) < chances[:, None]


def _read(interval: Callable, right: np.ndarray) -> np.ndarray:
    return mean_and_ends(interval(right.copy()), "Return three numbers: the mean, the low end and the high end.")


def _half(values: np.ndarray, quantile: float) -> float:
    return float(quantile * values.std(ddof=1) / np.sqrt(len(values)))


def _expect(interval: Callable, right: np.ndarray, why: str) -> None:
    scores, n = right.mean(axis=1), len(right)
    half = _half(scores, stats.t.ppf(0.975, n - 1))
    flat = right.ravel().astype(float)
    mean, low, high = _read(interval, right)
    told = f"{n} episodes of {right.shape[1]} queries: the answer was {mean:.4f}, [{low:.4f}, {high:.4f}]."
    percent = "Return shares, and not percent." if close(mean, 100 * scores.mean()) else ""
    require(close(mean, scores.mean()), f"{told} The mean is {scores.mean():.4f}. {percent}".rstrip())
    require(low <= mean <= high, f"{told} The low end comes before the high end, and the mean lies between them.")
    received = (high - low) / 2
    slips = [
        (_half(flat, stats.t.ppf(0.975, len(flat) - 1)), "Queries of one episode share its classes and its support."),
        (_half(flat, 1.96), "Queries of one episode share its classes and its support."),
        (half * np.sqrt(n), "Divide by the root of the number of episodes: the mean is asked for, not one episode."),
        (half * np.sqrt((n - 1) / n), "With few episodes, the deviation needs n - 1: `std(ddof=1)`."),
        (_half(scores, stats.t.ppf(0.95, n - 1)), "At 95 %, 2.5 % lie beyond each end: the quantile is that of 0.975."),
        (_half(scores, 1.0), "That is one standard error: multiply it by Student's quantile."),
        (_half(right.mean(axis=0), stats.t.ppf(0.975, right.shape[1] - 1)), "Each *row* is an episode: `axis=1`."),
        (_half(scores, stats.norm.ppf(0.975)), "With few episodes, Student's quantile is larger than that of a bell."),
        (_half(scores, 1.96), "With few episodes, Student's quantile is larger than 1.96."),
    ]
    fine = close([low, high], [scores.mean() - half, scores.mean() + half], rtol=1e-6)
    if close([low, high], np.clip([scores.mean() - half, scores.mean() + half], 0, 1), rtol=1e-6):
        why = "Student's interval of few episodes may reach beyond 0 or 1: leave its ends as they are."
    wanted = f"The ends are {scores.mean() - half:.4f} and {scores.mean() + half:.4f}."
    require(fine, f"{told} {wanted} {slip(received, slips, why)}")


def an_episode_counts_once(interval):
    """Its width comes from how much episodes differ, not from how many queries there are."""
    for spread, rng in zip((0.05, 0.15, 0.25, 0.15), draws(4), strict=True):
        why = "Take the accuracy of each episode, and the interval of their mean."
        _expect(interval, _draw(rng, int(rng.integers(60, 200)), spread), why)


def few_episodes_are_few(interval):
    """With few episodes it is as wide as Student's."""
    for rng in draws(4):
        why = "It is Student's interval of the mean, at 95 %."
        _expect(interval, _draw(rng, int(rng.integers(3, 9)), 0.2), why)
        shares, places = rng.permutation([0.1, 0.5, 0.9]), rng.permutation(int(rng.integers(10, 60)))
        _expect(interval, places < len(places) * shares[:, None], why)  # so unlike that it reaches beyond 0 and 1


def repeated_queries_add_nothing(interval):
    """If each query is asked twice, the interval stays as it is."""
    for rng in draws(3):
        right = _draw(rng, int(rng.integers(20, 60)), 0.15)
        why = "Asking the same query again tells nothing new."
        _expect(interval, right, why)
        once, twice = _read(interval, right), _read(interval, np.hstack([right, right]))
        fine = close(once, twice, rtol=1e-6)
        require(fine, f"Each query was asked twice, and the ends moved from {once[1:]} to {twice[1:]}. {why}")


def reconciles_the_width(accuracies, prediction):
    """Your prediction is compared with your own episodes."""
    values = shares_of(accuracies, "accuracies", least=2)
    width = 2 * _half(values, stats.t.ppf(0.975, len(values) - 1))
    return f"You predicted {prediction!r}. {len(values)} episodes leave an interval of {100 * width:.1f} points."


INTERVAL = Exercise(
    id="7.3",
    title="An interval over episodes",
    points=2,
    prediction=one_of(*WIDTHS),
    given={"accuracies": lambda rng: rng.uniform(0.5, 0.9, 600)},
    hints=(
        "`right.mean(axis=1)` is the accuracy of each episode; these are the independent values.",
        "The standard error is `scores.std(ddof=1) / np.sqrt(len(scores))`.",
        "`half = stats.t.ppf(0.975, len(scores) - 1) * error`; or ask `tlkit.measure.mean_interval`.",
    ),
    properties=(an_episode_counts_once, few_episodes_are_few, repeated_queries_add_nothing, reconciles_the_width),
)
