"""Wrong answers drawn by machine from the planted right ones, and which of them a check believes.

    python -m tests.mutations                   all exercises, which takes minutes
    python -m tests.mutations 0.6 1.3           these
    python -m tests.mutations --luck 100 3.4    how probably values of an earlier check, drawn at random, would pass

An answer that does not look at its input must earn nothing. A right answer with one operation changed must earn less
than full marks, unless the change changes nothing that the exercise asks for: `tests/mutations_equivalent.py` names
these, each with the reason. A value that was right in an earlier check must have less than one chance in 10,000 to
have a property: `tests/mutations_luck.py` says how that is measured.
"""

import argparse
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from tests.mutate import Recorder, blind_functions, changed_functions, formed_functions
from tests.mutations_equivalent import EQUIVALENT
from tests.mutations_luck import RARE, lucks
from tlkit.checks import all_exercises, check, predict
from tlkit.checks.cards import Result
from tlkit.checks.exercise import find_exercise
from tlkit.checks.record import record_in_memory
from tlkit.checks.testing import Args

__all__ = ["Survivor", "survivors"]

_SECONDS = 20  # for one wrong answer: a change may make a loop endless
_AGAIN = 4  # how often an answer that got through is tried again, to tell luck from blindness


@dataclass(frozen=True)
class Survivor:
    """A wrong answer that a check believed.

    Attributes:
        exercise: As `"0.6"`.
        name: What was changed.
        points: That it earned at the first try.
        times: In how many of so many tries it earned as much.
        reason: Why that is right, or an empty text.
    """

    exercise: str
    name: str
    points: float
    times: str
    reason: str


class _OutOfTime(BaseException):
    """Not an `Exception`, so that a check does not take it for an error of the answer."""


def survivors(exercise: str, *, every: int = 1, kinds: tuple[str, ...] = ("blind", "changed")) -> list[Survivor]:
    """Return the wrong answers to an exercise that its check believes.

    Args:
        exercise: As `"0.6"`.
        every: Try each so many-th change only.
        kinds: `"blind"` answers must earn nothing, `"changed"` ones less than full marks.
    """
    table = _table(exercise)
    found = []
    with record_in_memory(), contextlib.suppress(KeyError):
        if "prediction" in table:
            predict(exercise, table["prediction"])
        for name, answer, is_blind in _wrong_answers(exercise, table["right"], every, kinds):
            found += _survived(exercise, name, answer, is_blind=is_blind)
    return found


def _table(exercise: str) -> dict:
    lesson = f"{int(exercise.split('.')[0]):02d}"
    file = next((Path(__file__).parent / "answers").glob(f"lesson_{lesson}_*.py"))
    return importlib.import_module(f"tests.answers.{file.stem}").ANSWERS[exercise]


def _wrong_answers(exercise: str, right: list, every: int, kinds: tuple) -> Iterator[tuple[str, Args, bool]]:
    all_args = _all_args(right)
    if "blind" in kinds:
        recorder = Recorder(all_args[0].args[0])
        _graded(exercise, _with(all_args[0], recorder))
        for name, function in blind_functions(recorder.values):
            yield name, _with(all_args[0], function), True
    if "changed" in kinds:
        for name, function in formed_functions(all_args[0].args[0]):
            yield name, _with(all_args[0], function), False
        functions = {answer.args[0]: answer for answer in all_args}
        changed = ((found, answer) for function, answer in functions.items() for found in changed_functions(function))
        for number, ((name, function), answer) in enumerate(changed):
            if number % every == 0:
                yield name, _with(answer, function), False


def _all_args(right: list) -> list[Args]:
    return [answer if isinstance(answer, Args) else Args(answer) for answer in right]


def _with(answer: Args, function: Callable) -> Args:
    return Args(function, *answer.args[1:], **answer.kwargs)


def _survived(exercise: str, name: str, answer: Args, *, is_blind: bool) -> list[Survivor]:
    tries = [_undeserved(_graded(exercise, answer), is_blind=is_blind)]
    if not tries[0]:
        return []
    tries += [_undeserved(_graded(exercise, answer), is_blind=is_blind) for _ in range(_AGAIN)]
    reason = EQUIVALENT.get(exercise, {}).get(name, "")
    return [Survivor(exercise, name, tries[0], f"{sum(map(bool, tries))} of {len(tries)}", reason)]


def _undeserved(result: Result | None, *, is_blind: bool) -> float:
    if result is None or not (is_blind or result.state == "right"):
        return 0.0
    return float(result)


def _graded(exercise: str, answer: Args) -> Result | None:
    def ring(*_: Any) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(_SECONDS)
    try:
        return check(exercise, *answer.args, **answer.kwargs)
    except _OutOfTime:
        return None
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main(arguments: list[str]) -> int:
    """Print the survivors of these exercises, or of all, or the luck; return 1 if one is not explained or too lucky."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__.splitlines()[0])
    parser.add_argument("exercises", nargs="*", help="such as 0.6; all without")
    parser.add_argument("--luck", type=int, metavar="TRIES", help="measure luck, with so many tries for each question")
    options = parser.parse_args(arguments)
    tf.get_logger().setLevel("ERROR")
    exercises = options.exercises or [exercise.id for exercise in all_exercises()]
    faults = [_print_luck(each, options.luck) if options.luck else _print_survivors(each) for each in exercises]
    return int(any(faults))


def _print_survivors(exercise: str) -> bool:
    found = survivors(exercise)
    print(f"{exercise}: {len(found)} survived", flush=True)
    for one in found:
        print(f"   {one.points:g} points, {one.times}: {one.name}   {one.reason or '<- not explained'}", flush=True)
    return not all(one.reason for one in found)


def _print_luck(exercise: str, tries: int) -> bool:
    known = find_exercise(exercise)
    found = lucks(known, _all_args(_table(exercise)["right"])[0], tries)
    too_lucky = [one.has_passed and one.chance > RARE for one in found]
    print(f"{exercise}{', all or nothing' * known.all_or_nothing}:", flush=True)
    for one, fault in zip(found, too_lucky, strict=True):
        told = f"{one.chance:.1g}" if one.has_passed else f"below {one.chance:.1g}"
        print(f"   {told} in {one.questions} questions: {one.name}{'   <- too lucky' * fault}", flush=True)
    return all(too_lucky) if known.all_or_nothing else any(too_lucky)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main(sys.argv[1:]))
