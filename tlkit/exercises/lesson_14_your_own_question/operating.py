"""An operating point: a threshold that is fixed on validation, and read on the test with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_14_your_own_question.shown import ALARMS
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.measure import operating_point, threshold_at

__all__ = ["READ_AN_OPERATING_POINT"]

Slips = Sequence[tuple[float, str]]
WANTED = "Return four numbers: the threshold, the sensitivity, and the two ends of its interval."


@dataclass(frozen=True)
class _Case:
    """Scores on a scale of their own and whether each is of the kind looked for, for validation and for the test."""

    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    specificity: float

    @property
    def threshold(self) -> float:
        """The lowest validation score that spares enough of the others there; infinite if none does."""
        return _lowest(*self.val, self.specificity)

    @property
    def found(self) -> tuple[int, int]:
        """How many of the kind looked for raise an alarm in the test, and how many there are."""
        scores, is_it = self.test
        return int((scores[is_it] >= self.threshold).sum()), int(is_it.sum())

    def answer(self, read: Callable) -> np.ndarray:
        """Return the four numbers of an answer, of which the threshold may be infinite."""
        val, test = (tuple(part.copy() for part in each) for each in (self.val, self.test))
        received = held(read(val, test, self.specificity))
        fine = isinstance(received, list | tuple | np.ndarray) and np.shape(np.asarray(received, object)) == (4,)
        require(fine, f"{WANTED} Received: {in_words(received)}.")
        return np.array([one_number(each, what) for each, what in zip(received, _PARTS, strict=True)])

    def told(self) -> str:
        """The numbers of cases in words."""
        num_val, num_test = (f"{int(is_it.sum())} of {len(is_it)}" for _, is_it in (self.val, self.test))
        return f"Validation: {num_val} are of the kind; test: {num_test}; specificity {self.specificity:.3f}."


_PARTS = ("the threshold", "the sensitivity", "the lower end", "the upper end")


def _lowest(scores: np.ndarray, is_it: np.ndarray, specificity: float) -> float:
    spared = [(each, (scores[~is_it] < each).mean()) for each in [*np.unique(scores).tolist(), np.inf]]
    return next(each for each, share in spared if share >= specificity - 1e-12)


def _wilson(count: int, total: int) -> tuple[float, float]:
    interval = stats.binomtest(count, total).proportion_ci(method="wilson")
    return interval.low, interval.high


def _part(num: int, num_of_kind: int, gap: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    is_it = rng.permutation(np.arange(num) < num_of_kind)
    return rng.normal(size=num) + gap * is_it, is_it


def _draw(rng: np.random.Generator, *, shift: float = 0.0) -> _Case:
    """Overlapping kinds, of which the one that is looked for is the rarer one; the test scores may be shifted."""
    val = _part(int(rng.integers(50, 90)), int(rng.integers(12, 20)), 1.5, rng)
    test = _part(int(rng.integers(60, 99)), int(rng.integers(21, 30)), 1.5, rng)
    scale, start = rng.uniform(1, 20), rng.uniform(-30, 30)
    val, test = ((scale * (scores + moved) + start, is_it) for (scores, is_it), moved in ((val, 0.0), (test, shift)))
    return _Case(val, test, float(rng.uniform(0.72, 0.93)))


def _expect_threshold(case: _Case, received: np.ndarray, slips: Slips, otherwise: str) -> None:
    truth = case.threshold
    same = received[0] == truth or close(received[0], truth, rtol=1e-6, atol=1e-9)
    why = slip(received[0], [each for each in slips if not close(each[0], truth, rtol=1e-6)], otherwise)
    require(same, f"{case.told()} The threshold is {truth:.4g}, not {received[0]:.4g}. {why}")


def the_threshold_comes_from_validation(read):
    """It fixes the threshold on validation, by the specificity there."""
    for rng in draws(3):
        case = _draw(rng, shift=float(rng.choice([-0.8, 0.8])))
        scores, is_it = case.val
        turned = np.sort(scores[is_it])[::-1]
        slips = [
            (_lowest(*case.test, case.specificity), "Choose it on validation: the test only judges."),
            (
                _lowest(
                    np.concatenate([scores, case.test[0]]), np.concatenate([is_it, case.test[1]]), case.specificity
                ),
                "Choose it on validation alone: the test only judges.",
            ),
            (
                _lowest(scores, np.zeros(len(scores), bool), case.specificity),
                "Specificity is a share of the others, not of all cases.",
            ),
            (
                float(turned[int(np.ceil(case.specificity * len(turned))) - 1]),
                "That fixes the sensitivity. Specificity is the share of the *others* that raise no alarm.",
            ),
            (0.5, "Half is a convention; here, the scale of the scores is any."),
            (
                min(each for each in scores[~is_it] if (scores[~is_it] < each).mean() >= case.specificity)
                if (scores[~is_it] < scores[~is_it].max()).mean() >= case.specificity
                else np.inf,
                "Every validation score may be the threshold, also one of a case of the kind looked for.",
            ),
        ]
        why = "Take the lowest validation score for which enough of the others lie below."
        _expect_threshold(case, case.answer(read), slips, why)


def _steps(rng: np.random.Generator, *, exact: bool) -> _Case:
    """Few different scores, many of them equal; the specificity is reached exactly, or just not."""
    levels = np.sort(rng.choice(40, 6, replace=False)) * 0.25 - int(rng.integers(0, 9))
    others, kind = np.repeat(levels[:4], 4), np.repeat(levels[1:], int(rng.integers(2, 4)))  # 16 others, 4 at a level
    scores = np.concatenate([others, kind])
    order = rng.permutation(len(scores))
    is_it = (np.arange(len(scores)) >= len(others))[order]
    spared = int(rng.integers(1, 4)) / 4
    test = rng.permutation(np.repeat(levels, 5))
    told = rng.permutation(np.arange(len(test)) % 2 == 0)
    return _Case((scores[order], is_it), (test, told), spared if exact else spared - 1 / 16)


def a_score_at_the_threshold_is_an_alarm(read):
    """A score at the threshold is an alarm, and the specificity may be reached exactly."""
    for rng in draws(3):
        for exact in mixed([True, False], rng):
            case = _steps(rng, exact=exact)
            received = case.answer(read)
            why = "A score of the threshold or above is an alarm, `>=`; *at least* the specificity is asked for."
            _expect_threshold(case, received, (), why)
            count, total = case.found
            above = int((case.test[0][case.test[1]] > case.threshold).sum())
            require(
                close(received[1], count / total, rtol=1e-6),
                f"{count} of {total} scores are at the threshold or above it, {above} above it; the sensitivity was "
                f"{received[1]:.3f}. {why}",
            )


def it_may_be_that_no_score_is_high_enough(read):
    """Where no score spares enough of the others, nothing raises an alarm."""
    for rng in draws(2):
        for topped in mixed([True, False], rng):
            case = _draw(rng)
            scores, is_it = case.val
            top = np.flatnonzero(is_it != topped)[0]  # the highest score is of the others, or is not
            scores[top] = scores.max() + rng.uniform(0.5, 2)
            case = _Case((scores, is_it), case.test, 0.999)
            why = "If the highest score of all is one of the others, and none of these may raise an alarm, no score is "
            why += "high enough: the threshold is `np.inf`."
            _expect_threshold(case, case.answer(read), (), why if topped else "All of the others must lie below it.")


def sensitivity_is_read_on_the_test(read):
    """The sensitivity is the share of the kind looked for that raises an alarm, in the test."""
    for rng in draws(3):
        case = _draw(rng, shift=float(rng.choice([-0.5, 0.5])))
        count, total = case.found
        alarm, is_it = case.test[0] >= case.threshold, case.test[1]
        seen = case.val[0][case.val[1]] >= case.threshold
        slips = [
            (float(seen.mean()), "That is the sensitivity on validation, where the threshold was chosen."),
            (float(is_it[alarm].mean()) if alarm.any() else 0.0, "That is the share of alarms that are right."),
            (float((alarm == is_it).mean()), "That is the accuracy."),
            (float(alarm.mean()), "That is the share of all cases that raise an alarm."),
            (float((~alarm)[~is_it].mean()), "That is the specificity of the test."),
            (count / len(is_it), "Divide by the number of cases that are of the kind looked for."),
            (1 - count / total, "That is the share that is missed."),
        ]
        received = case.answer(read)
        why = slip(received[1], slips, "Sensitivity is the share of the cases of the kind that raise an alarm.")
        require(
            close(received[1], count / total, rtol=1e-6),
            f"{case.told()} {count} of {total} raise an alarm, {count / total:.3f}; received {received[1]:.3f}. {why}",
        )


def _intervals(count: int, total: int, others: int) -> Slips:
    """The ends that other intervals have: each the lower one, which is never that of Wilson's."""
    share = count / total
    wald = 1.959964 * np.sqrt(share * (1 - share) / total)
    exact = stats.binomtest(count, total).proportion_ci(method="exact").low
    narrow = stats.binomtest(count, total).proportion_ci(0.9, method="wilson").low
    all_cases = _wilson(round(share * others), others)[0]
    formula = "sqrt(p (1 - p) / n) is 0 for all or none, and too small near them: take Wilson's interval."
    return [
        (share - wald, formula),
        (max(share - wald, 0.0), formula),
        (exact, "That is Clopper and Pearson's interval, which errs on the wide side: take Wilson's."),
        (narrow, "That is an interval of 90 %."),
        (all_cases, "Only the cases of the kind looked for count: n is their number, not that of all."),
    ]


