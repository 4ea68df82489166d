"""A verdict for each task: what a second task gains is a paired difference with an interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_08_two_tasks.shown import SOURCES_OF_HELP, VERDICTS
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["VERDICT_FOR_EACH"]

NUM_TASKS = 12  # of each verdict four
SIGNS = dict(zip(VERDICTS, (1, -1, 0), strict=True))


def _standard(noise: np.ndarray) -> np.ndarray:
    """Noise with mean 0 and deviation 1."""
    noise = noise - noise.mean()
    return noise / noise.std(ddof=1)


def _differences(rng: np.random.Generator, seeds: int, size: float, t: float) -> np.ndarray:
    """Differences whose mean is `t` standard errors from 0, and whose spread is `size`."""
    return size * (_standard(rng.normal(size=seeds)) + t / np.sqrt(seeds))


def _truths(rng: np.random.Generator) -> dict[str, str]:
    return dict(zip(random_names(NUM_TASKS, rng), mixed(VERDICTS * (NUM_TASKS // 3), rng), strict=True))


def _expect(verdicts: Callable, alone: np.ndarray, together: dict, truths: dict[str, str], why: str) -> None:
    received = held(verdicts(alone.copy(), {task: values.copy() for task, values in together.items()}))
    fine = isinstance(received, dict) and set(received) == set(truths)
    require(fine, f"Return a verdict for each task, as `{{'loop': 'helps'}}`. Received: {in_words(received)}.")
    known = all(isinstance(word, str) and word in VERDICTS for word in received.values())
    require(known, f"A verdict is one of {', '.join(map(repr, VERDICTS))}. Received: {in_words(received)}.")
    wrong = [task for task in truths if received[task] != truths[task]]
    if not wrong:
        return
    first, opposite = wrong[0], {"helps": "hurts", "hurts": "helps"}
    if all(received[task] == opposite.get(word, word) for task, word in truths.items()):
        why = "It helps where the accuracy *with* the second task is higher: look at the sign of the difference."
    shown = f"{first!r}: {truths[first]!r}, received {received[first]!r}"
    require(False, f"{len(wrong)} of {len(truths)} tasks have the wrong verdict, among them {shown}. {why}")


def pairs_tell_what_spreads_hide(verdicts):
    """Seeds that differ much are compared seed by seed."""
    for rng in draws(2):
        seeds, truths = int(rng.integers(8, 14)), _truths(rng)
        alone = rng.uniform(0.3, 0.9, seeds)
        steps = {"helps": 6.0, "hurts": -6.0, "not shown": 0.8}
        together = {task: alone + _differences(rng, seeds, 0.01, steps[word]) for task, word in truths.items()}
        why = "Each seed has drawn its images for both runs: take the difference of each pair, then the interval."
        _expect(verdicts, alone, together, truths, why)


def a_lucky_mean_shows_nothing(verdicts):
    """A mean that comes from one seed shows nothing, however large; a small steady gain does."""
    for rng in draws(2):
        seeds, truths = int(rng.integers(6, 12)), _truths(rng)
        alone = rng.uniform(0.4, 0.6, seeds)
        together = {}
        for task, word in truths.items():
            steady = SIGNS[word] * rng.uniform(0.004, 0.006, seeds)
            lucky = rng.choice([-1, 1]) * rng.permutation([0.3, *[-0.01] * (seeds - 1)])
            together[task] = alone + (steady if SIGNS[word] else lucky)
        why = "Its size does not make a mean sure: ask whether the whole interval lies on one side of 0."
        _expect(verdicts, alone, together, truths, why)


def few_seeds_need_students_quantile(verdicts):
    """With few seeds, the interval is Student's at 95 %."""
    for rng in draws(1):
        for seeds in mixed(range(4, 8), rng):
            truths, edge = _truths(rng), float(stats.t.ppf(0.975, seeds - 1))
            alone, together = rng.uniform(0.4, 0.6, seeds), {}
            for task, word in truths.items():
                t = 1.03 * edge * SIGNS[word] if SIGNS[word] else 0.97 * edge * rng.choice([-1, 1])
                together[task] = alone + _differences(rng, seeds, float(rng.uniform(0.003, 0.03)), t)
            why = (
                "The half width is Student's quantile, with n - 1 degrees of freedom, times the deviation over root n."
            )
            _expect(verdicts, alone, together, truths, why)


def reconciles_where_help_comes_from(by_labels, prediction):
    """Your prediction is compared with your own runs."""
    fine = isinstance(by_labels, dict) and len(by_labels) > 1
    require(fine, "`by_labels` must hold the gains with few and with all labels of the second task, as measured.")
    told = ", ".join(f"{name} {100 * np.mean(values):+.1f} points" for name, values in by_labels.items())
    return f"You predicted {prediction!r}. In your runs: {told}."


VERDICT_FOR_EACH = Exercise(
    id="8.3",
    title="A verdict for each task",
    points=3,
    prediction=one_of(*SOURCES_OF_HELP),
    given={"by_labels": lambda rng: {name: rng.normal(0, 0.03, 20) for name in ("the same few", "all")}},
    hints=(
        "The values of one place belong to one seed: `together[task] - alone`.",
        "`half = stats.t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)`; or `paired_interval`.",
        "It helps if `low > 0`, it hurts if `high < 0`, and otherwise nothing is shown.",
    ),
    properties=(
        pairs_tell_what_spreads_hide,
        a_lucky_mean_shows_nothing,
        few_seeds_need_students_quantile,
        reconciles_where_help_comes_from,
    ),
)
