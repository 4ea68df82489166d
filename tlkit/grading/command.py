"""`tlkit grade`: find the submissions, grade those that are not graded yet, and say at each step what happened."""

import platform
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.grading.batch import Batch, GradingFailed, already_graded, batch_secret
from tlkit.grading.inside.seccomp import SUPPORTED
from tlkit.grading.plan import lesson_names
from tlkit.grading.results import SubmissionResult, write_result
from tlkit.grading.submission import Found, find_submissions

if TYPE_CHECKING:
    from tlkit.grading.cluster import ClusterBatch

__all__ = ["grade_files", "sandbox_advice"]

_BAR = 24
_TRUST = "`--trust` grades without a sandbox: for your own work only, since a notebook can do whatever you can."


def grade_files(
    paths: Iterable[Path],
    out: Path,
    *,
    resume: bool = False,
    scheduler: str | None = None,
    batch_options: dict | None = None,
) -> list[SubmissionResult]:
    """Grade the notebooks at `paths`, and those below folders among them; write each result as soon as it is there.

    Args:
        paths: Files and folders.
        out: Output folder; results go to `results/` in it.
        resume: Go on with a batch whose results are in `out`: what is graded there, by this version of the kit and
            with the same content, is left as it is.
        scheduler: Address of a Dask scheduler, to grade on its workers.
        batch_options: Of `Batch`: `jobs`, `mode`, `exercise_seconds`, `submission_seconds`.

    Returns:
        The results that were made now.

    Raises:
        ValueError: If there is nothing to grade, or `out` holds results and `resume` is false.
        GradingFailed: If the sandbox does not work here.
    """
    options = batch_options or {}
    found = find_submissions(paths, lesson_names())
    if not found:
        msg = "No notebook to grade. Name *.ipynb files, or folders that hold them."
        raise ValueError(msg)
    if any((out / "results").glob("*.json")) and not resume:
        msg = f"`{out}` holds results already. Go on with `--resume`, or choose another folder with `--out`."
        raise ValueError(msg)
    if not scheduler and options.get("mode") != "open" and (advice := sandbox_advice()):
        raise GradingFailed(advice)
    batch = Batch(batch_secret(out), **options)
    if scheduler:
        from tlkit.grading.cluster import ClusterBatch

        return _grade_all(found, out, ClusterBatch(scheduler, batch))
    return _grade_all(found, out, batch)


def _grade_all(found: list[Found], out: Path, batch: "Batch | ClusterBatch") -> list[SubmissionResult]:
    waiting = [one for one in found if not already_graded(out, one)]
    if len(waiting) < len(found):
        print(f"{len(found) - len(waiting)} of {len(found)} submissions are graded already.", flush=True)
    done, start = [], time.monotonic()
    try:
        for result in batch.grade(waiting):
            write_result(out, result)
            done.append(result)
            _say(result, len(done), len(waiting), time.monotonic() - start)
    except GradingFailed as failure:
        msg = f"{failure} {_how_to_cure()}"
        raise GradingFailed(msg) from failure
    return done


def sandbox_advice() -> str:
    """Return why there can be no sandbox on this machine, and what to do; an empty text if there may be one."""
    if sys.platform != "linux":
        system = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, sys.platform)
        return (
            f"Strangers' notebooks run in a sandbox, which {system} does not have. Grade on Linux: a server, a virtual "
            f"machine{', or WSL 2' if system == 'Windows' else ''}. {_TRUST}"
        )
    if not SUPPORTED:
        return f"The sandbox is made for x86-64 and arm64, not for {platform.machine()}. {_TRUST}"
    if shutil.which("bwrap") is None:
        return f"The sandbox needs bubblewrap: `apt install bubblewrap` or `dnf install bubblewrap`. {_TRUST}"
    return ""


def _how_to_cure() -> str:
    return (
        "Strangers' notebooks are not graded without a sandbox. It needs user namespaces: see whether "
        "`bwrap --unshare-all --ro-bind / / true` works. On Ubuntu 24.04 and later, allow them to bubblewrap "
        "(`apt install apparmor-profiles`, then enable the profile `bwrap-userns-restrict`); in a container, let its "
        f"administrator allow them, or grade outside of it. {_TRUST}"
    )


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
