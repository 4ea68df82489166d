"""Grade many submissions: a grading process for each core, results as they come, a run that was killed goes on.

Importing this module loads neither TensorFlow nor Keras; the grading processes do.
"""

import contextlib
import hashlib
import json
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tlkit import __version__
from tlkit.grading.limits import patience
from tlkit.grading.results import SubmissionResult, result_path
from tlkit.grading.submission import Found, NotReadable, read_bytes
from tlkit.paths import package_root

__all__ = ["Batch", "Grader", "GradingFailed", "already_graded", "batch_secret"]

_START_S = 300.0
_GRACE_S = 60.0
_END_S = 30.0  # a killed process cannot wait for the sandbox that it started


class GradingFailed(Exception):
    """No submission can be graded here; the message says why."""


@dataclass(frozen=True)
class Batch:
    """How a batch is graded.

    Attributes:
        secret: What random inputs are drawn from, together with each file's bytes.
        jobs: Grading processes at once.
        mode: Of the sandbox: `"preload"`, `"cold"` or `"open"`.
        exercise_seconds: By the clock of an idle machine, for one exercise; a busy one gives more.
        submission_seconds: The same for one submission.
        recycle: Submissions after which a grading process is replaced, so that memory stays bounded.
    """

    secret: bytes
    jobs: int = field(default_factory=lambda: len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    mode: str = "preload"
    exercise_seconds: float = 60.0
    submission_seconds: float = 300.0
    recycle: int = 100

    def grade(self, submissions: Iterable[Found]) -> Iterator[SubmissionResult]:
        """Grade submissions; yield each result when it is there, in whatever order.

        Raises:
            GradingFailed: If the sandbox cannot be started.
        """
        tasks: queue.SimpleQueue[Found] = queue.SimpleQueue()
        results: queue.SimpleQueue[SubmissionResult | Exception | None] = queue.SimpleQueue()
        count = 0
        for found in submissions:
            tasks.put(found)
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
        self._batch, self._process, self._num_done = batch, None, 0
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def grade(self, found: Found, stop: threading.Event) -> SubmissionResult | None:
        """Grade a submission; return `None` if the batch was stopped meanwhile."""
        process = self._started(stop)
        task = {"path": str(found.path.absolute()), "learner": found.learner, "lesson": found.lesson}
        task |= {"conflict": found.conflict, "secret": self._batch.secret.hex()}
        status, reply = "crashed", {}
        try:
            _stream(process.stdin).write(json.dumps(task).encode() + b"\n")
            _stream(process.stdin).flush()
            status, reply = self._reply(self._batch.submission_seconds * patience() + _GRACE_S, stop)
        except OSError:
            pass
        if "no_sandbox" in reply:
            raise GradingFailed(reply["no_sandbox"])
        if "result" in reply:
            self._count()
            return SubmissionResult.from_json(reply["result"])
        self.close(0.0)
        return None if stop.is_set() else _failure(found, status)

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
            command = [sys.executable, "-P", "-m", "tlkit.grading.serve", options]
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
                return ("graded", json.loads(line)) if line else ("crashed", {})
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


def _failure(found: Found, status: str) -> SubmissionResult:
    reasons = {
        "timeout": "Checking what the answers returned took too long.",
        "crashed": "The grading process ended while it checked what the answers returned.",
    }
    return SubmissionResult(
        found.learner, found.lesson, found.path.name, _digest(found), status, reasons[status], version=__version__
    )


def _digest(found: Found) -> str:
    try:
        return hashlib.sha256(read_bytes(found.path)).hexdigest()
    except NotReadable:
        return ""


def batch_secret(folder: Path) -> bytes:
    """Return the secret of the batch whose results go to `folder`; made at first, kept for a run that goes on."""
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".secret")  # readable by its owner only
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        os.replace(temporary, path)
    return bytes.fromhex(path.read_text(encoding="ascii"))


def already_graded(folder: Path, found: Found) -> bool:
    """Whether `folder` holds the result of this very file, by this version of the kit."""
    try:
        text = result_path(folder, found.learner, found.lesson).read_text(encoding="ascii")
        result = SubmissionResult.from_json(text)
    except (OSError, ValueError):
        return False
    return (result.sha256, result.version, result.file) == (_digest(found), __version__, found.path.name)
