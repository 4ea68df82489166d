"""CPU seconds per submission, by `tlkit grade` and by `nbgrader autograde`: `python -m tests.grading_speed --num 3`.

Both grade the same perfect submissions of lesson 1. nbgrader runs the whole notebook, trainings included; `tlkit grade`
runs the answers on inputs of its own. Start-up is counted on both sides. Needs the instructor extra.

With `--lessons`, `tlkit grade` alone, on every lesson's planted right answers: each in the second round of one process.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.grading_notebooks import LESSON, full_notebook
from tests.grading_planted import LESSONS, notebook_of, planted_submissions
from tlkit.grading.keep import read_results
from tlkit.lessons.notebook import notebook_text, read_source
from tlkit.paths import notebooks_dir, package_root

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; return 0 if both graded every submission alike, or every submission is perfect."""
    parser = argparse.ArgumentParser(prog="python -m tests.grading_speed", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--num", type=int, default=3, help="submissions (default: 3)")
    parser.add_argument(
        "--lessons", action="store_true", help="only `tlkit grade`, on perfect submissions of each lesson"
    )
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="tlkit-speed-"))
    try:
        return _each_lesson(folder) if options.lessons else _compare(folder, options.num)
    finally:
        shutil.rmtree(folder)


def _compare(folder: Path, num: int) -> int:
    instructor, _ = read_source(notebooks_dir() / "src" / f"{LESSON}.py")
    _write(folder / "source" / LESSON / f"{LESSON}.ipynb", instructor)
    _run(folder, "nbgrader", "generate_assignment", LESSON, "--create")
    for number in range(num):
        _write(folder / "submitted" / f"learner{number}" / LESSON / f"{LESSON}.ipynb", full_notebook(number % 2))
    ours = _run(folder, "tlkit.cli", "grade", "submitted", "--out", "grades", "--jobs", "1")
    results = read_results(folder / "grades")
    theirs = _run(folder, "nbgrader", "autograde", LESSON, "--Execute.timeout=1800")
    scores = _scores(folder)
    figures = {
        "submissions": num,
        "tlkit grade: CPU seconds per submission, start-up shared": round(ours / num, 2),
        "tlkit grade: without start-up": {result.learner: round(result.cpu_seconds, 2) for result in results},
        "nbgrader autograde: CPU seconds per submission": round(theirs / num, 2),
        "ratio": round(theirs / ours, 1),
        "points of tlkit grade": {result.learner: result.points for result in results},
        "points of nbgrader": scores,
    }
    print(json.dumps(figures, indent=1))
    return 0 if scores == figures["points of tlkit grade"] and len(scores) == num else 1


def _each_lesson(folder: Path) -> int:
    """Grade right answers of each lesson; in a first round a process also prepares what all submissions share."""
    lost = 0.0
    for lesson in LESSONS:
        right = [answers for kind, answers in planted_submissions(lesson) if kind == "right"]
        whole = [answers for answers in right if len(answers) == len(right[0])]
        for number, answers in enumerate(whole * 2):
            path = folder / "submitted" / f"learner{number}" / lesson / f"{lesson}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(notebook_of(answers), encoding="utf-8")
        _run(folder, "tlkit.cli", "grade", "submitted", "--out", lesson, "--jobs", "1")
        shutil.rmtree(folder / "submitted")
        second = sorted(read_results(folder / lesson), key=lambda result: result.learner)[len(whole) :]
        lost += sum(result.max_points - result.points for result in second)
        print(lesson, *(f"{result.cpu_seconds:.2f}" for result in second), flush=True)
    return 1 if lost else 0


def _write(path: Path, notebook: dict) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(notebook_text(notebook), encoding="utf-8")


def _run(folder: Path, module: str, *words: str) -> float:
    """Run a module in `folder`; return the CPU seconds of it and of all that it started."""
    search = os.pathsep.join([str(package_root()), str(package_root() / "widgets")])
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PYTHONPATH": search, "PATH": path, "TLKIT_HOME": str(folder / "home")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", module, *words], cwd=folder, env=environment, check=True, stdout=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _scores(folder: Path) -> dict[str, float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return {one.student_id: one.score for one in book.assignment_submissions(LESSON)}


if __name__ == "__main__":
    sys.exit(main())
