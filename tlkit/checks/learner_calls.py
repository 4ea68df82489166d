"""The four functions that a learner calls: `check`, `hint`, `predict`, `progress`."""

import json
from collections.abc import Callable
from typing import Any

from tlkit.checks.cards import Card, Result
from tlkit.checks.exercise import CheckFailed, Exercise, all_exercises, find_exercise
from tlkit.checks.grading import NotAttempted, explain, grade, is_empty, is_stub
from tlkit.checks.prediction import lock_prediction
from tlkit.checks.record import Standing, read_record, standing_of, update_record

__all__ = ["check", "hint", "predict", "progress"]


def check(exercise_id: str, *answers: Any, **options: Any) -> Result:
    """Grade an exercise in the notebook, and record the points.

    Args:
        exercise_id: Such as `"1.3"`.
        *answers: What the exercise asks for: functions, arrays, numbers.
        **options: Answers that have a name.

    Returns:
        The points, a float that a notebook shows as a card. An error in the learner's code becomes a message on the
        card.

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
    """Show the next of an exercise's three hints; after the third, show all of them.

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
    """Lock a prediction before the experiment is run. The first answer counts and stays.

    Args:
        exercise_id: Such as `"1.1"`.
        answer: A string, number, list or dictionary, or a function without arguments that returns one.

    Raises:
        ValueError: If there is no such exercise, or it does not ask for a prediction.
    """
    exercise = find_exercise(exercise_id)
    if exercise.prediction is None:
        with_one = ", ".join(other.id for other in all_exercises() if other.prediction) or "none"
        msg = f"Exercise {exercise_id} does not ask for a prediction. Exercises that do: {with_one}."
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


def progress(lesson: int | None = None) -> Card:
    """Return a table of one lesson's exercises, or of all: points, attempts, hints used, predictions.

    Args:
        lesson: Number of the lesson; all lessons by default.
    """
    record = read_record()
    rows, earned, total = [("Exercise", "", "Points", "Attempts", "Hints", "Prediction")], 0.0, 0.0
    for exercise in (each for each in all_exercises() if lesson in (None, each.lesson)):
        standing = standing_of(record, exercise.id)
        rows.append(_progress_row(exercise, standing))
        earned, total = earned + standing.points, total + exercise.points
    return Card(f"{earned:g} of {total:g} points", tuple(record["notes"]), "note", tuple(rows))


def _progress_row(exercise: Exercise, standing: Standing) -> tuple[str, ...]:
    points = f"{standing.points:g}" if standing.attempts else "–"
    prediction = "–" if standing.prediction is None else _text(standing.prediction)
    return (
        exercise.id,
        exercise.title,
        f"{points} of {exercise.points:g}",
        str(standing.attempts),
        str(standing.hints),
        prediction if exercise.prediction else "",
    )


def _entry(exercise_id: str) -> dict:
    return read_record()["exercises"].get(exercise_id, {})


def _score_change(exercise: Exercise, result: Result) -> Callable[[dict], None]:
    """Keep the best points: running a cell again later must not take them away."""

    def change(entry: dict) -> None:
        attempted = result.state != "not attempted"
        entry["attempts"] = entry.get("attempts", 0) + attempted
        entry["points"] = max(entry.get("points", 0.0), float(result))
        entry["of"] = exercise.points

    return change


def _plain_answer(answer: Any) -> Any:
    """Return the answer as JSON would give it back, so that it compares equal to a stored one."""
    if callable(answer) and not is_empty(answer):
        answer = _call(answer)
    if is_empty(answer):
        raise NotAttempted
    try:
        return json.loads(json.dumps(answer, default=_from_array))
    except (AttributeError, TypeError, ValueError):
        what = "a string, a number, or a list or dictionary of these"
        msg = f"A prediction must be {what}. Received: {type(answer).__name__}."
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
    """Convert NumPy's arrays and numbers, which have `tolist`."""
    return value.tolist()


def _lock_in(exercise_id: str, answer: Any) -> Card:
    kept, trouble = lock_prediction(exercise_id, answer)
    if trouble:
        return Card(f"Prediction for {exercise_id}: not locked", (trouble,), "wrong")
    title = f"Prediction for {exercise_id} is locked: {_text(kept)}"
    if kept == answer:
        return Card(title, ("Now run the experiment. Points are for explaining what you find, not for guessing it.",))
    return Card(title, (f"Your first answer stays; {_text(answer)} wasn't stored. A wrong guess costs nothing.",))


def _text(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)
