"""The command `tlkit grade` from its options to its last line."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from tlkit.grading import grade
from tlkit.grading.deadlines import read_deadlines
from tlkit.grading.find import Collected, Submission, collect
from tlkit.grading.judging.batch import GradingFailed
from tlkit.grading.keep import SubmissionResult, already_graded
from tlkit.grading.lesson_plan import lesson_names
from tlkit.grading.publish import Wanted, publish
from tlkit.grading.roster import Roster, read_roster

__all__ = ["changes", "run"]

_STOPPED = 130  # what a shell reports of a program that Ctrl-C ended


def run(options: argparse.Namespace) -> int:
    """Run `tlkit grade`; return 0 if all that was graded now could be, 1 if not, 2 if nothing could be graded here.

    Raises:
        ValueError: If an option does not fit what is there.
    """
    roster = read_roster(options.roster) if options.roster else Roster()
    policy = {"percent_a_day": options.late_penalty, "free_days": options.late_days}
    deadlines = read_deadlines(options.deadlines, lesson_names(), roster, **policy)
    collected = collect(options.files, roster=roster)
    print(*_remarks(collected), sep="\n", end="\n" if _remarks(collected) else "")
    formats = [name for name in options.format if name != "none"]
    formats += [name for name in ("canvas", "moodle") if getattr(options, name)]
    wanted = Wanted(tuple(dict.fromkeys(formats)), options.gradebook, deadlines, options.anonymous, options.feedback)
    try:
        done = _regraded(options, collected) if options.regrade else _graded(options, collected)
    except GradingFailed as failure:
        print(f"tlkit: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_stopped(options, collected.submissions), file=sys.stderr)
        return _STOPPED
    print(f"{len(done)} submissions graded; results: {options.out / 'results'}")
    print(*publish(options.out, collected, wanted), sep="\n")
    return 0 if all(result.status == "graded" for result in done) else 1


def _how(options: argparse.Namespace) -> dict:
    batch = {"mode": "open" if options.trust else "cold" if options.cold else "preload"}
    batch |= {"exercise_seconds": options.timeout, "submission_seconds": 4 * options.timeout}
    batch |= {"jobs": options.jobs} if options.jobs else {}
    return {"scheduler": options.scheduler, "batch_options": batch}


def _graded(options: argparse.Namespace, collected: Collected) -> list[SubmissionResult]:
    if collected.quizzes and not collected.submissions:
        return []
    return grade.grade_submissions(list(collected.submissions), options.out, resume=options.resume, **_how(options))


def _regraded(options: argparse.Namespace, collected: Collected) -> list[SubmissionResult]:
    learner, exercise = (*options.regrade, "")[:2]
    chosen = [one for one in collected.submissions if one.learner in (learner, collected.roster.find(learner))]
    number = exercise.split(".")[0].zfill(2)
    chosen = [one for one in chosen if not exercise or one.lesson.startswith(f"{number}_")]
    if not chosen or len(options.regrade) > 2:
        msg = (
            "`--regrade` takes a learner whose notebook is among the files, and perhaps an exercise, such as: ana 1.3."
        )
        msg = f"{msg} Received: {' '.join(options.regrade)}."
        raise ValueError(msg)
    done = []
    for old, new in grade.regrade(chosen, options.out, exercise=exercise, **_how(options)):
        print(*(f"{new.learner}, {new.lesson}: {line}" for line in changes(old, new)), sep="\n")
        done.append(new)
    return done


def changes(old: SubmissionResult | None, new: SubmissionResult) -> list[str]:
    """Return in words what a second grading changed."""
    if old is None:
        return [f"graded for the first time, {new.points:g} of {new.max_points:g} points."]
    if old.status != new.status:
        return [f"{old.status}, now {new.status}. {new.reason}".strip()]
    before = {one.id: one for one in old.exercises}
    found = [
        f"{one.id}: {was.points:g} ({was.status}), now {one.points:g} ({one.status}). {' '.join(one.messages)}".strip()
        for one in new.exercises
        if (was := before.get(one.id)) and (was.points, was.status) != (one.points, one.status)
    ]
    return found or ["nothing changed."]


def _remarks(collected: Collected) -> list[str]:
    left_out = [f"Left out: {path}: {why}" for path, why in collected.left_out]
    return [_printable(line) for line in (*left_out, *_roster_remarks(collected))]


def _roster_remarks(collected: Collected) -> Iterator[str]:
    roster = collected.roster
    if not roster.people:
        return
    for lesson in sorted({one.lesson for one in collected.submissions}):
        missing = roster.missing(one.learner for one in collected.submissions if one.lesson == lesson)
        if missing:
            yield f"Roster: nothing from {', '.join(one.login for one in missing)} for {lesson}."
    if unknown := roster.unknown(one.learner for one in collected.submissions):
        yield f"Not in the roster: {', '.join(unknown)}."


def _stopped(options: argparse.Namespace, submissions: Sequence[Submission]) -> str:
    kept = sum(already_graded(options.out, one) for one in submissions)
    return (
        f"\ntlkit: stopped. {kept} of {len(submissions)} submissions are graded and kept in {options.out / 'results'}. "
        "Run the same command with --resume to continue; the tables are written at the end."
    )


def _printable(line: str) -> str:
    encoding = sys.stdout.encoding or "utf-8"
    return "".join(char if char.isprintable() else "?" for char in line).encode(encoding, "replace").decode(encoding)
