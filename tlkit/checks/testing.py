"""Test a checker with planted answers, each with a fresh record of progress.

A lesson's table is in `tests/answers/lesson_NN_topic.py`, under the single name `ANSWERS`:

    ANSWERS = {
        "1.3": {
            "right": [extract_once, extract_with_predict],            # at least two, truly different
            "wrong": [                                                # at least three, one per misconception
                (extract_with_head, "features of the head"),          # (answer, pattern that the message matches)
                (extract_twice, "one pass"),
                (Args(extract_once, batch_size=1), "batch"),          # several arguments: Args
            ],
            "refused": [extract_rounded],                             # more wrong ones, of a misconception named above
            "prediction": "photos",                                   # if the check reads a locked prediction
        },
    }
"""

import contextlib
import itertools
import os
import re
import tempfile
from collections.abc import Generator
from typing import Any

from tlkit.checks.cards import Result
from tlkit.checks.learner_calls import check, predict

__all__ = ["Args", "assert_right", "assert_wrong", "fresh_home", "table_faults"]

_LEAST_RIGHT, _LEAST_WRONG = 2, 3
_TRIES = 6  # for what the words of a message may owe to the luck of a draw
_NO_PREDICTION = object()


class Args:
    """Several answers to one check: `Args(table, seeds=5)` stands for `check(id, table, seeds=5)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs


@contextlib.contextmanager
def fresh_home() -> Generator[None]:
    """Keep the record of progress in an empty folder while the block runs."""
    before = os.environ.get("TLKIT_HOME")
    with tempfile.TemporaryDirectory(prefix="tlkit-home-") as folder:
        os.environ["TLKIT_HOME"] = folder
        try:
            yield
        finally:
            os.environ.pop("TLKIT_HOME")
            if before is not None:
                os.environ["TLKIT_HOME"] = before


def assert_right(exercise_id: str, answer: Any, *, prediction: Any = _NO_PREDICTION) -> Result:
    """Assert that an answer (a single one, or `Args`) earns all points."""
    result = _graded(exercise_id, answer, prediction)
    assert result.state == "right", f"this answer is right, but the check says:\n{result}"
    return result


def assert_wrong(exercise_id: str, answer: Any, match: str, *, prediction: Any = _NO_PREDICTION) -> Result:
    """Assert that an answer earns less than all points, and that the card's text matches the pattern `match`.

    The message may depend on what a check drew, so that it has several tries; the points have one.
    """
    result = None
    for _ in range(_TRIES):
        result = _graded(exercise_id, answer, prediction)
        assert result.state in ("wrong", "partly"), f"this answer is wrong, but the check says:\n{result}"
        if any(re.search(match, message) for message in failed_messages(result)):
            return result
    message = f"no message matches {match!r}:\n{result}"
    raise AssertionError(message)


def _assert_refused(exercise_id: str, answer: Any, *, prediction: Any = _NO_PREDICTION) -> Result:
    return assert_wrong(exercise_id, answer, "", prediction=prediction)


def failed_messages(result: Result) -> list[str]:
    """Return the messages of the properties that the answer lacks."""
    return [outcome.message for outcome in result.outcomes if not outcome.passed]


def table_faults(exercise_id: str, answers: dict) -> list[str]:
    """Grade the planted answers of one exercise; return, in words, what is wrong with its checker or its table."""
    right, wrong = answers.get("right", []), answers.get("wrong", [])
    prediction = answers.get("prediction", _NO_PREDICTION)
    found = []
    if len(right) < _LEAST_RIGHT or len(wrong) < _LEAST_WRONG:
        found.append(f"needs {_LEAST_RIGHT} right and {_LEAST_WRONG} wrong answers, has {len(right)} and {len(wrong)}")
    if len({match for _, match in wrong}) < len(wrong):
        found.append("two wrong answers share a pattern: each misconception needs its own message")
    found += _faults_of(assert_right, [(exercise_id, answer) for answer in right], prediction)
    found += _faults_of(assert_wrong, [(exercise_id, answer, match) for answer, match in wrong], prediction)
    found += _faults_of(_assert_refused, [(exercise_id, answer) for answer in answers.get("refused", [])], prediction)
    return [f"exercise {exercise_id}: {fault}" for fault in found]


def _faults_of(assertion: Any, calls: list[tuple], prediction: Any) -> list[str]:
    found, messages = [], {}
    for index, call in enumerate(calls, 1):
        try:
            messages[index] = failed_messages(assertion(*call, prediction=prediction))
        except AssertionError as error:
            found.append(f"{assertion.__name__} number {index}: {error}")
    if assertion is assert_wrong:
        alike = [pair for pair in itertools.combinations(messages, 2) if messages[pair[0]] == messages[pair[1]]]
        found += [_told_alike(pair) for pair in alike if not _told_apart([calls[i - 1] for i in pair], prediction)]
    return found


def _told_alike(pair: tuple[int, int]) -> str:
    return f"two wrong answers get the same messages: numbers {pair[0]} and {pair[1]}"


def _told_apart(calls: list[tuple], prediction: Any) -> bool:
    """Whether two answers get different messages in one of some tries."""
    for _ in range(_TRIES):
        one, other = (failed_messages(_graded(call[0], call[1], prediction)) for call in calls)
        if one != other:
            return True
    return False


def _graded(exercise_id: str, answer: Any, prediction: Any) -> Result:
    given = answer if isinstance(answer, Args) else Args(answer)
    with fresh_home():
        if prediction is not _NO_PREDICTION:
            predict(exercise_id, prediction)
        return check(exercise_id, *given.args, **given.kwargs)
