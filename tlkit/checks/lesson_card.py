"""The card that ends a lesson: what was predicted, what was measured, and what is believed now."""

from collections.abc import Callable, Mapping
from typing import Any

from tlkit.checks.cards import Card
from tlkit.checks.exercise import CheckFailed, Exercise, all_exercises
from tlkit.checks.grading import explain, is_empty, is_stub
from tlkit.checks.prediction import locked_prediction
from tlkit.checks.record import read_record, update_record

__all__ = ["lesson_card"]

_HEADER = ("Question", "Predicted", "Measured", "Believed now")


def lesson_card(
    lesson: int,
    *,
    measured: Mapping[str, str] | None = None,
    believed: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
) -> Card:
    """Show and save what a learner predicted, measured and now believes in one lesson.

    The arguments are saved with the learner's progress, so `lesson_card(2)` shows the same card in any notebook.

    Args:
        lesson: The lesson's number.
        measured: `{exercise: text}` for exercises with a prediction, such as `{"2.1": "4 of 6 as predicted"}`.
        believed: A dictionary of the same kind in the learner's words, or a function without arguments that returns
            one. A function that is not written yet leaves the column empty.

    Returns:
        A card with one row for each prediction of the lesson. Its text can be copied into notes.

    Raises:
        ValueError: If the lesson has no predictions, or a key is not one of them.
    """
    rows = [exercise for exercise in all_exercises() if exercise.lesson == lesson and exercise.prediction]
    if not rows:
        with_some = sorted({exercise.lesson for exercise in all_exercises() if exercise.prediction})
        msg = f"`lesson` must be the number of a lesson with predictions: {with_some}. Received: {lesson!r}."
        raise ValueError(msg)
    _check_keys("measured", measured or {}, rows)
    beliefs, trouble = _beliefs(believed)
    _check_keys("believed", beliefs, rows)
    trouble += [_keep(exercise.id, (measured or {}).get(exercise.id), beliefs.get(exercise.id)) for exercise in rows]
    table = tuple(_row(exercise) for exercise in rows)
    missing = sum(row[3] == "–" for row in table)
    notes = (f"{missing} of {len(rows)} entries in the last column are not written yet.",) if missing else ()
    title = f"Lesson {lesson}: predicted, measured, believed"
    state = "right" if not missing else "not attempted"
    return Card(title, (*notes, *filter(None, trouble)), state, (_HEADER, *table))


def _check_keys(argument: str, texts: Mapping, rows: list[Exercise]) -> None:
    allowed = [exercise.id for exercise in rows]
    if not isinstance(texts, Mapping) or (unknown := [key for key in texts if key not in allowed]):
        received = texts if not isinstance(texts, Mapping) else unknown
        msg = f"`{argument}` must be a dictionary whose keys are among {allowed}. Received: {received!r}."
        raise ValueError(msg)


def _beliefs(believed: Any) -> tuple[dict[str, str], list[str]]:
    """What the learner wrote, and what was wrong with it; a mistake here must not stop the notebook."""
    if believed is None or is_empty(believed):
        return {}, []
    try:
        answer = believed() if callable(believed) else believed
        return {str(key): str(text) for key, text in answer.items() if str(text).strip()}, []
    except NotImplementedError as error:
        return {}, [] if is_stub(error) else [explain(error)]
    except Exception as error:
        return {}, [f"`believed` must be a dictionary of texts. {explain(error)}"]


def _keep(exercise_id: str, measured: str | None, believed: str | None) -> str:
    new = {key: str(text) for key, text in (("measured", measured), ("believed", believed)) if text}
    return update_record(exercise_id, lambda entry: entry.update(new)) if new else ""


def _row(exercise: Exercise) -> tuple[str, str, str, str]:
    entry = read_record()["exercises"].get(exercise.id, {})
    try:
        predicted = _plain(locked_prediction(exercise.id))
    except CheckFailed:
        predicted = "–"
    return f"{exercise.id} {exercise.title}", predicted, entry.get("measured", "–"), entry.get("believed", "–")


def _plain(answer: Any) -> str:
    if isinstance(answer, dict):
        return "; ".join(f"{key}: {_plain(value)}" for key, value in answer.items())
    return ", ".join(map(_plain, answer)) if isinstance(answer, list) else str(answer)
