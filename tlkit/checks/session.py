"""The four functions that a learner calls: `check`, `hint`, `predict`, `progress`."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tlkit.checks.cards import Card, Result
from tlkit.checks.exercise import CheckFailed, Exercise, all_exercises, find_exercise
from tlkit.checks.grading import NotAttempted, explain, grade, is_empty, is_stub
from tlkit.checks.record import read_record, update_record

__all__ = ["check", "hint", "locked_prediction", "predict", "progress"]


def check(exercise_id: str, *answers: Any, **options: Any) -> Result:
    """Grade an exercise where it stands, and record the points.

    Args:
        exercise_id: As `"1.3"`.
        *answers: What the exercise asks for: functions, arrays, numbers.
        **options: Answers that have a name.

    Returns:
        The points, a float that a notebook shows as a card. An error in the learner's code becomes a message on it.

    Raises:
        ValueError: If there is no such exercise.
    """
    exercise = find_exercise(exercise_id)
    try:
        outcomes = grade(exercise, answers, options)
    except NotAttempted:
        outcomes = []
    bare = Result(exercise, outcomes)
    trouble = update_record(exercise_id, _score_change(exercise, bare))
    hints = _entry(exercise_id).get("hints", 0)
    return Result(exercise, outcomes, hints_used=hints, notes=(trouble,) if trouble else ())


def hint(exercise_id: str) -> Card:
    """Show the next of an exercise's three hints; after the third, all of them.

    Raises:
        ValueError: If there is no such exercise.
    """
    exercise = find_exercise(exercise_id)
    before = _entry(exercise_id).get("hints", 0)
    step = min(before + 1, len(exercise.hints))
    trouble = update_record(exercise_id, lambda entry: entry.update(hints=max(step, entry.get("hints", 0))))
    shown = exercise.hints if before >= len(exercise.hints) else exercise.hints[step - 1 : step]
    title = f"Hint {step} of {len(exercise.hints)} for exercise {exercise_id}"
    return Card(title, (*shown, *([trouble] if trouble else [])))


def predict(exercise_id: str, answer: Any) -> Card:
    """Lock a prediction before the experiment is run. The first answer counts, and stays.

    Args:
        exercise_id: As `"1.1"`.
        answer: A text, number, list or dictionary, or a function without arguments that returns one.

    Raises:
        ValueError: If there is no such exercise, or it asks for no prediction.
    """
    exercise = find_exercise(exercise_id)
    if exercise.prediction is None:
        with_one = ", ".join(other.id for other in all_exercises() if other.prediction) or "none"
        msg = f"Exercise {exercise_id} asks for no prediction. Exercises that do: {with_one}."
        raise ValueError(msg)
    try:
        answer = _plain_answer(answer)
        exercise.prediction(answer)
    except NotAttempted:
        return Card(
            f"Prediction for {exercise_id}: not attempted yet", ("Write down what you expect.",), "not attempted"
        )
    except CheckFailed as failed:
        return Card(f"Prediction for {exercise_id}: not locked yet", (str(failed),), "wrong")
    return _lock_in(exercise_id, answer)


def locked_prediction(exercise_id: str) -> Any:
    """Return the learner's locked prediction, for a property that compares it with what was measured.

    Raises:
        CheckFailed: If none is locked, or the stored one was changed by hand.
    """
    stored = _entry(exercise_id).get("prediction")
    if stored is None:
        msg = f'Predict first: run the cell with `predict("{exercise_id}", ...)`, then check again.'
        raise CheckFailed(msg)
    if stored["sha256"] != _seal(exercise_id, stored["answer"], stored["time"]):
        msg = f"The prediction of {exercise_id} in the progress file was changed after it was locked."
        raise CheckFailed(msg)
    return stored["answer"]


def progress(lesson: int | None = None) -> Card:
    """Return the table of a lesson's exercises, or of all: points, attempts, hints used, predictions.

    Args:
        lesson: Number of the lesson; all lessons by default.
    """
    record = read_record()
    rows, earned, total = [("Exercise", "", "Points", "Attempts", "Hints", "Prediction")], 0.0, 0.0
    for exercise in (each for each in all_exercises() if lesson in (None, each.lesson)):
        entry = record["exercises"].get(exercise.id, {})
        rows.append(_progress_row(exercise, entry))
        earned, total = earned + entry.get("points", 0.0), total + exercise.points
    return Card(f"{earned:g} of {total:g} points", tuple(record["notes"]), "note", tuple(rows))


def _progress_row(exercise: Exercise, entry: dict) -> tuple[str, ...]:
    prediction = _text(entry["prediction"]["answer"]) if "prediction" in entry else "–"
    return (
        exercise.id,
        exercise.title,
        f"{entry.get('points', 0):g} of {exercise.points:g}" if entry.get("attempts") else f"– of {exercise.points:g}",
        str(entry.get("attempts", 0)),
        str(entry.get("hints", 0)),
        prediction if exercise.prediction else "",
    )


def _entry(exercise_id: str) -> dict:
    return read_record()["exercises"].get(exercise_id, {})


def _score_change(exercise: Exercise, result: Result) -> Callable[[dict], None]:
    """Keep the best points: a cell that is run again later must not take them away."""

    def change(entry: dict) -> None:
        attempted = result.state != "not attempted"
        entry["attempts"] = entry.get("attempts", 0) + attempted
        entry["points"] = max(entry.get("points", 0.0), float(result))
        entry["of"] = exercise.points

    return change


def _plain_answer(answer: Any) -> Any:
    """Return the answer as JSON would give it back, so that a stored one compares equal to it."""
    if callable(answer) and not is_empty(answer):
        answer = _call(answer)
    if is_empty(answer):
        raise NotAttempted
    try:
        return json.loads(json.dumps(answer, default=_from_array))
    except (AttributeError, TypeError, ValueError):
        msg = f"A prediction is a text, a number, a list or a dictionary of these. Received: {type(answer).__name__}."
        raise CheckFailed(msg) from None


def _call(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except NotImplementedError as error:
        if is_stub(error):
            raise NotAttempted from None
        raise CheckFailed(explain(error)) from None
    except Exception as error:
        raise CheckFailed(explain(error)) from None


def _from_array(value: Any) -> Any:
    """NumPy's arrays and numbers have `tolist`."""
    return value.tolist()


def _lock_in(exercise_id: str, answer: Any) -> Card:
    now = datetime.now().isoformat(timespec="seconds")
    sealed = {"answer": answer, "time": now, "sha256": _seal(exercise_id, answer, now)}
    kept: dict = {}

    def change(entry: dict) -> None:
        kept.update(entry.setdefault("prediction", sealed))

    if trouble := update_record(exercise_id, change):
        return Card(f"Prediction for {exercise_id}: not locked", (trouble,), "wrong")
    title = f"Prediction for {exercise_id} is locked: {_text(kept['answer'])}"
    if kept["answer"] == answer:
        return Card(title, ("Now run the experiment. Points are for explaining what you find, not for guessing it.",))
    return Card(title, (f"Your first answer stays; {_text(answer)} was not stored. A wrong guess costs nothing.",))


def _text(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)


def _seal(exercise_id: str, answer: Any, time: str) -> str:
    text = json.dumps([exercise_id, answer, time], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
