"""Predictions: which are valid, and locking the first one in the learner's record, where later changes are noticed."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tlkit.checks.exercise import CheckFailed
from tlkit.checks.record import read_record, update_record
from tlkit.choices import did_you_mean

__all__ = ["lock_prediction", "locked_prediction", "one_of", "percent"]


def one_of(*choices: str) -> Callable[[object], None]:
    """Return a test for `Exercise.prediction`: the answer must be one of `choices`."""

    def test(answer: object) -> None:
        if answer not in choices:
            close = did_you_mean(str(answer), choices)
            msg = f"The prediction must be one of {', '.join(map(repr, choices))}. Received: {answer!r}.{close}"
            raise CheckFailed(msg)

    return test


def percent(answer: object) -> None:
    """Test for `Exercise.prediction`: the answer must be a number from 0 to 100."""
    if isinstance(answer, bool) or not isinstance(answer, (int, float)) or not 0 <= answer <= 100:
        msg = f"The prediction must be a percentage from 0 to 100. Received: {answer!r}."
        raise CheckFailed(msg)


def locked_prediction(exercise_id: str) -> Any:
    """Return the learner's locked prediction; a property gets it through a parameter named `prediction`.

    Raises:
        CheckFailed: If none is locked, or the stored one was changed by hand.
    """
    stored = read_record()["exercises"].get(exercise_id, {}).get("prediction")
    if stored is None:
        msg = f'Predict first: run the cell with `predict("{exercise_id}", ...)`, and then check again.'
        raise CheckFailed(msg)
    if stored["sha256"] != _seal(exercise_id, stored["answer"], stored["time"]):
        msg = f"The prediction for {exercise_id} in the progress file was changed after it was locked."
        raise CheckFailed(msg)
    return stored["answer"]


def lock_prediction(exercise_id: str, answer: Any) -> tuple[Any, str]:
    """Lock a prediction unless one is locked; return the locked one, and why it could not be saved, or ""."""
    now = datetime.now().isoformat(timespec="seconds")
    sealed = {"answer": answer, "time": now, "sha256": _seal(exercise_id, answer, now)}
    kept: dict = {}

    def change(entry: dict) -> None:
        kept.update(entry.setdefault("prediction", sealed))

    trouble = update_record(exercise_id, change)
    return kept.get("answer"), trouble


def _seal(exercise_id: str, answer: Any, time: str) -> str:
    text = json.dumps([exercise_id, answer, time], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
