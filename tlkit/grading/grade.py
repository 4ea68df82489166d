"""`tlkit grade`: grade those submissions that are not graded yet, and say at each step what happened."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.grading.find import Submission
from tlkit.grading.judging.batch import Batch, GradingFailed
from tlkit.grading.keep import (
    SubmissionResult,
    already_graded,
    batch_secret,
    read_results,
    with_exercise,
    write_result,
)
from tlkit.grading.sandbox.advice import how_to_cure, sandbox_advice

if TYPE_CHECKING:
    from tlkit.grading.judging.cluster import ClusterBatch

__all__ = ["grade_submissions", "regrade"]

_BAR = 24


def grade_submissions(
    submissions: Sequence[Submission],
    out: Path,
    *,
    resume: bool = False,
    scheduler: str | None = None,
    batch_options: dict | None = None,
) -> list[SubmissionResult]:
    """Grade submissions; write each result as soon as it is there.

    Args:
        submissions: What `read_submissions` returns.
        out: Output folder; results go to `results/` in it.
        resume: Go on with a batch whose results are in `out`: what is graded there, by this version of the kit and
            with the same content, is left as it is.
        scheduler: Address of a Dask scheduler, to grade on its workers.
        batch_options: Options of `Batch`: `jobs`, `mode`, `exercise_seconds`, `submission_seconds`.

    Returns:
        The results that were made now.

    Raises:
        ValueError: If there is nothing to grade, or `out` holds results and `resume` is false.
        GradingFailed: If the sandbox does not work here.
    """
    if not submissions:
        msg = "No notebook to grade. Name *.ipynb files, or folders that hold them."
        raise ValueError(msg)
    if any((out / "results").glob("*.json")) and not resume:
        msg = f"`{out}` already holds results. Continue with `--resume`, or choose another folder with `--out`."
        raise ValueError(msg)
    waiting = [one for one in submissions if not already_graded(out, one)]
    if len(waiting) < len(submissions):
        print(f"{len(submissions) - len(waiting)} of {len(submissions)} submissions are already graded.", flush=True)
    return list(_written(_grade_each(waiting, out, scheduler, batch_options or {}), out, len(waiting)))


def regrade(
    submissions: Sequence[Submission],
    out: Path,
    *,
    exercise: str = "",
    scheduler: str | None = None,
    batch_options: dict | None = None,
) -> Iterator[tuple[SubmissionResult | None, SubmissionResult]]:
    """Grade submissions again, whatever was graded before, with the same hidden inputs.

    Args:
        submissions: The submissions to grade again.
        out: Output folder; new results take the place of the old ones.
        exercise: The only one whose result is replaced, such as `"1.3"`; all by default.
        scheduler: See `grade_submissions`.
        batch_options: See `grade_submissions`.

    Yields:
        For each submission, the old result, or `None`, and the new one.

    Raises:
        GradingFailed: If the sandbox does not work here.
    """
    before = {(one.learner, one.lesson): one for one in read_results(out)}
    for new in _grade_each(submissions, out, scheduler, batch_options or {}):
        old = before.get((new.learner, new.lesson))
        kept = with_exercise(old, new, exercise) if old and exercise else new
        write_result(out, kept)
        yield old, kept


def _grade_each(
    submissions: Sequence[Submission], out: Path, scheduler: str | None, options: dict
) -> Iterator[SubmissionResult]:
    """Yield results as they come, from this machine's processes or from a cluster.

    Raises:
        GradingFailed: If the sandbox does not work here.
    """
    if not scheduler and options.get("mode") != "open" and (advice := sandbox_advice()):
        raise GradingFailed(advice)
    batch = Batch(batch_secret(out), **options)
    try:
        yield from (_on_cluster(scheduler, batch) if scheduler else batch).grade(submissions)
    except GradingFailed as failure:
        msg = f"{failure} {how_to_cure()}"
        raise GradingFailed(msg) from failure


def _on_cluster(scheduler: str, batch: Batch) -> "ClusterBatch":
    from tlkit.grading.judging.cluster import ClusterBatch

    return ClusterBatch(scheduler, batch)


def _written(results: Iterable[SubmissionResult], out: Path, total: int) -> Iterator[SubmissionResult]:
    """Write and report each result; one that cannot be written is reported, and graded again by the next run."""
    start = time.monotonic()
    for done, result in enumerate(results, 1):
        try:
            write_result(out, result)
        except (OSError, ValueError) as error:
            print(f"{result.learner}, {result.lesson}: the result could not be written: {error}", file=sys.stderr)
            continue
        _say(result, done, total, time.monotonic() - start)
        yield result


def _say(result: SubmissionResult, done: int, total: int, seconds: float) -> None:
    if result.status == "graded":
        said = f"{result.points:g} of {result.max_points:g} points"
    else:
        said = f"{result.status}: {result.reason}"
    line = f"{done:4d}/{total}  {result.learner:24.24}  {result.lesson:24.24}  {said}"
    if not sys.stdout.isatty():
        print(line, flush=True)
        return
    filled = _BAR * done // total
    left = seconds / done * (total - done)
    bar = f"[{'█' * filled}{'·' * (_BAR - filled)}] {done}/{total}, about {left:.0f} s left"
    print(f"\r\x1b[K{line}\n{bar}", end="" if done < total else "\n", flush=True)
