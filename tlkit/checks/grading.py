"""Run the properties of an exercise on a learner's answers, and put the outcome into words."""

import contextlib
import dis
import inspect
import io
import os
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, TracebackType

from tlkit.checks.borrowed import full_name, kit_functions_in
from tlkit.checks.exercise import PREDICTION, CheckFailed, Exercise, properties_text, sharing_trials
from tlkit.checks.prediction import locked_prediction

__all__ = ["NotAttempted", "Outcome", "explain", "grade", "is_empty", "is_stub"]

_NOT_LEARNERS = (
    f"{Path(__file__).resolve().parent.parent}{os.sep}",
    *{f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "purelib", "platlib")},
    "<frozen",
    "<__array_function__",
)
_LONGEST_MESSAGE = 300
_STUB_STEPS = 5  # load the exception, call it, raise it


class NotAttempted(Exception):
    """The answer is still the stub."""


@dataclass(frozen=True)
class Outcome:
    """The outcome for one property: its name, whether the answer has it, and the message or note."""

    text: str
    passed: bool
    message: str = ""


def grade(exercise: Exercise, answers: tuple, options: dict) -> list[Outcome]:
    """Try every property of `exercise` on the answers.

    What the learner's code writes to stderr is dropped: nbgrader would score the cell 0 because of a mere warning.

    Raises:
        NotAttempted: If an answer is `None`, `...`, an empty function, or a function that raises the stub.
    """
    if any(is_empty(answer) for answer in (*answers, *options.values())) or not (answers or options):
        raise NotAttempted
    from tlkit.checks.handing import as_seen  # brings NumPy, which the command line does without

    as_given = (*answers, *options.values())
    answers, options = tuple(map(as_seen, answers)), {name: as_seen(answer) for name, answer in options.items()}
    outcomes = []
    with contextlib.redirect_stderr(io.StringIO()), sharing_trials():
        for function, text in zip(exercise.properties, properties_text(exercise.properties), strict=True):
            outcomes.append(_try_property(exercise, function, text, answers, options))
    try:  # now, since a name may stand for nothing before the answer was called
        names = _borrowed(exercise, as_given)
    except Exception as error:  # what another process says of an answer may be anything
        return [Outcome(outcome.text, False, explain(error)) for outcome in outcomes]
    if names:
        return [Outcome(outcome.text, False, _write_it_yourself(exercise, names)) for outcome in outcomes]
    return _less_for_changes(exercise, outcomes, (*answers, *options.values()))


def _borrowed(exercise: Exercise, answers: tuple) -> list[str]:
    """Return the names of ready-made functions that do the exercise and that an answer calls."""
    asked_for = {full_name(function): function.__name__ for function in exercise.kit_has}
    called = set().union(*map(kit_functions_in, answers)) if asked_for else set()
    return [name for full, name in asked_for.items() if full in called]


def _write_it_yourself(exercise: Exercise, names: list[str]) -> str:
    return f"Exercise {exercise.id} asks you to write this yourself. Your answer calls {' and '.join(names)}."


def _less_for_changes(exercise: Exercise, outcomes: list[Outcome], answers: tuple) -> list[Outcome]:
    """Take the first property from an answer that changed what it was given: once, not for each property."""
    changed = set().union(*(getattr(answer, "changed", ()) for answer in answers))
    tried = [exercise.tries_an_answer(function) for function in exercise.properties]
    row = next((row for row, outcome in enumerate(outcomes) if outcome.passed and tried[row]), None)
    if changed and row is not None:
        from tlkit.checks.handing import changed_message  # see `grade`

        outcomes[row] = Outcome(outcomes[row].text, False, changed_message(changed))
    return outcomes


def _try_property(exercise: Exercise, function: Callable, text: str, answers: tuple, options: dict) -> Outcome:
    try:
        note = function(**_asked_for(function, exercise, answers, options))
    except CheckFailed as failed:
        return Outcome(text, False, str(failed))
    except NotImplementedError as error:
        if is_stub(error):
            raise NotAttempted from None
        return Outcome(text, False, explain(error, checker=function))
    except (Exception, SystemExit) as error:
        return Outcome(text, False, explain(error, checker=function))
    return Outcome(text, True, note or "")


