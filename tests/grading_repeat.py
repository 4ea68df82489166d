"""Grade every planted right answer many times: `python -m tests.grading_repeat --times 40 --jobs 2`.

What depends on the order in which threads happen to run shows only now and then. Printed: for each lesson how many
submissions there were, and every exercise that did not earn all its points, with its status and message.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.grading_planted import LESSONS, notebook_of, planted_submissions
from tlkit.grading.find import Found, Submission, read_submission
from tlkit.grading.judging.batch import Batch
from tlkit.grading.keep import SubmissionResult

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Print what was lost; return 0 if nothing was."""
    parser = argparse.ArgumentParser(prog="python -m tests.grading_repeat", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--times", type=int, default=40, help="how often each answer is graded (default: 40)")
    parser.add_argument("--jobs", type=int, default=2, help="at once (default: 2)")
    parser.add_argument("--lessons", nargs="*", default=LESSONS, help="by name (default: all)")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="tlkit-repeat-"))
    try:
        lost = sum((_lost_in(lesson, folder, options) for lesson in options.lessons), Counter())
    finally:
        shutil.rmtree(folder)
    return 1 if lost else 0


def _lost_in(lesson: str, folder: Path, options: argparse.Namespace) -> Counter:
    right = [answers for kind, answers in planted_submissions(lesson) if kind == "right"]
    submissions = list(_submissions(lesson, [notebook_of(answers) for answers in right] * options.times, folder))
    batch = Batch(secrets.token_bytes(32), jobs=options.jobs)
    lost = sum((_lost(result, right) for result in batch.grade(submissions)), Counter())
    print(f"{lesson}: {len(submissions)} submissions of {len(right)} kinds", flush=True)
    for what, count in lost.most_common():
        print(f"  {count:4d} times {what}", flush=True)
    return lost


def _submissions(lesson: str, notebooks: list[str], folder: Path) -> Iterator[Submission]:
    for number, notebook in enumerate(notebooks):
        path = folder / f"{number}_{lesson}.ipynb"
        path.write_text(notebook, encoding="utf-8")
        yield read_submission(Found(path, f"learner{number}", lesson))


def _lost(result: SubmissionResult, right: list[dict]) -> Counter:
    """Count the exercises of a submission that it answers and that did not earn all their points."""
    kind = int(result.learner.removeprefix("learner")) % len(right)
    if result.status != "graded":
        return Counter([f"kind {kind}: {result.status}: {result.reason}"])
    short = (one for one in result.exercises if one.id in right[kind] and one.points < one.max_points)
    return Counter(f"{one.id}, kind {kind}: {one.status} {one.messages}" for one in short)


if __name__ == "__main__":
    sys.exit(main())
