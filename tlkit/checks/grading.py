"""Run the properties of an exercise on a learner's answers, and say what came out of it in words."""

import contextlib
import dis
import io
import os
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, TracebackType

from tlkit.checks.exercise import CheckFailed, Exercise, properties_text, sharing_trials

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
    """What became of one property: its name, whether the answer has it, and the message or note."""

    text: str
    passed: bool
    message: str = ""


def grade(exercise: Exercise, answers: tuple, options: dict) -> list[Outcome]:
    """Try every property of `exercise` on the answers.

    What the learner's code writes to stderr is dropped: nbgrader would score the cell 0 for a mere warning.

    Raises:
        NotAttempted: If an answer is `None`, `...`, an empty function, or a function that raises the stub.
    """
    if any(is_empty(answer) for answer in (*answers, *options.values())) or not (answers or options):
        raise NotAttempted
    outcomes = []
    with contextlib.redirect_stderr(io.StringIO()), sharing_trials():
        for function, text in zip(exercise.properties, properties_text(exercise.properties), strict=True):
            outcomes.append(_try_property(function, text, answers, options))
    return outcomes


def _try_property(function: Callable, text: str, answers: tuple, options: dict) -> Outcome:
    try:
        note = function(*answers, **options)
    except CheckFailed as failed:
        return Outcome(text, False, str(failed))
    except NotImplementedError as error:
        if is_stub(error):
            raise NotAttempted from None
        return Outcome(text, False, explain(error, checker=function))
    except (Exception, SystemExit) as error:
        return Outcome(text, False, explain(error, checker=function))
    return Outcome(text, True, note or "")


def is_empty(answer: object) -> bool:
    """Whether an answer is `None`, `...`, or a function whose body is only a docstring, `pass`, `...`, or the stub.

    A function that lives in another process, where `tlkit grade` runs it, says so itself.

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
    """Return an exception as one message: its type, its text, the line of the learner's code that it came from.

    Args:
        error: As it was caught.
        checker: The property that was tried; its own frame is not the learner's.
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
    """Return the frames of the learner's code: neither the kit's, nor a library's, nor the checker's."""
    found = []
    for frame, number in traceback.walk_tb(trace):
        code = frame.f_code
        if not code.co_filename.startswith(_NOT_LEARNERS) and code is not getattr(checker, "__code__", None):
            found.append(traceback.FrameSummary(code.co_filename, number, code.co_name))
    return found


def is_stub(error: NotImplementedError) -> bool:
    """Whether it is the stub's own exception, and not one that a library raised.

    TensorFlow raises it anew, with the stub's line in its text, where it traces the learner's function.
    """
    if hasattr(error, "is_stub"):  # raised in another process, which knows
        return error.is_stub
    last = traceback.extract_tb(error.__traceback__)[-1]
    is_bare = not str(error) and not last.filename.startswith(_NOT_LEARNERS)
    return is_bare or "raise NotImplementedError()" in str(error)
