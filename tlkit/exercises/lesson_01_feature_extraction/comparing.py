"""Comparing runs: a verdict on paired seeds, and the budget at which training from scratch catches up."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tlkit.checks.exercise import CheckFailed, Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_01_feature_extraction.shown import BUDGET_CHOICES, RUN_NAMES
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import draws, mixed

__all__ = ["CATCH_UP", "VERDICT"]


def _expect_verdict(verdict, rng: np.random.Generator, ratio: float, why: str) -> None:
    """Expect the verdict of Student's 95 % interval on paired seeds.

    Args:
        verdict: The answer.
        rng: Draws 4 to 8 seeds that differ by luck, and the differences.
        ratio: The mean difference, in half widths of its interval; negative for a loss. Not near 1.
        why: What a wrong verdict has misunderstood.
    """
    num_seeds, size = int(rng.integers(4, 9)), float(rng.uniform(0.002, 0.02))
    spread = rng.normal(size=num_seeds)
    spread = (spread - spread.mean()) / spread.std(ddof=1)
    half = stats.t.ppf(0.975, num_seeds - 1) / np.sqrt(num_seeds)
    gains = size * (spread + ratio * half)
    luck = rng.permutation(np.linspace(0.4, 0.7, num_seeds))
    truth = "undecided" if abs(ratio) < 1 else "better" if ratio > 0 else "worse"
    received = str(verdict(luck + gains, luck))
    low, high = 100 * size * half * (ratio + np.array([-1, 1]))
    points = ", ".join(f"{100 * gain:+.2f}" for gain in gains)
    why = "The first argument is the one that is judged." if {received, truth} == {"better", "worse"} else why
    require(
        received == truth,
        f"Seed by seed the differences were {points} points, and the 95 % interval of their mean is [{low:+.2f}, "
        f"{high:+.2f}]: {truth!r}. The verdict was {received!r}. {why}",
    )


def sees_paired_gains(verdict):
    """It sees a gain that the seeds share, however small, and a loss."""
    rng = hidden_rng()
    for ratio in mixed([1.02, 1.3, 3.0, -1.02, -1.3, -3.0, 0.5, 0.1, -0.4], rng):
        why = "Luck alone makes the seeds differ by 30 points. Take the difference *per seed* first, and it cancels."
        _expect_verdict(verdict, rng, ratio, why)


def doubts_noise(verdict):
    """It calls undecided what the seeds do not settle, even where most of them agree."""
    rng = hidden_rng()
    for ratio in mixed([0.98, -0.98, 0.75, -0.6, 0.2, 2.0, -2.0, 1.5, -1.5], rng):
        why = "With so few seeds, use Student's interval of the mean: the standard *error*, n - 1 in the deviation."
        _expect_verdict(verdict, rng, ratio, why)


def one_lucky_seed_is_luck(verdict):
    """A single lucky seed decides nothing."""
    rng = hidden_rng()
    for sign in mixed([1.0, -1.0], rng):
        for lucky in mixed(range(5), rng)[:4]:
            base = rng.uniform(0.68, 0.72, 5)
            gains = np.where(np.arange(5) == lucky, 0.2, rng.uniform(-0.1, -0.05, 5))
            received = verdict(base + sign * gains, base)
            require(
                received == "undecided",
                f"One seed of five differed by 20 points, the others by 5 to 10 the other way; the verdict was "
                f"{in_words(received)}. The 95 % interval of the mean difference contains 0.",
            )
    _expect_verdict(verdict, rng, rng.choice([-2.0, 2.0]), "Here the seeds agree: their interval does not contain 0.")


def keeps_the_sign(verdict):
    """The first argument is the one that is judged."""
    rng = hidden_rng()
    for truth in mixed(["better", "worse"] * 5, rng):
        num_seeds = int(rng.integers(4, 9))
        high, low = rng.uniform(0.79, 0.83, num_seeds), rng.uniform(0.58, 0.62, num_seeds)
        received = verdict(high, low) if truth == "better" else verdict(low, high)
        first, second = ("81", "60") if truth == "better" else ("60", "81")
        require(received == truth, f"About {first} % against {second} % gave {in_words(received)}, not {truth!r}.")


def reconciles_the_runs(verdict, runs, prediction):
    """Your prediction is compared with your own runs, five seeds each."""
    require(isinstance(runs, dict) and set(runs) == set(RUN_NAMES), f"`runs` must hold {list(RUN_NAMES)}, as measured.")
    scores = {name: np.asarray(values, float) for name, values in runs.items()}
    for name, values in scores.items():
        fine = values.shape == (5,) and ((values >= 0) & (values <= 1)).all()
        require(fine, f"`runs[{name!r}]` must be five accuracies in [0, 1]. Received shape {values.shape}.")
    measured = sorted(scores, key=lambda name: -scores[name].mean())
    against = ", ".join(f"{name}: {verdict(scores['pre-trained'], scores[name])}" for name in RUN_NAMES[1:])
    return f"Predicted {' > '.join(prediction)}; measured {' > '.join(measured)}. Pre-trained against {against}."


def _draw_runs(rng: np.random.Generator) -> dict[str, list[float]]:
    return {name: rng.uniform(0.3, 0.9, 5).tolist() for name in RUN_NAMES}


def _order_of_runs(answer: object) -> None:
    if not isinstance(answer, list) or sorted(map(str, answer)) != sorted(RUN_NAMES):
        msg = f"The prediction is a list of {list(RUN_NAMES)}, best first. Received: {answer!r}."
        raise CheckFailed(msg)


VERDICT = Exercise(
    id="1.5",
    title="Better, worse, or undecided?",
    points=3,
    prediction=_order_of_runs,
    given={"runs": _draw_runs},
    hints=(
        "Both runs used the same seeds, so the same images: subtract seed by seed before anything else.",
        "`paired_interval(a, b)` from `tlkit.measure` gives the 95 % interval of the mean difference.",
        "Better if `interval.low > 0`, worse if `interval.high < 0`, otherwise undecided.",
    ),
    properties=(sees_paired_gains, doubts_noise, one_lucky_seed_is_luck, keeps_the_sign, reconciles_the_runs),
)


UNIT = 1 / 256  # accuracies are multiples of it, so that equal means are equal in every bit


def _expect_budget(catch_up, rng: np.random.Generator, leads: list[list[int]], message: str) -> None:
    """Expect the first budget at which scratch, by its leads in units per seed, is not behind on average, or `None`."""
    lead = np.array(leads) * UNIT
    budgets = np.sort(rng.choice(np.arange(5, 100), len(lead), replace=False))
    transfer = rng.integers(100, 200, lead.shape) * UNIT
    level = np.array(leads).sum(axis=1) >= 0
    truth = int(budgets[level.argmax()]) if level.any() else None
    received = catch_up(budgets, transfer, transfer + lead)
    means = ", ".join(f"{100 * mean:+.2f}" for mean in lead.mean(axis=1))
    require(
        received == truth and not isinstance(received, bool),
        f"At {budgets.tolist()} images per class, training from scratch leads by {means} points on average: "
        f"{truth}. Received {in_words(received)}. {message}",
    )


def finds_the_first_budget(catch_up):
    """It finds the first budget at which the mean of training from scratch is at least as high."""
    rng = hidden_rng()
    for row in mixed(range(4), rng):
        behind = [[-40, -30]] * row
        _expect_budget(catch_up, rng, [*behind, *[[3, 2]] * (4 - row)], "Return the budget itself, the smallest one.")
        again = [*behind, [9, 8], *[[-20, -9]] * (3 - row)]
        _expect_budget(catch_up, rng, again, "The first budget counts, whatever comes after it.")


def level_is_enough(catch_up):
    """Exactly as good is good enough, and almost as good is not."""
    rng = hidden_rng()
    for row in mixed(range(1, 4), rng):
        leads = [*[[-1, 0, 0]] * row, [-7, 7, 0], *[[5, 5, 5]] * (3 - row)]
        _expect_budget(catch_up, rng, leads, "As good as transfer is enough, `>=`, and nothing is rounded.")


def uses_all_seeds(catch_up):
    """It compares means over the seeds, not one seed, and not how many seeds lead."""
    rng = hidden_rng()
    for row in mixed(range(1, 4), rng):
        lucky = mixed([[40, -30, -30], [-30, 40, -30], [-30, -30, 40], [10, 9, -60]], rng)[:row]
        leads = [*lucky, mixed([60, -10, -9], rng), *[[-5, -9, -3]] * (3 - row)]
        _expect_budget(catch_up, rng, leads, "Average over the seeds, then compare.")


def says_never(catch_up):
    """It says `None` where the curves never meet, and only there."""
    for rng in draws(3):
        leads = rng.integers(-60, -1, (int(rng.integers(2, 6)), 2)).tolist()
        never = "Return `None`: the largest budget that was tried is not an answer."
        cases = [(leads, never), ([*leads, [4, 4]], "They meet at the last budget.")]
        for case, message in mixed(cases, rng):
            _expect_budget(catch_up, rng, case, message)


def reconciles_the_curves(catch_up, curves, prediction):
    """Your prediction is compared with your own curves."""
    require(len(curves) == 3, "`curves` must be `(budgets, transfer, scratch)`, as measured.")
    measured = catch_up(*(np.asarray(part) for part in curves))
    found = "doesn't catch up within the budgets tried" if measured is None else f"catches up at {measured} per class"
    return f"You predicted {prediction!r}. Here, training from scratch {found}."


def _draw_curves(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([5, 10, 20, 40]), rng.uniform(0.4, 0.9, (4, 3)), rng.uniform(0.2, 0.9, (4, 3))


CATCH_UP = Exercise(
    id="1.6",
    title="When does training from scratch catch up?",
    points=2,
    prediction=one_of(*BUDGET_CHOICES),
    given={"curves": _draw_curves},
    hints=(
        "The rows of both tables are budgets; the columns are seeds.",
        "`transfer.mean(axis=1)` is one number per budget. Compare it with the means of `scratch`.",
        "Go through the budgets in order and return the first where scratch is at least as high; otherwise, return "
        "`None`.",
    ),
    properties=(finds_the_first_budget, level_is_enough, uses_all_seeds, says_never, reconciles_the_curves),
)
