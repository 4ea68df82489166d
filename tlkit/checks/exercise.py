"""What an exercise is, and where exercises are found: each lesson has a room, `tlkit/exercises/lesson_NN_topic/`.

A file in a room says, at its top level:

    def one_row_per_image(extract):
        \"\"\"There is one row of features per image.\"\"\"
        rows = extract(tiny_backbone(), images_ds(7))[0].shape[0]
        require(rows == 7, f"7 images gave {rows} rows: did a batch get lost?")


    FEATURES_ONCE = Exercise(
        id="1.3",
        title="Features once",
        points=2,
        hints=("Where to look.", "What to call.", "Nearly the code."),
        properties=(one_row_per_image, labels_stay_aligned, one_pass_only),
    )

and the room's `__init__.py` lists the exercises in order, as `EXERCISES`.

A property is a function that asks, by its parameters, for what it uses: the learner's answers, what the notebook
measured (`Exercise.given`), and the locked `prediction`. The first line of its docstring names it, in words that follow
"passed:". It calls `require`, or raises `CheckFailed` with the misconception in one sentence; any text that it returns
is shown as a note.
"""

import contextlib
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Generator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from tlkit.choices import did_you_mean

__all__ = [
    "CheckFailed",
    "Exercise",
    "all_exercises",
    "find_exercise",
    "properties_text",
    "register",
    "require",
    "shared_trial",
    "sharing_trials",
]

NUM_HINTS = 3
PREDICTION = "prediction"  # the name of the parameter by which a property asks for it
_REGISTERED: dict[str, "Exercise"] = {}
_LOADED: set[str] = set()


class CheckFailed(AssertionError):
    """An answer lacks a property; the message says which misconception is likely, in one or two sentences."""