def _asked_for(function: Callable, exercise: Exercise, answers: tuple, options: dict) -> dict[str, object]:
    """Return what a property asks for, by the names of its parameters.

    `prediction` is what the learner locked. A name in `Exercise.given` is what the notebook measured, which follows the
    answers in the call to `check`. Any other name is an answer, in the order of the call.

    Raises:
        TypeError: If the call has more or fewer answers than the exercise takes.
        CheckFailed: If the property asks for a prediction and none is locked.
    """
    measured = [name for name in exercise.given if name not in options]
    num_answers = max(map(len, map(exercise.answers_of, exercise.properties)))
    if len(answers) + len(options) != num_answers + len(exercise.given):
        after = f" and then {', '.join(exercise.given)}, as measured" if exercise.given else ""
        msg = f'`check("{exercise.id}", ...)` takes {num_answers} answer{"s"[: num_answers != 1]}{after}.'
        raise TypeError(msg)
    wanted = inspect.signature(function).parameters
    known = dict(zip(measured, answers[len(answers) - len(measured) :], strict=True)) | options
    if PREDICTION in wanted:
        known[PREDICTION] = locked_prediction(exercise.id)
    unnamed = [name for name in exercise.answers_of(function) if name not in options]
    own = dict(zip(unnamed, answers, strict=False))
    return {name: (own | known)[name] for name in wanted}


def is_empty(answer: object) -> bool:
    """Whether an answer is `None`, `...`, or a function whose body is only a docstring, `pass`, `...`, or the stub.

    A function that lives in another process, where `tlkit grade` runs it, says itself whether it is empty.

    Example:
    >>> def stub(model):
    ...     raise NotImplementedError()
    >>> is_empty(stub), is_empty(lambda model: 0)
    (True, False)
    """
    if answer is None or answer is Ellipsis or getattr(answer, "is_empty_answer", False) is True:
        return True
    if not isinstance(answer, FunctionType):
        return False
    steps = [step for step in dis.get_instructions(answer) if step.opname not in ("RESUME", "NOP")]
    if answer.__code__.co_names == ("NotImplementedError",) and steps[-1].opname == "RAISE_VARARGS":
        return len(steps) <= _STUB_STEPS
    return {step.opname for step in steps} <= {"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"} and all(
        step.argval in (None, Ellipsis) for step in steps if step.opname != "RETURN_VALUE"
    )


def explain(error: BaseException, *, checker: Callable | None = None) -> str:
    """Return an exception as one message: its type, its text, and the line of the learner's code that raised it.

    Args:
        error: The exception, as it was caught.
        checker: The property that was tried; its own frame does not belong to the learner.
    """
    if explanation := getattr(error, "explanation", ""):  # raised and explained in another process
        return explanation
    text = " ".join(str(error).split())
    text = text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " …"
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    lines = [line for line in _learner_lines(error.__traceback__, checker) if line.line]
    if not lines:
        return f"The check could not use this answer. {what}"
    return f"Your code raised {what} (line {lines[-1].lineno} of its cell: {lines[-1].line})"


def _learner_lines(trace: TracebackType | None, checker: Callable | None) -> list[traceback.FrameSummary]:
    """Return the frames of the learner's code, leaving out the kit's, the libraries' and the checker's."""
    found = []
    for frame, number in traceback.walk_tb(trace):
        code = frame.f_code
        if not code.co_filename.startswith(_NOT_LEARNERS) and code is not getattr(checker, "__code__", None):
            found.append(traceback.FrameSummary(code.co_filename, number, code.co_name))
    return found


def is_stub(error: NotImplementedError) -> bool:
    """Whether it is the stub's own exception, rather than one that a library raised.

    When TensorFlow traces the learner's function, it raises a new exception with the stub's line in its text.
    """
    if hasattr(error, "is_stub"):  # raised in another process, which knows
        return error.is_stub
    last = traceback.extract_tb(error.__traceback__)[-1]
    is_bare = not str(error) and not last.filename.startswith(_NOT_LEARNERS)
    return is_bare or "raise NotImplementedError()" in str(error)
