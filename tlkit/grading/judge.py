"""Grade one submission: the checks run here, the learner's code runs in a sandbox, and only values pass between."""

import contextlib
import gc
import hashlib
import time
from typing import Any

import keras
import numpy as np

from tlkit import __version__
from tlkit.checks import check, find_exercise, predict
from tlkit.checks.cards import Result
from tlkit.checks.exercise import CheckFailed
from tlkit.checks.record import record_in_memory
from tlkit.checks.toys import drawn_from
from tlkit.checks.variants import working_as
from tlkit.grading.exchange import AnswerError
from tlkit.grading.limits import Limits, patience
from tlkit.grading.peer import PROCESS_ENDED, Gone, OutOfTime, Peer
from tlkit.grading.plan import ExercisePlan, LessonPlan, lesson_names, read_plan
from tlkit.grading.results import ExerciseResult, SubmissionResult
from tlkit.grading.sandbox import NoSandbox, Sandbox, Submission
from tlkit.grading.submission import Found, NotReadable, SubmissionCells, read_bytes, read_cells

__all__ = ["Judge"]

_SELF_TEST_S = 120.0
_STATUS = {"right": "right", "partly": "partial", "wrong": "wrong", "not attempted": "not attempted"}


class Judge:
    """Grades submissions one after another, each in a process of its own; use it as a context manager.

    Args:
        mode: Of the sandbox, one of `tlkit.grading.sandbox.MODES`.
        limits: Of each submission.
        exercise_seconds: By the clock of an idle machine, for one exercise; a busy one gives more (see `patience`).
        submission_seconds: The same for all of them.
    """

    def __init__(
        self,
        mode: str = "preload",
        *,
        limits: Limits | None = None,
        exercise_seconds: float = 60.0,
        submission_seconds: float = 300.0,
    ):
        plans = [read_plan(name) for name in lesson_names()]
        self._plans = {plan.name: plan for plan in plans if plan.exercises}
        modules = dict.fromkeys(name for plan in self._plans.values() for name in plan.modules)
        self._mode = mode
        self._sandbox = Sandbox(mode, limits=limits, modules=tuple(modules))
        self._exercise_seconds, self._submission_seconds = exercise_seconds, submission_seconds
        gc.freeze()  # TensorFlow's own objects stay; after each submission the others are collected

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox."""
        self._sandbox.close()

    def sandbox_fault(self) -> str:
        """Try the walls of the sandbox from inside; return why strangers' work must not be run in it, or ""."""
        if self._mode == "open":
            return ""
        try:
            running = self._sandbox.start()
            running.exchange.peer.deadline = time.monotonic() + _SELF_TEST_S
            try:
                holes = [name for name, is_open in running.exchange.peer.request("walls").items() if is_open]
            finally:
                running.stop()
        except (NoSandbox, Gone, OutOfTime) as error:
            return str(error)
        return f"In the sandbox one can {', '.join(holes)}." if holes else ""

    def grade(self, found: Found, secret: bytes) -> SubmissionResult:
        """Grade a submission.

        Args:
            found: The file, and whose it is.
            secret: What random inputs are drawn from, together with the file's bytes. Equal secrets give equal inputs.

        Raises:
            NoSandbox: If the sandbox cannot be started.
        """
        start, cpu = time.monotonic(), time.process_time()
        about: dict[str, Any] = {"learner": found.learner, "lesson": found.lesson, "file": found.path.name}
        attempt, digest = None, ""
        try:
            if found.conflict:
                raise NotReadable(found.conflict)
            data = read_bytes(found.path)
            digest = hashlib.sha256(data).hexdigest()
            plan = self._plan_of(found.lesson)
            attempt = _Attempt(self._sandbox, plan, read_cells(data), self._exercise_seconds)
            with working_as(found.learner):
                outcome = self._graded(attempt, plan, hashlib.sha256(secret + digest.encode()).digest())
        except NotReadable as refusal:
            outcome = {"status": "refused", "reason": str(refusal)}
        used = time.process_time() - cpu + (attempt.cpu_seconds if attempt else 0.0)
        times = {"cpu_seconds": round(used, 3), "seconds": round(time.monotonic() - start, 3)}
        return SubmissionResult(**about, **outcome, **times, sha256=digest, version=__version__)

    def _plan_of(self, lesson: str) -> LessonPlan:
        if lesson not in self._plans:
            known = ", ".join(self._plans)
            msg = f"The file names no lesson of this kit. Name it LEARNER_lesson.ipynb. Lessons: {known}."
            raise NotReadable(msg)
        return self._plans[lesson]

    def _graded(self, attempt: "_Attempt", plan: LessonPlan, secret: bytes) -> dict[str, Any]:
        attempt.end = time.monotonic() + self._submission_seconds * patience()
        with record_in_memory(), contextlib.closing(attempt):
            done = tuple(attempt.exercise(exercise, secret) for exercise in plan.exercises)
        keras.backend.clear_session()
        gc.freeze()  # what is left now, stays; the next collection need not look at it
        points = round(sum(exercise.points for exercise in done), 2)
        return {"status": "graded", "points": points, "max_points": plan.max_points, "exercises": done}


