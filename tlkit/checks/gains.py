"""Checks of lesson 3 on gains: a fair baseline, a map, one seed that lies (exercises 3.1 to 3.3)."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import CheckFailed, require
from tlkit.checks.received import one_number
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import hidden_rng
from tlkit.measure import paired_interval

__all__ = [
    "SOURCES",
    "against_the_strongest_way",
    "beyond_doubt_only",
    "chooses_on_validation",
    "counts_single_seeds",
    "few_seeds_are_wide",
    "groups_of_several",
    "how_many",
    "one_false_mark_in_twenty",
    "pairs_by_seed",
    "reconciles_the_cell",
    "reconciles_the_map",
    "reconciles_the_sources",
    "sees_small_steady_gains",
    "some_sources",
    "the_majority_has_a_sign",
]

SOURCES = ("photos", "glyphs", "colours", "opposed", "random")

# --- 3.1 Negative, against what?


def _interval(gain: Callable, transfer: np.ndarray, ways: dict) -> tuple[float, float, float]:
    received = gain(transfer, ways)
    fine = isinstance(received, (tuple, list, np.ndarray)) and len(received) == 3
    require(fine, f"Return three numbers: mean, low, high. Received: {str(received)[:60]}.")
    mean, low, high = (float(value) for value in received)
    return mean, low, high


def _way(validation: float, test: np.ndarray) -> dict:
    return {"validation": float(validation), "test": np.asarray(test, float)}


def against_the_strongest_way(gain, at_ten):
    """It measures against the strongest way without a source."""
    rng = hidden_rng()
    luck = rng.uniform(-0.03, 0.03, 6)
    levels = {"nearest neighbour": 0.5, "pixels": 0.8, "tiny network": 0.6, "random network": 0.3}
    names = list(rng.permutation(list(levels)))
    ways = {str(name): _way(levels[name], levels[name] + luck) for name in names}
    received = _interval(gain, 0.7 + luck + rng.uniform(-0.001, 0.001, 6), ways)[0]
    nearest = min(levels, key=lambda name: abs(0.7 - levels[name] - received))
    is_best = abs(received + 0.1) < 0.02
    message = f"70 % with a source, and without one {levels}: the gain is -0.10. Received {received:+.2f}"
    message += f", the gain over {nearest!r}" if abs(0.7 - levels[nearest] - received) < 0.02 else ""
    require(is_best, message + ". Take the best of the ways, and subtract it from the transfer.")


def chooses_on_validation(gain, at_ten):
    """It chooses that way on validation, not by the test."""
    rng = hidden_rng()
    luck = rng.uniform(-0.02, 0.02, 8)
    ways = {"lucky on the test": _way(0.70, 0.80 + luck), "best on validation": _way(0.75, 0.74 + luck)}
    received = _interval(gain, 0.78 + luck + rng.uniform(-0.001, 0.001, 8), ways)[0]
    message = f"The way that is best on validation reaches 74 % on the test, transfer 78 %; received {received:+.3f}, "
    require(abs(received - 0.04) < 0.01, message + "not +0.04. Whoever chooses by the test reports the test's luck.")


def pairs_by_seed(gain, at_ten):
    """It subtracts within each seed."""
    luck = hidden_rng().permutation(np.linspace(-0.2, 0.2, 7))
    steady = 0.03 + np.resize([0.002, -0.002], 7)
    _, low, high = _interval(gain, 0.5 + luck + steady, {"pixels": _way(0.5, 0.5 + luck)})
    message = (
        f"Every seed gains 3 points, though seeds differ by 40; the interval came out as [{low:+.2f}, {high:+.2f}]"
    )
    require(0.02 < low < high < 0.04, message + ". Subtract seed by seed first: shared luck cancels.")


def few_seeds_are_wide(gain, at_ten):
    """The interval is Student's, which is wide for few seeds."""
    rng = hidden_rng()
    for seeds in (3, 5, 12):
        transfer, without = rng.uniform(0.5, 0.9, (2, seeds))
        truth = paired_interval(transfer, without)
        _, low, high = _interval(gain, transfer, {"pixels": _way(0.8, without)})
        message = f"{seeds} seeds gave [{low:+.3f}, {high:+.3f}]; at 95 % it is [{truth.low:+.3f}, {truth.high:+.3f}]. "
        message += "With few seeds the spread itself is uncertain: 1.96 is too small, and `paired_interval` knows."
        require(np.allclose([low, high], [truth.low, truth.high], atol=1e-6), message)


