"""At which numbers of labels pre-training pays, by paired intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_10_words.shown import TUNED
from tlkit.exercises.trials import draws, mixed

__all__ = ["PAYS"]

Scores = dict[int, np.ndarray]
VERDICTS = ("pays", "hurts", "undecided")


def _ratio(differences: np.ndarray) -> float:
    """The mean, as a multiple of half the width of Student's interval: beyond 1 or -1 it is decided."""
    number = len(differences)
    half = stats.t.ppf(0.975, number - 1) * np.std(differences, ddof=1) / np.sqrt(number)
    return float(np.mean(differences) / half)


def _word(ratio: float) -> str:
    return "pays" if ratio > 1 else "hurts" if ratio < -1 else "undecided"


def _pair(rng: np.random.Generator, ratio: float, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Two ways' scores with such a ratio; hard and easy draws are common to both."""
    noise = rng.normal(size=seeds)
    noise -= noise.mean()
    half = stats.t.ppf(0.975, seeds - 1) * np.std(noise, ddof=1) / np.sqrt(seeds)
    size = rng.uniform(0.002, 0.006)
    base = rng.uniform(0.3, 0.6) + rng.uniform(0.02, 0.05) * rng.normal(size=seeds)
    return base + size * (noise + ratio * half), base


def _draw(rng: np.random.Generator, ratios: list[float]) -> tuple[Scores, Scores]:
    seeds = int(rng.integers(4, 7))
    budgets = rng.choice(np.arange(1, 400), len(ratios), replace=False).tolist()
    pairs = [_pair(rng, ratio, seeds) for ratio in mixed(ratios, rng)]
    both = list(zip(budgets, pairs, strict=True))
    return {k: pair[0] for k, pair in both}, {k: pair[1] for k, pair in mixed(both, rng)}


def _unpaired(one: np.ndarray, other: np.ndarray) -> str:
    found = stats.ttest_ind(one, other)
    return "undecided" if found.pvalue > 0.05 else "pays" if found.statistic > 0 else "hurts"


def _slips(one: np.ndarray, other: np.ndarray, beside: np.ndarray) -> list[tuple[str, str]]:
    """What mistakes say; `beside` are the other way's scores that stand at the same place of its dictionary."""
    differences = one - other
    ratio, number = _ratio(differences), len(one)
    t = float(stats.t.ppf(0.975, number - 1))
    sign = "pays" if differences.mean() > 0 else "hurts"
    wins = np.sign(differences).sum()
    return [
        (_word(_ratio(one - beside)), "Both dictionaries are read by their numbers of labels: the order may differ."),
        (_word(-ratio), "Pre-training pays where its scores are *higher*: look at the sign."),
        (sign, "A mean above 0 is not enough: the whole interval has to be above 0."),
        (_unpaired(one, other), "Both ways had the same draws: take the differences first, draw by draw."),
        (_word(ratio * t / 1.96), "With so few draws, Student's quantile is larger than 1.96."),
        (_word(ratio * np.sqrt(number / (number - 1))), "The spread of few draws is divided by n - 1: `ddof=1`."),
        (
            _word(ratio / np.sqrt(number)),
            "The interval is that of the mean: divide by the root of the number of draws.",
        ),
        ("pays" if wins == number else "hurts" if wins == -number else "undecided", "Count no wins: use the interval."),
    ]


def _expect(pays: Callable, case: tuple[Scores, Scores], why: str) -> None:
    mine, theirs = case
    copies = ({k: np.array(v) for k, v in each.items()} for each in case)
    received = held(pays(*copies))
    message = "Return a dictionary with one verdict for each number of labels, as `{5: 'pays'}`."
    require(isinstance(received, dict) and set(received) == set(mine), f"{message} Received: {in_words(received)}.")
    wrong = [each for each in received.values() if each not in VERDICTS]
    require(not wrong, f"A verdict is one of {', '.join(VERDICTS)}. Received: {in_words(wrong[0]) if wrong else ''}.")
    truth = {k: _word(_ratio(mine[k] - theirs[k])) for k in mine}
    missed = [k for k in mine if received[k] != truth[k]]
    if not missed:
        return
    slips = [_slips(mine[k], theirs[k], beside) for k, beside in zip(mine, theirs.values(), strict=True)]
    fits = [
        column[0][1]
        for column in zip(*slips, strict=True)
        if [word for word, _ in column] == [received[k] for k in mine]
    ]
    k = missed[0]
    told = f"The differences {(mine[k] - theirs[k]).round(4).tolist()} say {truth[k]!r}. Received: {received[k]!r}."
    require(False, f"{told} {' Or: '.join(fits[:2]) if fits else why}")


def the_interval_decides(pays):
    """It pays, or hurts, where the whole interval lies on one side of 0."""
    for rng in draws(8):
        case = _draw(rng, [3.5, 1.7, -1.7, 0.45])
        _expect(pays, case, "Take the 95 % interval of the mean difference, by Student's t.")


def few_draws_need_students_quantile(pays):
    """Just inside and just outside the interval are told apart."""
    for rng in draws(6):
        _expect(pays, _draw(rng, [1.02, 0.985, -1.02, -0.985, 0.3]), "The interval ends at t times s / sqrt(n).")


def hard_draws_cancel(pays):
    """That some draws are harder than others for both ways does not matter."""
    for rng in draws(5):
        mine, theirs = _draw(rng, [3.0, -3.0, 0.2])
        hard = {k: rng.normal(0, 0.3, len(v)) for k, v in mine.items()}
        case = {k: v + hard[k] for k, v in mine.items()}, {k: v + hard[k] for k, v in theirs.items()}
        _expect(pays, case, "Take the differences first, draw by draw.")


def reconciles_the_tuned(by_budget, prediction):
    """Your prediction is compared with your own gains."""
    fine = isinstance(by_budget, dict) and set(by_budget) == {5, 20, 100}
    require(fine, "`by_budget` must hold the gains at 5, 20 and 100 labels, as measured.")
    told = ", ".join(
        f"{k}: {100 * np.mean(v):+.1f} points, {_word(_ratio(np.asarray(v)))}" for k, v in by_budget.items()
    )
    return f"You predicted that tuning beats word counts {prediction}. Measured: {told}."


PAYS = Exercise(
    id="10.7",
    title="Where it pays",
    points=2,
    prediction=one_of(*TUNED),
    given={"by_budget": lambda rng: {k: rng.normal(mean, 0.02, 5) for k, mean in ((5, 0.1), (20, 0.05), (100, 0.0))}},
    hints=(
        "`tlkit.measure.paired_interval(mine, theirs)` is the interval of one number of labels.",
        "Its whole interval is above 0 if `low > 0`, and below 0 if `high < 0`.",
        "`{k: 'pays' if found.low > 0 else 'hurts' if found.high < 0 else 'undecided'}` for each `k`.",
    ),
    all_or_nothing=True,
    properties=(
        the_interval_decides,
        few_draws_need_students_quantile,
        hard_draws_cancel,
        reconciles_the_tuned,
    ),
)