class _Attempt:
    """The exercises of one submission, in order. A process that dies is replaced, without the cell that killed it."""

    def __init__(self, sandbox: Sandbox, plan: LessonPlan, cells: SubmissionCells, seconds: float):
        self._sandbox, self._plan, self._cells, self._seconds = sandbox, plan, cells, seconds
        self._running: Submission | None = None
        self._harmless: list[str] = []
        self.end = float("inf")
        self.cpu_seconds = 0.0

    def close(self) -> None:
        """End the process of the submission."""
        if self._running:
            self.cpu_seconds += self._running.stop()
        self._running = None

    def exercise(self, plan: ExercisePlan, secret: bytes) -> ExerciseResult:
        """Grade one exercise."""
        if plan.check is None:
            return self._by_a_person(plan)
        if not any(name in self._cells.code for name in plan.cells):
            return _result(plan, "not attempted", ("The notebook has no cell for this exercise.",))
        peer = None
        try:
            peer = self._peer()
            return self._checked(plan, peer, hashlib.sha256(secret + plan.id.encode()).digest())
        except (Gone, OutOfTime) as fault:
            return self._fault(plan, fault)
        finally:
            if peer and peer.fault:
                self.close()

    def _checked(self, plan: ExercisePlan, peer: Peer, secret: bytes) -> ExerciseResult:
        seed = int.from_bytes(secret[:4])
        keras.utils.set_random_seed(seed)
        with drawn_from(secret):
            try:
                trouble = self._run_cells(plan, peer)
                result = self._check(plan, peer, np.random.default_rng(seed))
            except NameError as error:
                reason = trouble or f"The check needs a name that no cell defines: {error}."
                return _result(plan, "error", (reason,))
        if peer.fault:
            return self._fault(plan, peer.fault)
        return _from_card(plan, result)

    def _run_cells(self, plan: ExercisePlan, peer: Peer) -> str:
        """Run the learner's cells; return what the last that failed said."""
        trouble = ""
        for name in plan.cells:
            if name in self._cells.code:
                trouble = self._run_cell(name, peer) or trouble
        self._harmless += plan.cells
        return trouble

    def _run_cell(self, name: str, peer: Peer) -> str:
        try:
            peer.request("run", name=f"<{name}>", source=self._cells.code[name])
        except AnswerError as error:
            return error.explanation
        return ""

    def _check(self, plan: ExercisePlan, peer: Peer, rng: np.random.Generator) -> Result:
        given = find_exercise(plan.id).given
        if plan.prediction:
            with contextlib.suppress(AnswerError, CheckFailed):  # then the check says that a prediction is missing
                predict(plan.id, *(peer.request("look", expression=text) for text in plan.prediction.arguments))

        def value(text: str) -> Any:
            return given[text](rng) if text in given else peer.request("look", expression=text)

        assert plan.check
        options = {name: value(text) for name, text in plan.check.options.items()}
        return check(plan.id, *map(value, plan.check.arguments), **options)

    def _peer(self) -> Peer:
        now = time.monotonic()
        if now > self.end:
            msg = "the submission as a whole took too long"
            raise OutOfTime(msg)
        started = self._running is None
        if self._running is None:
            self._running = self._sandbox.start()
        peer = self._running.exchange.peer
        peer.deadline = min(now + self._seconds * patience(), self.end)
        if started:
            peer.request("prepare", cells=list(self._plan.given_cells))
            for name in self._harmless:
                if name in self._cells.code:
                    self._run_cell(name, peer)
        return peer

    def _fault(self, plan: ExercisePlan, fault: Exception) -> ExerciseResult:
        self.close()
        if isinstance(fault, OutOfTime):
            return _result(plan, "timeout", (f"Your code took more than {self._seconds:.0f} s for this exercise.",))
        why = " Does it end Python, or use too much memory?" if str(fault) == PROCESS_ENDED else ""
        return _result(plan, "error", (f"Your code broke off: {fault}.{why}",))

    def _by_a_person(self, plan: ExercisePlan) -> ExerciseResult:
        written = next((self._cells.text[name] for name in plan.cells if name in self._cells.text), plan.stub)
        if written.strip() == plan.stub.strip():
            return _result(plan, "not attempted")
        return _result(plan, "manual", ("A person grades this.",))


def _result(plan: ExercisePlan, status: str, messages: tuple[str, ...] = ()) -> ExerciseResult:
    title = find_exercise(plan.id).title if plan.check else "Free text"
    return ExerciseResult(plan.id, title, 0.0, plan.points, status, messages)


def _from_card(plan: ExercisePlan, result: Result) -> ExerciseResult:
    """Return what the card of a check says; `Result.outcomes` are in the order of the exercise's properties."""
    pairs = zip(result.exercise.properties, result.outcomes, strict=False)
    lacking = [(function.__name__, outcome.message) for function, outcome in pairs if not outcome.passed]
    return ExerciseResult(
        id=plan.id,
        title=result.exercise.title,
        points=float(result),
        max_points=plan.points,
        status=_STATUS[result.state],
        messages=tuple(message for _, message in lacking),
        failed=tuple(name for name, _ in lacking),
    )