def reconciles_the_sources(gain, at_ten):
    """Your prediction is held against your own runs, ten seeds each."""
    guess = locked_prediction("3.1")
    fine = isinstance(at_ten, dict) and set(at_ten) == {"transfer", "ways"} and set(at_ten["transfer"]) == set(SOURCES)
    require(fine, f"`at_ten` must hold `transfer`, with {list(SOURCES)}, and `ways`, as measured.")
    found = {name: _interval(gain, np.asarray(scores), at_ten["ways"]) for name, scores in at_ten["transfer"].items()}
    helps = [name for name, (_, low, _) in found.items() if low > 0]
    hurts = [name for name, (_, _, high) in found.items() if high < 0]
    told, helped, hurt = (", ".join(names) or "none" for names in (guess, helps, hurts))
    return f"You predicted that these help: {told}; measured here: {helped} help beyond doubt, {hurt} hurt."


def some_sources(answer: object) -> None:
    if not isinstance(answer, list) or not set(map(str, answer)) <= set(SOURCES):
        msg = f"The prediction is a list of some, all or none of {list(SOURCES)}. Received: {answer!r}."
        raise CheckFailed(msg)


# --- 3.2 A map with doubts


def _marks(mark: Callable, gains: np.ndarray) -> np.ndarray:
    received = np.asarray(mark(gains))
    message = f"Gains of shape {gains.shape} need marks of shape {gains.shape[:2]}, one a cell; received "
    require(received.shape == gains.shape[:2], f"{message}{received.shape}.")
    message = f"A mark is -1, 0 or 1. Received {np.unique(received)[:5].tolist()}."
    require(np.isin(received, (-1, 0, 1)).all(), message)
    return received.astype(int)


def beyond_doubt_only(mark, gains):
    """It marks what is beyond doubt, with its sign, and leaves a lucky mean blank."""
    rng = hidden_rng()
    truth = rng.permutation(np.resize([-1, 0, 1], 12)).reshape(4, 3)
    noise = rng.uniform(-0.01, 0.01, (4, 3, 8))
    lucky = np.array([0.5, *[-0.01] * 7])  # a mean of 5 points, by one seed
    cells = np.where(
        truth[..., None] == 0, rng.permuted(np.broadcast_to(lucky, (4, 3, 8)), axis=2), 0.1 * truth[..., None]
    )
    received = _marks(mark, cells + noise)
    wrong = int((received != truth).sum())
    message = f"{wrong} of 12 cells are marked otherwise. Clear gains get 1, clear losses -1; a cell in which one seed "
    require(wrong == 0, message + "of eight made the mean gets 0.")


def sees_small_steady_gains(mark, gains):
    """It sees a gain that is small but steady."""
    rng = hidden_rng()
    cells = 0.004 + 0.004 * rng.permuted(np.broadcast_to(np.linspace(-1, 1.4, 10), (3, 3, 10)), axis=2)
    missed = int((_marks(mark, cells) != 1).sum())
    message = (
        f"{missed} of 9 cells that gain 0.5 points, give or take 0.3, over ten seeds were left blank. The interval "
    )
    require(missed == 0, message + "of a *mean* shrinks with the root of the number of seeds; size does not decide.")