def the_interval_is_wilsons(read):
    """The interval is Wilson's at 95 %, of the cases that are of the kind looked for."""
    for rng in draws(3):
        for gap in mixed([1.5, 9.0], rng):  # at 9, all are found
            case = _draw(rng, shift=0.3)
            scores, is_it = case.test
            case = _Case(case.val, (scores + gap * np.ptp(case.val[0]) * is_it * (gap > 5), is_it), case.specificity)
            count, total = case.found
            low, high = _wilson(count, total)
            received = case.answer(read)
            why = slip(received[2], _intervals(count, total, len(is_it)), "SciPy's `binomtest` has it.")
            require(
                close(received[2:], [low, high], rtol=1e-4, atol=1e-6),
                f"{count} of {total}: Wilson's interval is [{low:.3f}, {high:.3f}], not [{received[2]:.3f}, "
                f"{received[3]:.3f}]. {why}",
            )


def reconciles_the_alarms(alarms, prediction):
    """Your prediction is compared with what was computed."""
    share = one_number(alarms, "`alarms`, a share")
    return f"You predicted {prediction!r}. Here, {share:.1%} of the alarms are right where one in a hundred is ill."


READ_AN_OPERATING_POINT = Exercise(
    id="14.9",
    title="An operating point",
    points=2,
    prediction=one_of(*ALARMS),
    given={"alarms": lambda rng: float(rng.uniform(0.03, 0.09))},
    hints=(
        "First validation alone: which is the lowest score with enough of the *others* below it? Then the test alone.",
        "`(scores[~is_it] < t).mean()` is the specificity at `t`; try `[*np.unique(scores), np.inf]` in order. In the "
        "test, count the cases of the kind with `scores >= threshold`.",
        '`binomtest(count, total).proportion_ci(method="wilson")` of `scipy.stats` has `low` and `high`; `total` is '
        "how many test cases are of the kind.",
    ),
    properties=(
        the_threshold_comes_from_validation,
        a_score_at_the_threshold_is_an_alarm,
        it_may_be_that_no_score_is_high_enough,
        sensitivity_is_read_on_the_test,
        the_interval_is_wilsons,
        reconciles_the_alarms,
    ),
    kit_has=(threshold_at, operating_point),
)