@dataclass(frozen=True)
class Exercise:
    """A graded exercise.

    Attributes:
        id: Lesson and number, such as `"1.3"`.
        title: A few words.
        points: Points for an answer with all properties.
        hints: Three steps: where to look, what to use, nearly the code.
        properties: Functions of the answers; each raises `CheckFailed` or returns `None` or a note.
        all_or_nothing: Whether an answer that lacks one property earns nothing. Otherwise the properties share the
            points equally. Choose it where guessing would earn points.
        prediction: Tests an answer to `predict`, raising `CheckFailed` if it cannot be used; see `one_of`. `None`
            for an exercise without a prediction.
        given: What the notebook measures and passes to the check after the answers, in this order. The keys are the
            names by which properties ask for it, such as `"runs"`; each value is a function of a random generator that
            draws a stand-in, since `tlkit grade` does not train again.
        kit_has: Functions and classes of the kit, or of scikit-learn, that do what the exercise asks the learner to
            write: an answer that calls one of them earns nothing.
    """

    id: str
    title: str
    points: float
    hints: tuple[str, str, str]
    properties: tuple[Callable[..., str | None], ...]
    all_or_nothing: bool = False
    prediction: Callable[[object], None] | None = None
    given: dict[str, Callable[[Any], object]] = field(default_factory=dict, hash=False)
    kit_has: tuple[Callable, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an exercise that learners could not use."""
        if len(self.hints) != NUM_HINTS or not self.properties:
            msg = (
                f"Exercise {self.id} must have {NUM_HINTS} hints and at least one property. "
                f"Received: {len(self.hints)} hints, {len(self.properties)} properties."
            )
            raise ValueError(msg)
        if nameless := [function.__name__ for function in self.properties if not (function.__doc__ or "").strip()]:
            msg = f"Each property needs a docstring that names it. In exercise {self.id}, these have none: {nameless}."
            raise ValueError(msg)

        asked = {name for function in self.properties for name in inspect.signature(function).parameters}
        if unasked := sorted(set(self.given) - asked):
            msg = f"No property of exercise {self.id} asks for {unasked}: give a parameter that name, or leave it out."
            raise ValueError(msg)

    def answers_of(self, function: Callable) -> list[str]:
        """Return the names of a property's parameters that are answers: neither measured nor the prediction."""
        return [name for name in inspect.signature(function).parameters if name not in (*self.given, PREDICTION)]

    def tries_an_answer(self, function: Callable) -> bool:
        """Whether a property is about an answer, and not about the prediction or what the notebook measured."""
        return bool(self.answers_of(function)) and PREDICTION not in inspect.signature(function).parameters

    @property
    def lesson(self) -> int:
        """The number of the lesson."""
        return int(self.id.split(".")[0])


def require(condition: object, message: str) -> None:
    """Raise `CheckFailed(message)` unless `condition` holds.

    Example:
    >>> require(len([1, 2]) == 3, "There must be 3 numbers.")
    Traceback (most recent call last):
    tlkit.checks.exercise.CheckFailed: There must be 3 numbers.
    """
    if not bool(condition):
        raise CheckFailed(message)


_trials: ContextVar[dict | None] = ContextVar("trials", default=None)


@contextlib.contextmanager
def sharing_trials() -> Generator[None]:
    """Let functions marked `shared_trial` run once for the same arguments while the block runs: one check."""
    token = _trials.set({})
    try:
        yield
    finally:
        _trials.reset(token)


def shared_trial(trial: Callable) -> Callable:
    """Mark a function that tries an answer, when that is slow and several properties look at the outcome.

    Within one check, it runs once for each answer and set of options; what it returned or raised is kept.

    Example:
    >>> @shared_trial
    ... def tried(answer):
    ...     print("trained for a minute")
    ...     return answer()
    >>> with sharing_trials():
    ...     tried(dict), tried(dict)
    trained for a minute
    ({}, {})
    """

    @functools.wraps(trial)
    def shared(*answers: Any, **options: Any) -> Any:
        kept = _trials.get()
        if kept is None:
            return trial(*answers, **options)
        key = (trial, *map(id, answers), *sorted(options.items()))
        if key not in kept:
            kept[key] = answers, *_outcome(trial, answers, options)  # keeps the answers too, so that no id is reused
        _, value, error = kept[key]
        if error:
            raise error
        return value

    return shared


def _outcome(trial: Callable, answers: tuple, options: dict) -> tuple[Any, BaseException | None]:
    try:
        return trial(*answers, **options), None
    except (Exception, SystemExit) as error:
        return None, error


def register(*exercises: Exercise) -> None:
    """Make exercises known to `check`, `hint` and `predict`; a later one replaces an earlier one with the same id."""
    _REGISTERED.update({exercise.id: exercise for exercise in exercises})


def find_exercise(exercise_id: str) -> Exercise:
    """Return the exercise, loading its lesson's room on first use.

    Raises:
        ValueError: If there is no such exercise; the message names the nearest one.
    """
    if exercise_id not in _REGISTERED:
        _load_rooms(str(exercise_id).split(".")[0].zfill(2))
    if exercise_id not in _REGISTERED:
        known = sorted(_REGISTERED)
        msg = (
            f"`exercise_id` must name an exercise, such as '1.3'. Received: {exercise_id!r}."
            f"{did_you_mean(str(exercise_id), known)} Exercises: {', '.join(known) or 'none'}."
        )
        raise ValueError(msg)
    return _REGISTERED[exercise_id]


def all_exercises() -> list[Exercise]:
    """Load every lesson's room and return all exercises, in order."""
    _load_rooms()
    return sorted(_REGISTERED.values(), key=lambda exercise: [int(part) for part in exercise.id.split(".")])


def _load_rooms(number: str = "") -> None:
    """Register the exercises of the rooms whose names begin with a lesson's number, each room once."""
    package = importlib.import_module("tlkit.exercises")
    for room in pkgutil.iter_modules(package.__path__):
        if room.name.startswith(f"lesson_{number}") and room.name not in _LOADED:
            register(*importlib.import_module(f"tlkit.exercises.{room.name}").EXERCISES)
            _LOADED.add(room.name)


def properties_text(properties: Sequence[Callable]) -> list[str]:
    """Return the names of properties: the first line of each docstring, without its full stop."""
    return [(function.__doc__ or "").strip().splitlines()[0].rstrip(".") for function in properties]
