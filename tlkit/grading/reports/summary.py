"""What a class has in common: the spread of the points, the hardest exercises, the misconceptions."""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tlkit.grading.keep import ExerciseResult, SubmissionResult
from tlkit.grading.reports.tables import awaits_person, reachable

__all__ = ["ExerciseSummary", "LessonSummary", "Misconception", "summarise"]

NUM_BINS = 10
ORDER = ("right", "partial", "wrong", "error", "timeout", "not attempted", "manual")


@dataclass(frozen=True)
class Misconception:
    """What several answers lack in the same way.

    Attributes:
        name: The name of the property, in words, such as `"counts numbers"`.
        learners: Who lacks it.
        messages: What they were told and how often, numbers replaced by `#`; the most frequent first.
    """

    name: str
    learners: tuple[str, ...]
    messages: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ExerciseSummary:
    """How a class did in an exercise.

    Attributes:
        id: Such as `"1.3"`.
        title: A few words.
        mean: Mean share of the points, from 0 to 1; `None` if a person grades it.
        tried: Learners who attempted it.
        discrimination: Correlation, from -1 to 1, of its points with those of the lesson's other exercises (the
            corrected item-total correlation). Near 0 or below, it does not tell those who know the rest from those who
            do not. `None` if it, or the rest, is the same for everybody.
        counts: Number of learners by status, in the order of `ORDER`, without zeros.
        misconceptions: The most frequent first.
    """

    id: str
    title: str
    mean: float | None
    counts: dict[str, int] = field(hash=False)
    misconceptions: tuple[Misconception, ...] = ()
    tried: int = 0
    discrimination: float | None = None


@dataclass(frozen=True)
class LessonSummary:
    """How a class did in a lesson.

    Attributes:
        name: The name of the lesson.
        results: All submissions, by learner.
        max_points: Points of a perfect submission, without what awaits a person.
        mean: Mean points of what was graded; `None` if nothing was.
        median: Median points, likewise.
        bins: Number of graded submissions by tenths of the points; full points are in the last.
        exercises: The hardest first.
        num_waiting: How many submissions hold an answer that awaits a person.
        num_ungraded: How many could not be graded.
    """

    name: str
    results: tuple[SubmissionResult, ...]
    max_points: float
    mean: float | None
    median: float | None
    bins: tuple[int, ...]
    exercises: tuple[ExerciseSummary, ...]
    num_waiting: int
    num_ungraded: int


def summarise(results: Sequence[SubmissionResult]) -> list[LessonSummary]:
    """Return a summary of each lesson, in order."""
    by_lesson: dict[str, list[SubmissionResult]] = defaultdict(list)
    for result in sorted(results, key=lambda result: (result.lesson, result.learner)):
        by_lesson[result.lesson].append(result)
    return [_lesson(name, own) for name, own in by_lesson.items()]


def _lesson(name: str, results: list[SubmissionResult]) -> LessonSummary:
    graded = [result for result in results if result.status == "graded"]
    points = [result.points for result in graded]
    return LessonSummary(
        name,
        tuple(results),
        max(map(reachable, graded), default=0.0),
        statistics.fmean(points) if points else None,
        statistics.median(points) if points else None,
        _bins(graded),
        tuple(sorted(_exercises(graded), key=lambda summary: (summary.mean is None, summary.mean or 0.0))),
        sum(any(map(awaits_person, result.exercises)) for result in graded),
        len(results) - len(graded),
    )


def _bins(graded: list[SubmissionResult]) -> tuple[int, ...]:
    shares = [result.points / reachable(result) for result in graded if reachable(result)]
    counts = Counter(min(NUM_BINS - 1, int(NUM_BINS * share)) for share in shares)
    return tuple(counts[index] for index in range(NUM_BINS))


def _exercises(graded: list[SubmissionResult]) -> list[ExerciseSummary]:
    by_id: dict[str, list[tuple[SubmissionResult, ExerciseResult]]] = defaultdict(list)
    for result in graded:
        for exercise in result.exercises:
            by_id[exercise.id].append((result, exercise))
    return [_exercise(own) for own in by_id.values()]


def _exercise(answers: list[tuple[SubmissionResult, ExerciseResult]]) -> ExerciseSummary:
    first = answers[0][1]
    counts = Counter(exercise.status for _, exercise in answers)
    scored = [(exercise.points / exercise.max_points, result) for result, exercise in answers if _has_points(exercise)]
    return ExerciseSummary(
        first.id,
        first.title,
        statistics.fmean(share for share, _ in scored) if scored else None,
        {status: counts[status] for status in ORDER if counts[status]},
        _misconceptions([(result.learner, exercise) for result, exercise in answers]),
        len(answers) - counts["not attempted"],
        _discrimination([share for share, _ in scored], [_rest(result, first.id) for _, result in scored]),
    )


def _rest(result: SubmissionResult, exercise: str) -> float:
    """Return the points of the other exercises, without what awaits a person."""
    return sum(one.points for one in result.exercises if one.id != exercise and _has_points(one))


def _discrimination(shares: list[float], rests: list[float]) -> float | None:
    if len(set(shares)) < 2 or len(set(rests)) < 2:
        return None
    return round(statistics.correlation(shares, rests), 2)


def _has_points(exercise: ExerciseResult) -> bool:
    return exercise.max_points > 0 and not awaits_person(exercise)


def _misconceptions(answers: list[tuple[str, ExerciseResult]]) -> tuple[Misconception, ...]:
    lacking: dict[str, list[str]] = defaultdict(list)
    messages: dict[str, Counter[str]] = defaultdict(Counter)
    for learner, exercise in answers:
        for name, message in zip(exercise.failed, exercise.messages, strict=False):
            lacking[name].append(learner)
            messages[name][re.sub(r"\d+(\.\d+)?(e[+-]?\d+)?", "#", message)] += 1
    found = [
        Misconception(name.replace("_", " "), tuple(learners), tuple(messages[name].most_common(5)))
        for name, learners in lacking.items()
    ]
    return tuple(sorted(found, key=lambda one: -len(one.learners)))
