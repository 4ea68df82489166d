"""Which score foretells what is measured: ranks that weigh, draws that are others, an interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_and_ends
from tlkit.exercises.lesson_05_choosing_a_source.shown import SCORES
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.selection import foretell, taus_of_draws, weighted_tau

__all__ = ["JUDGE_THE_SCORE"]

EACH_DRAW = "For each draw, compare its scores with the mean truth of all other draws, by `weighted_tau(truth, score)`."
EQUAL = "A draw whose scores are all equal counts as 0, and is not left out."
THREE = "Return three numbers: the mean of the draws' values, and the low and high end of its interval."
Truths = Callable[[np.ndarray], np.ndarray]
Agree = Callable[[np.ndarray, np.ndarray], float]


def _others(truths: np.ndarray) -> np.ndarray:
    return (truths.sum(axis=0) - truths) / (len(truths) - 1)


def _itself(truths: np.ndarray) -> np.ndarray:
    return truths


def _all_draws(truths: np.ndarray) -> np.ndarray:
    return np.repeat(truths.mean(axis=0, keepdims=True), len(truths), axis=0)


def _plain(truth: np.ndarray, score: np.ndarray) -> float:
    return float(stats.kendalltau(truth, score).statistic) if np.ptp(score) else 0.0


def _spearman(truth: np.ndarray, score: np.ndarray) -> float:
    return float(stats.spearmanr(truth, score).statistic) if np.ptp(score) else 0.0


def _pearson(truth: np.ndarray, score: np.ndarray) -> float:
    return float(np.corrcoef(truth, score)[0, 1]) if np.ptp(score) else 0.0


def _by_the_score(truth: np.ndarray, score: np.ndarray) -> float:
    return weighted_tau(score, truth)


def _upside_down(truth: np.ndarray, score: np.ndarray) -> float:
    return weighted_tau(-truth, -score)


WHYS: list[tuple[Truths, Agree, str]] = [
    (_itself, weighted_tau, "A score and an accuracy of the same draw share its luck: compare with the *other* draws."),
    (_all_draws, weighted_tau, "The mean of all draws still holds the score's own draw: leave that one out."),
    (_others, _plain, "Weigh the pairs: a plain tau counts an error among the worst as much as one among the best."),
    (_others, _spearman, "That is a correlation of ranks; count the pairs that agree, and weigh them."),
    (_others, _pearson, "Only the ranking counts: scores have other units than accuracies."),
    (_others, _by_the_score, "The ranks that weigh are those by the *truth*: it says which candidates are the best."),
    (_others, _upside_down, "Rank 0 is the best candidate, not the worst."),
]


def _values(truths: np.ndarray, scores: np.ndarray, against: Truths, agree: Agree) -> np.ndarray:
    return np.array([agree(truth, score) for truth, score in zip(against(truths), scores, strict=True)])


def _case(rng: np.random.Generator, noise: float) -> tuple[np.ndarray, np.ndarray]:
    num_draws, num = int(rng.integers(4, 8)), int(rng.integers(5, 10))
    true = np.sort(rng.uniform(0.2, 0.9, num))[rng.permutation(num)]
    luck = rng.normal(size=(num_draws, num)) * 0.08
    truths = true + luck
    scores = float(rng.uniform(2, 9)) * (true + luck + noise * rng.normal(size=luck.shape)) - 7
    return truths, scores


def _told(received: np.ndarray, truths: np.ndarray, scores: np.ndarray) -> str:
    """Which misconception has the mean that was received."""
    decided = np.ptp(scores, axis=1) > 0
    right = _values(truths, scores, _others, weighted_tau)
    slips = [(_values(truths, scores, against, agree).mean(), why) for against, agree, why in WHYS]
    if not decided.all():
        if np.isnan(received[0]):
            return EQUAL
        slips += [(right[decided].mean(), EQUAL), ((right + ~decided).mean(), EQUAL)]
    slips.append((100 * right.mean(), "Tau goes from -1 to 1, and not to 100."))
    return slip(received[0], slips, EACH_DRAW)


def _received(answer: Callable, truths: np.ndarray, scores: np.ndarray) -> np.ndarray:
    return mean_and_ends(answer(truths.copy(), scores.copy()), THREE)


def _expect_mean(answer: Callable, truths: np.ndarray, scores: np.ndarray) -> None:
    truth, received = foretell(truths, scores).mean, _received(answer, truths, scores)
    require(
        close(received[0], truth, rtol=1e-4, atol=1e-6),
        f"{len(truths)} draws of {truths.shape[1]} candidates: the mean weighted tau is {truth:.4f}, and "
        f"{received[0]:.4f} came. {_told(received, truths, scores)}",
    )


def _told_of_ends(received: np.ndarray, truths: np.ndarray, scores: np.ndarray) -> str:
    """Which misconception has the half width that was received, around the right mean."""
    taus, n = _values(truths, scores, _others, weighted_tau), len(truths)
    quantile, error = stats.t.ppf(0.975, n - 1), taus.std(ddof=1) / np.sqrt(n)
    half = (received[2] - received[1]) / 2
    slips = [
        (-quantile * error, "The low end comes before the high end."),
        (stats.norm.ppf(0.975) * error, "With few draws, Student's quantile is larger than that of a bell."),
        (1.96 * error, "With few draws, Student's quantile is larger than 1.96."),
        (stats.t.ppf(0.95, n - 1) * error, "At 95 %, 2.5 % lie beyond each end: take the quantile of 0.975."),
        (quantile * error * np.sqrt((n - 1) / n), "The deviation of few draws needs n - 1: `std(ddof=1)`."),
        (quantile * error * np.sqrt(n), "Divide by the root of the number of draws."),
        (taus.std(ddof=1), "That is how much draws differ, and no interval of their mean."),
        (error, "That is one standard error: multiply it by Student's quantile."),
    ]
    return slip(half, slips, "`mean_interval` gives Student's 95 % interval of the draws' values.")


def _expect_ends(foretells: Callable, truths: np.ndarray, scores: np.ndarray) -> None:
    found, received = foretell(truths, scores), _received(foretells, truths, scores)
    _expect_mean(foretells, truths, scores)
    told = _told_of_ends(received, truths, scores)
    if close(received[1:], np.clip([found.low, found.high], -1, 1), rtol=1e-4):
        told = "Student's interval of few draws may reach beyond -1 or 1: leave its ends as they are."
    require(
        close(received[1:] - received[0], [found.low - found.mean, found.high - found.mean], rtol=1e-4, atol=1e-6),
        f"{len(truths)} draws: the interval [{found.low:.4f}, {found.high:.4f}] was expected, "
        f"[{received[1]:.4f}, {received[2]:.4f}] came. {told}",
    )


def weighs_the_best(foretells):
    """It is the mean weighted tau of the draws."""
    for rng in draws(2):
        for noise in mixed([0.05, 0.2, 3.0], rng):
            _expect_mean(foretells, *_case(rng, noise))


def compares_with_other_draws(foretells):
    """The truth of a draw is the mean of all other draws."""
    for rng in draws(3):
        truths, _ = _case(rng, 0.1)
        _expect_mean(foretells, truths, 3 * truths - 1)


def counts_equal_scores_as_undecided(foretells):
    """A score that says the same of all foretells nothing, and that is 0, not an error."""
    for rng in draws(2):
        truths, scores = _case(rng, 0.2)
        scores[0] = scores[0, 0]
        _expect_mean(foretells, truths, scores)


def has_students_interval(foretells):
    """Its interval is Student's 95 % interval of the mean over draws."""
    for rng in draws(4):
        for turned in mixed([1, -1], rng):
            truths, scores = _case(rng, 0.3 if turned > 0 else 0.05)
            scores[0] *= turned  # one draw that says the opposite: the interval reaches beyond 1
            _expect_ends(foretells, truths, scores)


