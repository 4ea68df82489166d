"""Gains over many seeds: a map that shows its doubts, and one seed that lies."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import CheckFailed, Exercise, require
from tlkit.checks.received import close, numbers_of, one_number
from tlkit.exercises.lesson_03_negative_transfer.shown import NUM_BUDGETS, NUM_SEEDS, SOURCES
from tlkit.exercises.trials import draws, mixed

__all__ = ["MAP_WITH_DOUBTS", "ONE_SEED_LIES"]


def _how_many(largest: int) -> Callable[[object], None]:
    """Return a test for a prediction: a whole number from 0 to `largest`."""

    def test(answer: object) -> None:
        if not isinstance(answer, int) or isinstance(answer, bool) or not 0 <= answer <= largest:
            msg = f"The prediction is a whole number from 0 to {largest}. Received: {answer!r}."
            raise CheckFailed(msg)

    return test


def _marks(mark: Callable, gains: np.ndarray) -> np.ndarray:
    shape = gains.shape[:2]
    message = f"Gains of shape {gains.shape} need marks of shape {shape}, one for each cell."
    received = numbers_of(mark(gains), shape, message)
    require(
        np.isin(received, (-1, 0, 1)).all(),
        f"A mark must be -1, 0 or 1. Received {np.unique(received)[:5].tolist()}.",
    )
    return received.astype(int)


def _shape(rng: np.random.Generator) -> tuple[int, int]:
    """Numbers of sources and of budgets, which differ, so that nobody swaps them unnoticed."""
    rows = int(rng.integers(3, 6))
    return rows, rows + int(rng.choice([-1, 1]))


def _cells(truth: np.ndarray, seeds: int, rng: np.random.Generator, *, t: float | np.ndarray) -> np.ndarray:
    """Gains `(*truth.shape, seeds)` whose means are `t` standard errors from 0, in the direction of `truth`."""
    noise = rng.normal(size=(*truth.shape, seeds))
    noise -= noise.mean(axis=-1, keepdims=True)
    noise /= noise.std(axis=-1, ddof=1, keepdims=True)
    size = rng.uniform(0.002, 0.2, truth.shape)  # small gains may be sure, and large ones unsure
    return size[..., None] * (noise + (truth * t / np.sqrt(seeds))[..., None])


def lucky_means_stay_blank(mark):
    """It marks clear gains and losses with their sign, and leaves a lucky mean blank."""
    for rng in draws(2):
        shape, seeds = _shape(rng), int(rng.integers(7, 11))
        truth = rng.permutation(np.resize([-1, 0, 1], np.prod(shape))).reshape(shape)
        lucky = np.array([0.5, *[-0.01] * (seeds - 1)])  # a mean of some points that one seed makes
        blank = rng.permuted(np.broadcast_to(lucky, (*shape, seeds)), axis=2)
        cells = np.where(truth[..., None] == 0, blank, 0.1 * truth[..., None])
        received = _marks(mark, cells + rng.uniform(-0.01, 0.01, cells.shape))
        wrong = int((received != truth).sum())
        require(
            wrong == 0,
            f"{wrong} of {truth.size} cells have the wrong mark. Clear gains get 1, clear losses get -1, and a cell in "
            f"which one seed out of {seeds} made the mean gets 0.",
        )


def sees_small_steady_gains(mark):
    """It sees a gain that is small but steady, and no gain that is small and unsteady."""
    for rng in draws(2):
        shape, sign = _shape(rng), int(rng.choice([-1, 1]))
        steady = rng.permutation(np.arange(np.prod(shape)) % 2).reshape(shape)
        received = _marks(mark, _cells(np.full(shape, sign), 10, rng, t=np.where(steady, 5.0, 1.0)))
        missed, wrong = int((received != sign)[steady == 1].sum()), int((received != 0)[steady == 0].sum())
        require(
            missed == 0,
            f"{missed} of {int(steady.sum())} cells with a gain or loss that is five times its standard error were "
            "left blank. The interval of a *mean* shrinks with the square root of the number of seeds; the size of "
            "the gain does not decide.",
        )
        require(wrong == 0, f"{wrong} cells were marked in which the mean is no larger than its standard error.")


def the_edge_is_students(mark):
    """Its intervals are Student's, with the spread of few seeds estimated as it should be."""
    for rng in draws(1):
        for seeds in mixed(range(3, 8), rng):
            shape = _shape(rng)
            inside = rng.permutation(np.arange(np.prod(shape)) % 2).reshape(shape)
            sign = rng.choice([-1, 1], shape)
            edge = stats.t.ppf(0.975, seeds - 1)
            received = _marks(mark, _cells(sign, seeds, rng, t=edge * np.where(inside, 0.985, 1.015)))
            wrong = int((received != np.where(inside, 0, sign)).sum())
            require(
                wrong == 0,
                f"{wrong} of {sign.size} cells whose intervals end close to 0 have the wrong mark, with {seeds} seeds "
                "each. The standard error takes `ddof=1`, and Student's t has one degree of freedom less than seeds.",
            )


