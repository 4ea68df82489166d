"""The outcome of grading: a frozen record for each submission, in a JSON file that is written in one step."""

import json
import re
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tlkit import __version__
from tlkit.files import write_whole
from tlkit.grading.find import Submission
from tlkit.grading.learner_names import is_safe

__all__ = [
    "ExerciseResult",
    "SubmissionResult",
    "already_graded",
    "batch_secret",
    "read_results",
    "result_path",
    "with_exercise",
    "write_result",
]

EXERCISE_STATUSES = ("right", "partial", "wrong", "not attempted", "error", "timeout", "manual")
SUBMISSION_STATUSES = ("graded", "refused", "crashed", "timeout")
_LONGEST_MESSAGE, _MOST_MESSAGES = 1000, 100  # bytes; messages of one exercise
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{4,16}\b")


@dataclass(frozen=True)
class ExerciseResult:
    """What one exercise earned.

    Attributes:
        id: Such as `"1.3"`.
        title: A few words.
        points: Earned, in [0, max_points].
        max_points: Points for an answer with all properties.
        status: One of `EXERCISE_STATUSES`; `manual` means that a person grades it.
        messages: What failed, in words, one for each entry of `failed`; or why nothing could be tried.
            They may hold text that the learner chose: escape them before they go into a page.
        failed: Names of the property functions that the answer lacks.
        comment: What a person wrote about it.
    """

    id: str
    title: str
    points: float
    max_points: float
    status: str
    messages: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    comment: str = ""

    def __post_init__(self) -> None:
        """Refuse a status that no reader would know; cut messages that are too long."""
        _require_one_of("status", self.status, EXERCISE_STATUSES)
        object.__setattr__(self, "messages", tuple(map(_printable, self.messages[:_MOST_MESSAGES])))


@dataclass(frozen=True)
class SubmissionResult:
    """What one submission earned.

    Attributes:
        learner: Id of the learner, safe as a file name.
        lesson: Name of the lesson, such as `"01_feature_extraction"`; an unknown one is kept as found, made safe.
        file: Name of the notebook's file, without its folder.
        sha256: Of the file's bytes; empty if they could not be read.
        status: One of `SUBMISSION_STATUSES`. Only a graded one has exercises that were tried.
        reason: Why it was not graded, in a sentence; empty if it was.
        points: Sum over the exercises.
        max_points: The same for a perfect submission.
        exercises: In the lesson's order.
        cpu_seconds: Spent on this submission, inside and outside of the sandbox.
        seconds: The same by the clock on the wall.
        version: Version of tlkit.
        days_late: Days begun after the deadline; 0 where none is given.
        free_days: How many of these cost nothing.
        late_share: Share of the points lost by being late, from 0 to 1. `points` are without it.
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
    days_late: int = 0
    free_days: int = 0
    late_share: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a status that no reader would know; cut a reason that is too long."""
        _require_one_of("status", self.status, SUBMISSION_STATUSES)
        object.__setattr__(self, "reason", _printable(self.reason))

    @property
    def counted(self) -> float:
        """Points that count, after what was lost by being late."""
        return round(self.points * (1 - self.late_share), 2)

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
        """Return the record that a JSON text holds.

        Raises:
            ValueError: If the text is not such a record.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            exercises = tuple(_exercise(entry) for entry in found.pop("exercises"))
            return cls(**found, exercises=exercises)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            msg = f"This is not a result of `tlkit grade`: {error!r}. Grade the submission again."
            raise ValueError(msg) from error


def result_path(folder: Path, learner: str, lesson: str) -> Path:
    """Return where the result of a learner's lesson belongs below the output folder.

    Raises:
        ValueError: If a name is not safe as part of a file name.
    """
    for name, value in (("learner", learner), ("lesson", lesson)):
        if not is_safe(value):
            msg = f"`{name}` must be made of letters, digits and . _ @ + - (no `--`). Received: {value!r}."
            raise ValueError(msg)
    return folder / "results" / f"{learner}--{lesson}.json"


def write_result(folder: Path, result: SubmissionResult) -> Path:
    """Write `results/<learner>--<lesson>.json` below `folder`, whole or not at all; return its path."""
    path = result_path(folder, result.learner, result.lesson)
    write_whole(path, result.to_json())
    return path


def with_exercise(old: SubmissionResult, new: SubmissionResult, exercise: str) -> SubmissionResult:
    """Return the old result with one exercise of the new one, or the whole new one if they are not of the same file.

    Raises:
        ValueError: If the lesson has no such exercise.
    """
    known = {one.id: one for one in new.exercises}
    if (old.status, old.sha256) != (new.status, new.sha256) or new.status != "graded":
        return new
    if exercise not in known:
        msg = f"`exercise` must be one of {', '.join(known)}. Received: {exercise!r}."
        raise ValueError(msg)
    exercises = tuple(known[exercise] if one.id == exercise else one for one in old.exercises)
    return replace(new, exercises=exercises, points=round(sum(one.points for one in exercises), 2))


def read_results(folder: Path) -> list[SubmissionResult]:
    """Return all results below `folder`, by learner and lesson.

    Raises:
        ValueError: If a file holds no result; the message names it.
    """
    return [_read(path) for path in sorted((folder / "results").glob("*.json"))]


def batch_secret(folder: Path) -> bytes:
    """Return the secret of the batch whose results go to `folder`; made the first time, and kept from then on."""
    path = folder / "secret"
    if not path.exists():
        write_whole(path, secrets.token_hex(32), private=True)
    return bytes.fromhex(path.read_text(encoding="ascii"))


def already_graded(folder: Path, submission: Submission) -> bool:
    """Whether `folder` holds the result of this very submission, by this version of the kit."""
    try:
        text = result_path(folder, submission.learner, submission.lesson).read_text(encoding="ascii")
        result = SubmissionResult.from_json(text)
    except (OSError, ValueError):
        return False
    return (result.sha256, result.version, result.file) == (submission.sha256, __version__, submission.file)


def _read(path: Path) -> SubmissionResult:
    try:
        return SubmissionResult.from_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{path}: {error}"
        raise ValueError(msg) from error


def _exercise(entry: dict) -> ExerciseResult:
    return ExerciseResult(**entry | {name: tuple(entry[name]) for name in ("messages", "failed")})


def _printable(text: str) -> str:
    """Return a text that every file can hold: without lone surrogates, and at most 1 kB long.

    Where an object lies in memory is left out: graded again, a submission has the same text.
    """
    text = _ADDRESS.sub("", text)
    data = text[:_LONGEST_MESSAGE].encode("utf-8", "replace")
    if len(text) <= _LONGEST_MESSAGE >= len(data):
        return data.decode()
    return data[: _LONGEST_MESSAGE - len(" …".encode())].decode(errors="ignore") + " …"


def _require_one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        msg = f"`{name}` must be one of {', '.join(allowed)}. Received: {value!r}."
        raise ValueError(msg)
