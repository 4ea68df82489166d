"""Grade a generated class, kill the grader at half, resume it, and compare: `python -m tests.grading_load --num 300`.

A third of the submissions is right, a third holds planted wrong answers, a third attacks. The class is graded twice
from the same secret: once in one go, once killed (SIGKILL, with all that it started) after half of them and resumed.
Printed: results that differ, submissions without result, processes left, peak memory, CPU seconds per submission.
"""

import argparse
import dataclasses
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.answers import lesson_01_feature_extraction as answers
from tests.attacks.notebooks import FILES, NOTEBOOKS
from tests.attacks.snippets import SNIPPETS
from tests.grading_notebooks import answer_source, cell_id, make_notebook, right_answers, write_submission
from tlkit.grading.find import find_submissions
from tlkit.grading.keep import SubmissionResult, read_results
from tlkit.grading.lesson_plan import lesson_names

__all__ = ["generate", "main", "without_times"]

_FAST = ("1.5", "1.6", "1.7")  # exercises without Keras: the others join in every third submission


def generate(folder: Path, num: int, seed: int = 0) -> None:
    """Write `num` submissions, of the three kinds in turn; the same seed gives the same ones."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(num):
        kind = ("right", "wrong", "hostile")[number % 3]
        cells = _some(right_answers(number % 2), number)
        if kind == "wrong":
            cells |= _wrong_answer(rng)
        if kind == "hostile":
            cells[cell_id("1.7")] = rng.choice(list(SNIPPETS.values()))
        notebook = make_notebook(cells)
        if kind == "hostile" and number % 2:
            rng.choice(list(NOTEBOOKS.values()))(notebook)
        write_submission(folder, f"{number:03d}{kind}", notebook)
    other = next(folder.iterdir())
    for name, write in FILES.items():
        write(folder / name, other)


def _some(cells: dict[str, str], number: int) -> dict[str, str]:
    """Every ninth submission attempts all exercises, the others those that need no network."""
    wanted = tuple(cell_id(exercise) for exercise in _FAST)
    return cells if number % 9 == 0 else {name: text for name, text in cells.items() if name.startswith(wanted)}


def _wrong_answer(rng: random.Random) -> dict[str, str]:
    exercise = rng.choice(_FAST)
    table = answers.ANSWERS[exercise]
    right, wrong = ([getattr(one, "args", (one,))[0] for one in column] for column in (table["right"], _first(table)))
    return {cell_id(exercise): answer_source(exercise, rng.choice([one for one in wrong if one not in right]))}


def _first(table: dict) -> list:
    return [answer for answer, _ in table["wrong"]]


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison; return 0 if nothing differs and nothing is left."""
    parser = argparse.ArgumentParser(prog="python -m tests.grading_load", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--num", type=int, default=300, help="submissions (default: 300)")
    parser.add_argument("--jobs", type=int, default=2, help="at once (default: 2)")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds per exercise (default: 10)")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="tlkit-load-"))
    try:
        generate(folder / "in", options.num)
        return _compare(folder, options)
    finally:
        shutil.rmtree(folder)


def _compare(folder: Path, options: argparse.Namespace) -> int:
    expected = len(find_submissions([folder / "in"], lesson_names()))
    start = time.monotonic()
    _wait(_grade(folder, "whole", options))
    seconds = time.monotonic() - start
    whole = {result.learner: result for result in read_results(folder / "whole")}
    (folder / "halves").mkdir()
    shutil.copy(folder / "whole" / "secret", folder / "halves" / "secret")
    left = _kill_at(_grade(folder, "halves", options), folder / "halves", expected // 2)
    before = len(read_results(folder / "halves"))
    _wait(_grade(folder, "halves", options))
    halves = {result.learner: result for result in read_results(folder / "halves")}
    differ = {name: _differences(whole[name], halves.get(name)) for name in whole}
    cpu = [result.cpu_seconds for result in whole.values() if result.status == "graded"]
    figures = {
        "submissions": expected,
        "results": len(whole),
        "graded": len(cpu),
        "killed after": before,
        "differ after resuming": {name: found for name, found in differ.items() if found},
        "processes left": left,
        "peak memory of one process (MB)": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "CPU seconds per submission": round(sum(cpu) / max(len(cpu), 1), 2),
        "seconds for all": round(seconds),
    }
    print(json.dumps(figures, indent=1))
    return 0 if len(whole) == expected and not any(differ.values()) and not left else 1


def without_times(result: SubmissionResult | None) -> SubmissionResult | None:
    """Return a result without what no two runs have in common."""
    return result and dataclasses.replace(result, cpu_seconds=0.0, seconds=0.0)


def _differences(one: SubmissionResult, other: SubmissionResult | None) -> list[str]:
    """Say what two results of the same submission do not have in common, times apart."""
    if other is None:
        return ["no result"]
    first, second = (_statements(result) for result in (one, other))
    return [
        f"{name}: {first.get(name)} / {second.get(name)}"
        for name in first | second
        if first.get(name) != second.get(name)
    ]


def _statements(result: SubmissionResult) -> dict:
    about = dataclasses.asdict(without_times(result))
    return about | {exercise["id"]: exercise for exercise in about.pop("exercises")}


def _grade(folder: Path, out: str, options: argparse.Namespace) -> subprocess.Popen:
    words = ("--resume", "--jobs", str(options.jobs), "--timeout", str(options.timeout))
    command = [sys.executable, "-m", "tlkit.cli", "grade", str(folder / "in"), "--out", str(folder / out), *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def _wait(process: subprocess.Popen) -> None:
    if process.wait() not in (0, 1):
        msg = f"tlkit grade ended with status {process.returncode}"
        raise RuntimeError(msg)


def _kill_at(process: subprocess.Popen, out: Path, count: int) -> list[str]:
    """Kill the grader when it has `count` results; return which of the processes that it had started are left."""
    while process.poll() is None and len(list((out / "results").glob("*.json"))) < count:
        time.sleep(0.2)
    started = _descendants(process.pid)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(5.0)  # the kernel ends the sandboxes as their parents die
    return [number for number in started if Path("/proc", number).exists()]


def _descendants(pid: int) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = dict(zip(listed[::2], listed[1::2], strict=True))
    found = [str(pid)]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent]
    return found


if __name__ == "__main__":
    sys.exit(main())