def one_false_mark_in_twenty(mark):
    """Where nothing is gained, it marks no more than one cell in twenty."""
    for rng in draws(1):
        noise = rng.normal(0, 0.05, (int(rng.integers(55, 65)), 50, 4))
        sure = rng.uniform(size=noise.shape[:2]) < 0.02
        received = _marks(mark, np.where(sure[..., None], 1 + noise / 50, noise))
        blank, share = int((received[sure] != 1).sum()), float((received[~sure] != 0).mean())
        require(not blank, f"{blank} of {int(sure.sum())} gains of a thousand times their spread were left blank.")
        why = "With few seeds, take Student's interval." if share > 0.05 else "You will also miss some true gains."
        require(
            0.03 < share < 0.075,
            f"{share:.0%} of {noise.size // 4:,} cells without any gain, four seeds each, were marked; at 95 %, it "
            f"should be one in twenty. {why}",
        )


def reconciles_the_map(mark, gains, prediction):
    """Your prediction is compared with your own map."""
    measured = np.asarray(gains, float)
    require(measured.ndim == 3, f"`gains` must be (sources, budgets, seeds). Received shape {measured.shape}.")
    marks = _marks(mark, measured)
    return (
        f"You predicted {prediction} negative cells out of {marks.size}. Measured here: {int((marks < 0).sum())} "
        f"negative, {int((marks > 0).sum())} positive, {int((marks == 0).sum())} undecided."
    )


def _draw_gains(rng: np.random.Generator) -> np.ndarray:
    return (
        rng.normal(size=(len(SOURCES), NUM_BUDGETS, 1)) / 10
        + rng.normal(size=(len(SOURCES), NUM_BUDGETS, NUM_SEEDS)) / 50
    )


MAP_WITH_DOUBTS = Exercise(
    id="3.2",
    title="A map with doubts",
    points=2,
    prediction=_how_many(len(SOURCES) * NUM_BUDGETS),
    given={"gains": _draw_gains},
    hints=(
        "A cell gets a mark only if the whole interval of its mean lies on one side of 0.",
        "`from scipy import stats`: `stats.ttest_1samp(gains, 0, axis=2)` gives a `pvalue` for each cell.",
        "`np.sign(mean(axis=2)) * (stats.ttest_1samp(gains, 0, axis=2).pvalue < 0.05)`.",
    ),
    properties=(
        lucky_means_stay_blank,
        sees_small_steady_gains,
        the_edge_is_students,
        one_false_mark_in_twenty,
        reconciles_the_map,
    ),
)


def _share(lies: Callable, gains: np.ndarray, k: int) -> float:
    return one_number(lies(gains, k), "a share")


def _truth(gains: np.ndarray, k: int) -> float:
    groups = itertools.combinations(gains, k)
    return float(np.mean([np.sign(np.mean(group)) != np.sign(gains.mean()) for group in groups]))


