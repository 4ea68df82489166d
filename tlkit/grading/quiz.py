"""Attempts at the quiz in notebooks that others handed in: read as data, never run. They earn no points."""

import json
from collections.abc import Iterable
from pathlib import Path

from tlkit.grading.reading import NotReadable, read_bytes
from tlkit.grading.whose import Found
from tlkit.quiz.attempt import MIME, Attempts

__all__ = ["QUIZ", "attempts_in", "read_quizzes"]

QUIZ = "98_quiz"


def read_quizzes(found: Iterable[Found]) -> tuple[dict[str, Attempts], list[tuple[Path, str]]]:
    """Return the attempts by learner, and the files that hold none, each with the reason in a sentence."""
    quizzes, left_out = {}, []
    for one in found:
        try:
            if one.conflict:
                raise NotReadable(one.conflict)
            quizzes[one.learner] = attempts_in(read_bytes(one.path))
        except NotReadable as error:
            left_out.append((one.path, str(error)))
    return quizzes, left_out


def attempts_in(data: bytes) -> Attempts:
    """Return the attempts in the outputs of a notebook; of several, those with the most answers, the last of these.

    Raises:
        NotReadable: If the bytes are no notebook, or no output of it holds attempts that could be real ones.
    """
    try:
        outputs = [output for cell in json.loads(data)["cells"] for output in cell.get("outputs", [])]
        values = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
        msg = f"It is not a Jupyter notebook of format 4 ({type(error).__name__})."
        raise NotReadable(msg) from None
    attempts = [read for value in values if (read := Attempts.read(value)) and read.answers]
    if not attempts:
        msg = "It holds no attempt at the quiz: its outputs may have been cleared. Run its last cell, save and hand in."
        raise NotReadable(msg)
    return max(reversed(attempts), key=lambda one: len(one.answers))