def one_false_mark_in_twenty(mark, gains):
    """Where nothing is gained, one cell in twenty is marked, no more."""
    noise = hidden_rng().normal(0, 0.05, (60, 50, 4))
    share = float((_marks(mark, noise) != 0).mean())
    message = (
        f"Of 3,000 cells without any gain, four seeds each, {share:.0%} were marked; at 95 % it is one in twenty. "
    )
    message += "Take Student's interval for few seeds." if share > 0.05 else "Some true gains will be missed, too."
    require(0.03 < share < 0.075, message)


def reconciles_the_map(mark, gains):
    """Your prediction is held against your own map."""
    guess = locked_prediction("3.2")
    measured = np.asarray(gains, float)
    require(measured.ndim == 3, f"`gains` must be (sources, budgets, seeds). Received shape {measured.shape}.")
    marks = _marks(mark, measured)
    return (
        f"You predicted {guess} negative cells of {marks.size}; measured here: {int((marks < 0).sum())} negative, "
        f"{int((marks > 0).sum())} positive, {int((marks == 0).sum())} undecided."
    )


def how_many(largest: int) -> Callable[[object], None]:
    """Return a test for a prediction: a whole number from 0 to `largest`."""

    def test(answer: object) -> None:
        if not isinstance(answer, int) or isinstance(answer, bool) or not 0 <= answer <= largest:
            msg = f"The prediction is a whole number from 0 to {largest}. Received: {answer!r}."
            raise CheckFailed(msg)

    return test


# --- 3.3 One seed lies


def _share(lies: Callable, gains: np.ndarray, k: int) -> float:
    return one_number(lies(gains, k), "a share")


def _truth(gains: np.ndarray, k: int) -> float:
    groups = itertools.combinations(gains, k)
    return float(np.mean([np.sign(np.mean(group)) != np.sign(gains.mean()) for group in groups]))


def counts_single_seeds(lies, cell):
    """It gives the share of single seeds on the wrong side."""
    gains = hidden_rng().permutation([0.09, 0.08, 0.07, 0.05, 0.04, -0.01, -0.02, -0.03])
    received = _share(lies, gains, 1)
    message = f"3 of 8 seeds lose where the mean gains; received {received:.3f}, not 0.375."
    require(abs(received - 0.375) < 1e-9, message)


def the_majority_has_a_sign(lies, cell):
    """Where the mean is a loss, a seed that gains is the one that lies."""
    gains = -hidden_rng().permutation([0.09, 0.08, 0.07, 0.05, 0.04, 0.06, -0.02])
    received = _share(lies, gains, 1)
    message = f"The mean is a loss, and 1 of 7 seeds gains: it lies. Received {received:.2f}; compare with the sign "
    require(abs(received - 1 / 7) < 1e-9, message + "of the mean of all seeds.")


def groups_of_several(lies, cell):
    """It goes through every group of `k` seeds once."""
    rng = hidden_rng()
    for k in (2, 3, 5, 2, 3, 5):
        gains = rng.permutation(np.linspace(-0.06, 0.09, 8)) + rng.uniform(-0.005, 0.005, 8)
        received, truth = _share(lies, gains, k), _truth(gains, k)
        message = f"Of all groups of {k} out of 8 seeds, {truth:.3f} have a mean on the wrong side; received "
        require(abs(received - truth) < 1e-9, f"{message}{received:.3f}. `itertools.combinations` lists each once.")


def reconciles_the_cell(lies, cell):
    """Your prediction is held against the cell nearest to 0."""
    guess = locked_prediction("3.3")
    gains = np.asarray(cell, float)
    require(gains.shape == (10,), f"`cell` must hold the gains of ten seeds. Received shape {gains.shape}.")
    shares = {k: _share(lies, gains, k) for k in (1, 3, 5)}
    return (
        f"You predicted {guess} of 10 seeds on the wrong side; measured here: {10 * shares[1]:.0f}. Of groups of 3 "
        f"seeds {shares[3]:.0%} lie, of groups of 5 {shares[5]:.0%}."
    )
