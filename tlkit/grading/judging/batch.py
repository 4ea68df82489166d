"""Grade many submissions: a grading process for each core, results as they come, a run that was killed goes on.

Importing this module loads neither TensorFlow nor Keras; the grading processes do.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import IO

from tlkit import __version__
from tlkit.grading.find import Submission
from tlkit.grading.keep import SubmissionResult
from tlkit.grading.sandbox.limits import LONGEST_S, time_for
from tlkit.paths import package_root

__all__ = ["Batch", "Grader", "GradingFailed"]

_START_S = 300.0
_GRACE_S = 30.0  # for what a grading process does after the end of a submission
_END_S = 30.0  # a killed process cannot wait for the sandbox that it started


class GradingFailed(Exception):
    """No submission can be graded here; the message says why."""


@dataclass(frozen=True)
class Batch:
    """How a batch is graded.

    Attributes:
        secret: What random inputs are drawn from, together with each file's bytes.
        jobs: Grading processes at once.
        mode: The mode of the sandbox: `"preload"`, `"cold"` or `"open"`.
        exercise_seconds: Time for one exercise on an idle machine; a busy one gives more.
        submission_seconds: The same for one submission; see `time_for`.
        recycle: Submissions after which a grading process is replaced, so that memory stays bounded.
    """

    secret: bytes
    jobs: int = field(default_factory=lambda: len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    mode: str = "preload"
    exercise_seconds: float = 60.0
    submission_seconds: float = LONGEST_S
    recycle: int = 100

    def grade(self, submissions: Iterable[Submission]) -> Iterator[SubmissionResult]:
        """Grade submissions; yield each result as soon as it is there, in any order.

        Raises:
            GradingFailed: If the sandbox cannot be started.
        """
        tasks: queue.SimpleQueue[Submission] = queue.SimpleQueue()
        results: queue.SimpleQueue[SubmissionResult | Exception | None] = queue.SimpleQueue()
        count = 0
        for submission in submissions:
            tasks.put(submission)
            count += 1
        stop = threading.Event()
        threads = [
            threading.Thread(target=self._work, args=(tasks, results, stop), daemon=True)
            for _ in range(min(self.jobs, count))
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in range(count):
                result = results.get()
                if isinstance(result, Exception):
                    raise result
                if result:
                    yield result
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _work(self, tasks: queue.SimpleQueue, results: queue.SimpleQueue, stop: threading.Event) -> None:
        grader = Grader(self)
        try:
            while not stop.is_set():
                results.put(grader.grade(tasks.get_nowait(), stop))
        except queue.Empty:
            pass
        except Exception as error:  # given to the caller, who waits for results
            results.put(error)
        finally:
            grader.close()


class Grader:
    """One grading process; started when it is needed, replaced when it hangs, dies, or has done its share."""

    def __init__(self, batch: Batch):
        self._process: subprocess.Popen[bytes] | None = None
        self._batch, self._num_done = batch, 0
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def grade(self, submission: Submission, stop: threading.Event) -> SubmissionResult | None:
        """Grade a submission; return `None` if the batch was stopped meanwhile."""
        process = self._started(stop)
        task = {"submission": asdict(submission), "secret": self._batch.secret.hex()}
        status, reply = "crashed", {}
        try:
            _stream(process.stdin).write(json.dumps(task).encode() + b"\n")
            _stream(process.stdin).flush()
            status, reply = self._reply(time_for(self._batch.submission_seconds) + _GRACE_S, stop)
        except OSError:
            pass
        if "no_sandbox" in reply:
            raise GradingFailed(reply["no_sandbox"])
        if "result" in reply:
            self._count()
            return SubmissionResult.from_json(reply["result"])
        self.close(0.0)
        return None if stop.is_set() else _failure(submission, status, reply.get("failed", ""))

    def close(self, seconds: float = _END_S) -> None:
        """End the process, and with it the sandbox; kill it if it has not ended within so many seconds."""
        if self._process:
            with contextlib.suppress(OSError):
                _stream(self._process.stdin).close()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process, self._num_done = None, 0

    def _count(self) -> None:
        self._num_done += 1
        if self._num_done >= self._batch.recycle:
            self.close()

    def _started(self, stop: threading.Event) -> subprocess.Popen:
        if self._process is None:
            names = ("mode", "exercise_seconds", "submission_seconds")
            options = json.dumps({name: getattr(self._batch, name) for name in names})
            command = [sys.executable, "-P", "-m", "tlkit.grading.judging.serve", options]
            with tempfile.TemporaryFile() as errors:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=_environment()
                )
                self._lines = _read_lines(self._process)
                reply = self._reply(_START_S, stop)[1]
                if not reply.get("ready") and not stop.is_set():
                    errors.seek(0)
                    said = errors.read().decode(errors="replace").strip().splitlines()
                    msg = reply.get("no_sandbox") or f"A grading process did not start: {said[-1:]}"
                    raise GradingFailed(msg)
        return self._process

    def _reply(self, seconds: float, stop: threading.Event) -> tuple[str, dict]:
        """Wait for a line; no line means that the process ended."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up and not stop.is_set():
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=0.2)
                reply = json.loads(line) if line else {}
                return "graded" if "result" in reply else "crashed", reply
        return "timeout", {}


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "the process was started with pipes"
    return pipe


def _read_lines(process: subprocess.Popen) -> queue.SimpleQueue[bytes]:
    """Return a queue of the lines that a process writes; it ends with an empty one."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        with _stream(process.stdout) as output:
            for line in output:
                lines.put(line)
        lines.put(b"")

    threading.Thread(target=read, daemon=True).start()
    return lines


def _environment() -> dict[str, str]:
    search = [str(package_root()), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search))}


def _failure(submission: Submission, status: str, why: str) -> SubmissionResult:
    reasons = {
        "timeout": "Checking what the answers returned took too long.",
        "crashed": "The grading process ended while it checked what the answers returned.",
    }
    about = {name: getattr(submission, name) for name in ("learner", "lesson", "file", "sha256")}
    reason = f"{reasons[status]} {why}".strip()
    return SubmissionResult(**about, status=status, reason=reason, version=__version__)