def reconciles_the_best_score(foretells, found, prediction):
    """Your prediction is compared with your own measurement."""
    fine = isinstance(found, dict) and set(found) == set(SCORES)
    require(fine, f"`found` must hold `(truths, scores)` for each of {list(SCORES)}, as measured.")
    means = {name: _received(foretells, *map(np.asarray, found[name]))[0] for name in SCORES}
    order = sorted(means, key=lambda name: -means[name])
    told = ", ".join(f"{name} {means[name]:+.2f}" for name in order)
    return f"You predicted that {prediction!r} foretells best. By your function, in textures: {told}."


def _draw_found(rng: np.random.Generator) -> dict[str, tuple]:
    return {name: _case(rng, 0.2) for name in SCORES}


JUDGE_THE_SCORE = Exercise(
    id="5.4",
    title="Does a score foretell?",
    points=3,
    prediction=one_of(*SCORES),
    given={"found": _draw_found},
    kit_has=(foretell, taus_of_draws),
    hints=(
        "For each draw: which truth has not seen the labels of that draw?",
        "`others = (truths.sum(axis=0) - truths) / (len(truths) - 1)` has one row for each draw.",
        "`mean_interval([weighted_tau(t, s) for t, s in zip(others, scores)])` has `mean`, `low` and `high`.",
    ),
    properties=(
        weighs_the_best,
        compares_with_other_draws,
        counts_equal_scores_as_undecided,
        has_students_interval,
        reconciles_the_best_score,
    ),
)
