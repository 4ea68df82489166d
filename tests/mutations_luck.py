"""How probably an answer has a property that does not look, but draws from the values that were right before.

A property asks several questions. The answer is right but at one of them, where it returns one of the values that it
returned in an earlier check; the shares of the tries that pass, multiplied over the questions, are the chance that all
questions are passed; once it is below one in 10,000, no further question is tried. Where a property allows some errors
that is no bound, so that whole answers of such values are tried, too, and the smaller of the two counts.
"""

import contextlib
import inspect
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.mutate import Recorder, different_values
from tlkit.checks.exercise import Exercise, sharing_trials
from tlkit.checks.handing import as_seen
from tlkit.checks.testing import Args
from tlkit.exercises.toys import hidden_rng

__all__ = ["RARE", "Luck", "lucks"]

RARE = 1e-4
_RECORDINGS = 4  # of earlier checks: their values may be easier to hit, or harder
_WHOLE = 10  # tries of whole answers for each try of a question


@dataclass(frozen=True)
class Luck:
    """The luck of random right values at one property.

    Attributes:
        name: The property's, in Python.
        questions: How often it calls the answer.
        chance: Of passing all of them; where no try passed a question, as if one had.
        has_passed: Whether `chance` is more than such a bound.
    """

    name: str
    questions: int
    chance: float
    has_passed: bool


def lucks(exercise: Exercise, right: Args, tries: int) -> list[Luck]:
    """Return the luck at each property that tries an answer.

    Args:
        exercise: Whose properties are tried.
        right: A right answer to it.
        tries: For each question; ten times as many for whole answers, where a property's questions do not decide.
    """
    properties = [function for function in exercise.properties if exercise.tries_an_answer(function)]
    earlier = [_values(exercise, properties, right) for _ in range(_RECORDINGS)]
    return [_luck(exercise, function, right, earlier, tries) for function in properties]


def _values(exercise: Exercise, properties: list[Callable], right: Args) -> list:
    recorder = Recorder(right.args[0])
    for function in properties:
        _passes(exercise, function, right, recorder)
    return different_values(recorder.values)


def _luck(exercise: Exercise, function: Callable, right: Args, earlier: list[list], tries: int) -> Luck:
    counted = Recorder(right.args[0])
    _passes(exercise, function, right, counted)
    questions, chance, has_passed = len(counted.values), 1.0, True
    for place in range(questions):
        passed = _passed(exercise, function, right, earlier, tries, {place})
        chance, has_passed = chance * max(passed, 1) / tries, has_passed and passed > 0
        if chance < RARE:
            return Luck(function.__name__, questions, chance, has_passed)
    if questions > 1:
        passed = _passed(exercise, function, right, earlier, _WHOLE * tries, range(questions))
        if (whole := max(passed, 1) / (_WHOLE * tries)) < chance:
            chance, has_passed = whole, passed > 0
    return Luck(function.__name__, questions, chance, has_passed)


def _passed(exercise: Exercise, function: Callable, right: Args, earlier: list[list], tries: int, where: Any) -> int:
    answers = (_Replaying(right.args[0], earlier[number % len(earlier)], where) for number in range(tries))
    return sum(_passes(exercise, function, right, answer) for answer in answers)


def _passes(exercise: Exercise, function: Callable, right: Args, answer: Callable) -> bool:
    names = exercise.answers_of(function)
    given = {name: exercise.given[name] for name in inspect.signature(function).parameters if name in exercise.given}
    by_place = zip((name for name in names if name not in right.kwargs), (answer, *right.args[1:]), strict=False)
    answers = dict(by_place) | {name: value for name, value in right.kwargs.items() if name in names}
    measured = {name: draw(hidden_rng()) for name, draw in given.items()}
    with contextlib.redirect_stderr(io.StringIO()), sharing_trials(), contextlib.suppress(Exception):
        function(**{name: as_seen(value) for name, value in answers.items()}, **measured)
        return True
    return False


class _Replaying:
    """Calls a right answer, but returns an earlier value at some calls, counted from 0."""

    def __init__(self, function: Callable, values: list, where: Any):
        self._function, self._values, self._where = function, values, where
        self._rng, self._calls = hidden_rng(), 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        self._calls += 1
        if self._calls - 1 in self._where:
            return self._values[self._rng.integers(len(self._values))]
        return self._function(*args, **kwargs)
