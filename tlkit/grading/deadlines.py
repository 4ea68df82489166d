"""Deadlines: when a lesson is due, for whom it is due later, and what it costs to be late.

A CSV file with the columns `lesson` and `due`, and, where they are needed, `learner` (an extension; without it the line
is for everybody) and `received` (when a file came, where its own time does not say so).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path

from tlkit.choices import did_you_mean
from tlkit.grading.find import Submission
from tlkit.grading.keep import SubmissionResult
from tlkit.grading.learner_names import safe_name
from tlkit.grading.roster import Roster, read_csv

__all__ = ["Deadlines", "read_deadlines"]

_DAY_S = 86400
_HEADS = {
    "lesson": ("lesson", "assignment"),
    "due": ("due", "deadline", "due date"),
    "learner": ("learner", "login", "username", "user"),
    "received": ("received", "handed in", "submitted"),
}
_LAST = time(23, 59, 59)


@dataclass(frozen=True)
class Deadlines:
    """When lessons are due, and what lateness costs.

    Attributes:
        due: Due times by lesson and learner, "" for everybody: seconds since 1970.
        received: Times of receipt, by lesson and learner, in the same form.
        percent_a_day: Percentage of the points lost for each day begun.
        free_days: Days that each learner may be late without loss, over all lessons; the first deadlines use them.
    """

    due: dict[tuple[str, str], float] = field(default_factory=dict, hash=False)
    received: dict[tuple[str, str], float] = field(default_factory=dict, hash=False)
    percent_a_day: float = 0.0
    free_days: int = 0

    def apply(self, results: Sequence[SubmissionResult], submissions: Iterable[Submission]) -> list[SubmissionResult]:
        """Return the results with the number of days that they are late and the share of points that this costs."""
        by_key = {(one.lesson, one.learner): one for one in submissions}
        left: dict[str, int] = defaultdict(lambda: self.free_days)
        found = {}
        for one in sorted(results, key=lambda one: (self._due(one) or math.inf, one.lesson)):
            days = self._days_late(one, by_key.get((one.lesson, one.learner))) if one.status == "graded" else 0
            free = min(days, left[one.learner])
            left[one.learner] -= free
            share = min(1.0, (days - free) * self.percent_a_day / 100)
            found[one.learner, one.lesson] = replace(one, days_late=days, free_days=free, late_share=round(share, 4))
        return [found[one.learner, one.lesson] for one in results]

    def _due(self, result: SubmissionResult) -> float | None:
        return self.due.get((result.lesson, result.learner), self.due.get((result.lesson, "")))

    def _days_late(self, result: SubmissionResult, submission: Submission | None) -> int:
        """Return the days begun. A platform that marks who is late knows better than the time of a downloaded file."""
        due = self._due(result)
        came = self.received.get((result.lesson, result.learner))
        if due is None or submission is None:
            return 0
        if came is None and submission.is_late is not None:
            return int(submission.is_late)
        return max(0, math.ceil(((came or submission.handed_in) - due) / _DAY_S))


def read_deadlines(
    path: Path | None, lessons: Sequence[str], roster: Roster, *, percent_a_day: float = 0.0, free_days: int = 0
) -> Deadlines:
    """Read a file of deadlines; `None` gives none.

    Args:
        path: The path of the CSV file.
        lessons: Names of the lessons; a line may give the number alone.
        roster: Finds the learner of an extension, by whatever name.
        percent_a_day: See `Deadlines`; in [0, 100].
        free_days: See `Deadlines`; 0 or more.

    Raises:
        ValueError: If a line names no lesson or no time, or a number is out of its range.
    """
    if not 0 <= percent_a_day <= 100 or free_days < 0:
        msg = (
            f"The late penalty is in [0, 100] percent, late days are 0 or more. Received: {percent_a_day}, {free_days}."
        )
        raise ValueError(msg)
    due, received = {}, {}
    for row in read_csv(path, _HEADS, needed="lesson") if path else []:
        name = row["learner"]
        key = _lesson(row["lesson"], lessons), (roster.find(name) or safe_name(name)) if name else ""
        for column, times in (("due", due), ("received", received)):
            if row[column]:
                times[key] = _seconds(row[column])
    return Deadlines(due, received, percent_a_day, free_days)


def _lesson(text: str, lessons: Sequence[str]) -> str:
    found = [name for name in lessons if text == name or (text.isdigit() and name.startswith(f"{int(text):02d}_"))]
    if not found:
        msg = f"`lesson` must be a lesson or its number. Received: {text!r}.{did_you_mean(text, lessons)}"
        raise ValueError(msg)
    return found[0]


def _seconds(text: str) -> float:
    """Return a time of the local clock, unless it names another zone; a day without a time means its end."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"A deadline must be a day or a time, such as 2026-11-30 or 2026-11-30 18:00. Received: {text!r}."
        raise ValueError(msg) from error
    is_day = ":" not in text and "T" not in text
    return (datetime.combine(when, _LAST) if is_day else when).astimezone().timestamp()