def _gains_with(wrong: int, sign: int, rng: np.random.Generator) -> np.ndarray:
    """Gains of 6 to 10 seeds whose mean has a sign, of which `wrong` have the other one."""
    right = rng.uniform(0.05, 0.09, int(rng.integers(6, 11)) - wrong)
    return sign * rng.permutation([*right, *rng.uniform(-0.03, -0.01, wrong)])


def counts_single_seeds(lies):
    """It gives the share of single seeds on the wrong side."""
    for rng in draws(2):
        for wrong in mixed((1, 2, 3), rng):
            gains = _gains_with(wrong, 1, rng)
            received, truth = _share(lies, gains, 1), wrong / len(gains)
            require(
                close(received, truth),
                f"{wrong} of {len(gains)} seeds lose although the mean gains: a share of {truth:.3f}; received "
                f"{received:.3f}.",
            )


def the_majority_has_a_sign(lies):
    """If the mean is a loss, a seed that gains is the one that lies."""
    for rng in draws(2):
        for wrong in mixed((1, 2), rng):
            gains = _gains_with(wrong, -1, rng)
            received, truth = _share(lies, gains, 1), wrong / len(gains)
            require(
                close(received, truth),
                f"The mean is a loss, and {wrong} of {len(gains)} seeds gain: they lie, a share of {truth:.3f}. "
                f"Received {received:.3f}; compare with the sign of the mean of all seeds.",
            )


def the_mean_has_the_say(lies):
    """It compares means, not medians, and a mean of exactly 0 has another sign, too."""
    for rng in draws(2):
        sign, others = int(rng.choice([-1, 1])), int(rng.integers(3, 6))
        gains = sign * rng.permutation([4.0, *[-0.25] * others, 0.0])  # exact in binary, the mean carried by one seed
        for k in mixed((1, 3), rng):
            received, truth = _share(lies, gains, k), _truth(gains, k)
            require(
                close(received, truth),
                f"Gains of {gains.tolist()} have a mean of {gains.mean():+.2f}. A share of {truth:.3f} of all groups "
                f"of {k} have not that sign: their mean is on the other side, or exactly 0. Received {received:.3f}.",
            )


def groups_of_several(lies):
    """It goes through every group of `k` seeds once."""
    for rng in draws(2):
        for k in mixed((2, 3, 5), rng):
            gains = rng.permutation(np.linspace(-0.06, 0.09, int(rng.integers(7, 10))))
            gains = rng.choice([-1, 1]) * (gains + rng.uniform(-0.005, 0.005, len(gains)))
            received, truth = _share(lies, gains, k), _truth(gains, k)
            require(
                close(received, truth),
                f"A share of {truth:.3f} of all groups of {k} out of {len(gains)} seeds have a mean on the wrong side; "
                f"received {received:.3f}. `itertools.combinations` lists each group once.",
            )


def reconciles_the_cell(lies, cell, prediction):
    """Your prediction is compared with the smallest cell that is decided."""
    gains = np.asarray(cell, float)
    require(gains.shape == (10,), f"`cell` must hold the gains of ten seeds. Received shape {gains.shape}.")
    shares = {k: _share(lies, gains, k) for k in (1, 3, 5)}
    return (
        f"You predicted {prediction} of 10 seeds on the wrong side. Measured here: {10 * shares[1]:.0f}; "
        f"{shares[3]:.0%} of the groups of 3 seeds lie, and {shares[5]:.0%} of the groups of 5."
    )


def _draw_cell(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0.01, 0.03, NUM_SEEDS)


ONE_SEED_LIES = Exercise(
    id="3.3",
    title="One seed lies",
    points=2,
    prediction=_how_many(NUM_SEEDS),
    given={"cell": _draw_cell},
    hints=(
        "A group of seeds lies if its mean does not have the sign of the mean of all seeds.",
        "`import itertools`: `itertools.combinations(gains, k)` gives each group of `k` seeds once.",
        "`np.mean([np.sign(np.mean(g)) != np.sign(mean()) for g in itertools.combinations(gains, k)])`.",
    ),
    properties=(
        counts_single_seeds,
        the_majority_has_a_sign,
        the_mean_has_the_say,
        groups_of_several,
        reconciles_the_cell,
    ),
)
