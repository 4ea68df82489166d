"""The outcome of grading: one frozen record a submission, one JSON file each, written in one step."""

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["ExerciseResult", "SubmissionResult", "read_results", "result_path", "write_result"]

EXERCISE_STATUSES = ("right", "partial", "wrong", "not attempted", "error", "timeout", "manual")
SUBMISSION_STATUSES = ("graded", "refused", "crashed", "timeout")


@dataclass(frozen=True)
class ExerciseResult:
    """What one exercise earned.

    Attributes:
        id: As `"1.3"`.
        title: A few words.
        points: Earned, in [0, max_points].
        max_points: Points for an answer with all properties.
        status: One of `EXERCISE_STATUSES`; `manual` means that a person grades it.
        messages: What failed, in words, one for each entry of `failed`; or why nothing could be tried.
            They may hold text that the learner chose: escape them before they go into a page.
        failed: Names of the property functions that the answer lacks.
    """

    id: str
    title: str
    points: float
    max_points: float
    status: str
    messages: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a status that no reader would know."""
        _require_one_of("status", self.status, EXERCISE_STATUSES)


@dataclass(frozen=True)
class SubmissionResult:
    """What one submission earned.

    Attributes:
        learner: Id of the learner, safe as a file name.
        lesson: Name of the lesson, as `"01_feature_extraction"`; an unknown one is kept as it was found, made safe.
        file: Name of the notebook's file, without its folder.
        sha256: Of the file's bytes; empty if they could not be read.
        status: One of `SUBMISSION_STATUSES`. Only a graded one has exercises that were tried.
        reason: Why it was not graded, in a sentence; empty if it was.
        points: Sum over the exercises.
        max_points: The same for a perfect submission.
        exercises: In the lesson's order.
        cpu_seconds: Spent on this submission, inside and outside of the sandbox.
        seconds: The same by the clock on the wall.
        version: Of tlkit.
    """

    learner: str
    lesson: str
    file: str
    sha256: str
    status: str
    reason: str = ""
    points: float = 0.0
    max_points: float = 0.0
    exercises: tuple[ExerciseResult, ...] = field(default=())
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    version: str = ""

    def __post_init__(self) -> None:
        """Refuse a status that no reader would know."""
        _require_one_of("status", self.status, SUBMISSION_STATUSES)

    def to_json(self) -> str:
        r"""Return the record as JSON text in ASCII, so that no character of a learner can break its file.

        Example:

        >>> result = SubmissionResult("ana", "01_demo", "a.ipynb", "", "refused", "It is a symbolic link.")
        >>> SubmissionResult.from_json(result.to_json()) == result
        True
        """
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "SubmissionResult":
        """Return the record of a JSON text.

        Raises:
            ValueError: If the text is no such record.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            exercises = tuple(_exercise(entry) for entry in found.pop("exercises"))
            return cls(**found, exercises=exercises)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            msg = f"This is no result of `tlkit grade`: {error!r}. Grade the submission again."
            raise ValueError(msg) from error


def result_path(folder: Path, learner: str, lesson: str) -> Path:
    """Return where the result of a learner's lesson belongs below the output folder.

    Raises:
        ValueError: If a name is not safe as part of a file name.
    """
    for name, value in (("learner", learner), ("lesson", lesson)):
        if not re.fullmatch(r"\w[\w.@+-]*", value) or "--" in value:
            msg = f"`{name}` must be made of letters, digits and . _ @ + - (no `--`). Received: {value!r}."
            raise ValueError(msg)
    return folder / "results" / f"{learner}--{lesson}.json"


def write_result(folder: Path, result: SubmissionResult) -> Path:
    """Write `results/<learner>--<lesson>.json` below `folder`, whole or not at all; return its path."""
    path = result_path(folder, result.learner, result.lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(result.to_json())
        os.chmod(temporary, 0o644)  # mkstemp makes it private
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def read_results(folder: Path) -> list[SubmissionResult]:
    """Return all results below `folder`, by learner and lesson.

    Raises:
        ValueError: If a file holds no result; the message names it.
    """
    return [_read(path) for path in sorted((folder / "results").glob("*.json"))]


def _read(path: Path) -> SubmissionResult:
    try:
        return SubmissionResult.from_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{path}: {error}"
        raise ValueError(msg) from error


def _exercise(entry: dict) -> ExerciseResult:
    return ExerciseResult(**entry | {name: tuple(entry[name]) for name in ("messages", "failed")})


def _require_one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        msg = f"`{name}` must be one of {', '.join(allowed)}. Received: {value!r}."
        raise ValueError(msg)
