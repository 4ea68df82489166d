"""Grade one submission: the checks run here, the learner's code runs in a sandbox, and only values pass between."""

import contextlib
import gc
import hashlib
import re
import time
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np

from tlkit import __version__
from tlkit.checks import check, find_exercise, predict
from tlkit.checks.cards import Result
from tlkit.checks.exercise import CheckFailed
from tlkit.checks.record import record_in_memory
from tlkit.exercises.toys import drawn_from
from tlkit.grading.find import NotReadable, Submission
from tlkit.grading.keep import ExerciseResult, SubmissionResult
from tlkit.grading.lesson_plan import ExercisePlan, LessonPlan, lesson_names, read_plan
from tlkit.grading.remote.exchange import AnswerError
from tlkit.grading.remote.peer import PROCESS_ENDED, Gone, OutOfTime, Peer
from tlkit.grading.sandbox.limits import LONGEST_S, Limits, patience, time_for
from tlkit.grading.sandbox.run import NoSandbox, Running, Sandbox
from tlkit.grading.sandbox.view import secret_files
from tlkit.lessons.code_texts import statements

__all__ = ["Judge"]

_SELF_TEST_S = 120.0
_BROKEN = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
_STATUS = {"right": "right", "partly": "partial", "wrong": "wrong", "not attempted": "not attempted"}


class Judge:
    """Grades submissions one after another, each in a process of its own; use it as a context manager.

    Args:
        mode: The mode of the sandbox, one of `tlkit.grading.sandbox.run.MODES`.
        limits: The limits of each submission.
        exercise_seconds: Time for one exercise on an idle machine; a busy one gives more (see `patience`).
        submission_seconds: The same for all of them, but see `time_for`.
    """

    def __init__(
        self,
        mode: str = "preload",
        *,
        limits: Limits | None = None,
        exercise_seconds: float = 60.0,
        submission_seconds: float = LONGEST_S,
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
                tried = running.exchange.peer.request("walls", secrets=secret_files())
                holes = [name for name, is_open in tried.items() if is_open]
            finally:
                running.stop()
        except (NoSandbox, Gone, OutOfTime) as error:
            return str(error)
        return f"In the sandbox one can {', '.join(holes)}." if holes else ""

    def grade(self, submission: Submission, secret: bytes) -> SubmissionResult:
        """Grade a submission.

        Args:
            submission: As it was read.
            secret: What random inputs are drawn from, together with the file's SHA-256: equal ones give equal inputs.

        Raises:
            NoSandbox: If the sandbox cannot be started.
        """
        start, cpu = time.monotonic(), time.process_time()
        attempt = None
        try:
            plan = self._plan_of(submission)
            attempt = _Attempt(self._sandbox, plan, submission, self._exercise_seconds)
            outcome = self._graded(attempt, plan, hashlib.sha256(secret + submission.sha256.encode()).digest())
        except NotReadable as refusal:
            outcome = {"status": "refused", "reason": str(refusal)}
        used = time.process_time() - cpu + (attempt.cpu_seconds if attempt else 0.0)
        times = {"cpu_seconds": round(used, 3), "seconds": round(time.monotonic() - start, 3)}
        about = {name: getattr(submission, name) for name in ("learner", "lesson", "file", "sha256")}
        return SubmissionResult(**about, **outcome, **times, version=__version__)

    def _plan_of(self, submission: Submission) -> LessonPlan:
        """Return the plan of a submission's lesson.

        Raises:
            NotReadable: If it cannot be graded; that the file was not read at all is said first.
        """
        was_read = bool(submission.sha256)
        if was_read and submission.lesson not in self._plans:
            known = ", ".join(self._plans)
            msg = f"The file names no lesson of this kit. Name it LEARNER_lesson.ipynb. Lessons: {known}."
            raise NotReadable(msg)
        if submission.refusal:
            raise NotReadable(submission.refusal)
        return self._plans[submission.lesson]

    def _graded(self, attempt: "_Attempt", plan: LessonPlan, secret: bytes) -> dict[str, Any]:
        attempt.end = time.monotonic() + time_for(self._submission_seconds)
        with record_in_memory(), contextlib.closing(attempt):
            done = tuple(attempt.exercise(exercise, secret) for exercise in plan.exercises)
        keras.backend.clear_session()
        gc.freeze()  # what is left now stays; the next collection need not look at it
        points = round(sum(exercise.points for exercise in done), 2)
        return {"status": "graded", "points": points, "max_points": plan.max_points, "exercises": done}


class _Attempt:
    """The exercises of one submission, in order. A process that dies is replaced, without the cell that killed it."""

    def __init__(self, sandbox: Sandbox, plan: LessonPlan, cells: Submission, seconds: float):
        self._sandbox, self._plan, self._cells, self._seconds = sandbox, plan, cells, seconds
        self._running: Running | None = None
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
        if not any(name in self._cells.code for name in plan.cells) and not self._is_in_own_cell(plan):
            return _result(plan, "not attempted", (_where_to_answer(plan),))
        peer = None
        try:
            peer = self._peer()
            return self._checked(plan, peer, hashlib.sha256(secret + plan.id.encode()).digest())
        except (Gone, OutOfTime) as fault:
            return self._fault(plan, fault)
        except NoSandbox:
            raise
        except Exception as error:  # of the kit, or of what an answer returned: it costs this exercise and no other
            self.close()
            return _result(plan, "error", (f"This answer could not be checked ({type(error).__name__}: {error}).",))
        finally:
            if peer and peer.fault:
                self.close()

    def _checked(self, plan: ExercisePlan, peer: Peer, secret: bytes) -> ExerciseResult:
        seed = int.from_bytes(secret[:4])
        keras.utils.set_random_seed(seed)
        trouble = ""
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
        """Run the learner's cells; return what the last one that failed said.

        A cell that nobody has written does not run if the answer stands in a cell of the learner's own: it would hide
        that one.
        """
        trouble, is_elsewhere = "", self._is_in_own_cell(plan)
        for name in plan.cells:
            if name in self._cells.code and not (is_elsewhere and self._is_stub(name)):
                trouble = self._run_cell(name, peer) or trouble
        self._harmless += plan.cells
        return trouble

    def _run_cell(self, name: str, peer: Peer) -> str:
        try:
            peer.request("run", name=f"<{name}>", source=self._cells.code[name])
        except AnswerError as error:
            return error.explanation
        return ""

    def _is_stub(self, name: str) -> bool:
        return statements(self._cells.code[name]) == statements(self._plan.cells.get(name, ""))

    def _is_in_own_cell(self, plan: ExercisePlan) -> bool:
        """Whether a cell that the lesson does not have defines an answer of the exercise."""
        calls = [call.arguments[0] for call in (plan.check, plan.prediction) if call and call.arguments]
        defines = re.compile(
            rf"^(?:async )?(?:def |class )?(?:{'|'.join(map(re.escape, calls))})\b *[=(:]", re.MULTILINE
        )
        return any(defines.search(source) for source in self._cells.added)

    def _check(self, plan: ExercisePlan, peer: Peer, rng: np.random.Generator) -> Result:
        def look(expression: str) -> Any:
            return peer.request("look", expression=expression)

        if plan.prediction:
            # then the check says that a prediction is missing; one of a wrong shape may break its test in any way
            with contextlib.suppress(AnswerError, CheckFailed, *_BROKEN):
                predict(plan.id, *map(look, plan.prediction.arguments))
        assert plan.check
        drawn = {name: draw(rng) for name, draw in find_exercise(plan.id).given.items()}
        options = {name: drawn.pop(name) if name in drawn else look(text) for name, text in plan.check.options.items()}
        own = plan.check.arguments[: len(plan.check.arguments) - len(drawn)]
        return check(plan.id, *map(look, own), *drawn.values(), **options)

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
            cells = [
                *self._cells.added,
                *self._plan.given_cells,
                *self._cells.changed,
            ]  # the first to bind a name counts
            peer.request("prepare", cells=cells)
            for name in self._harmless:
                if name in self._cells.code:
                    self._run_cell(name, peer)
        return peer

    def _fault(self, plan: ExercisePlan, fault: Exception) -> ExerciseResult:
        self.close()
        if isinstance(fault, OutOfTime):
            return _result(plan, "timeout", (f"Your code took more than {self._seconds:.0f} s for this exercise.",))
        why = " Does it end Python, or use too much memory?" if str(fault) == PROCESS_ENDED else ""
        return _result(plan, "error", (f"Your code stopped early: {fault}.{why}",))

    def _by_a_person(self, plan: ExercisePlan) -> ExerciseResult:
        written = next((self._cells.text[name] for name in plan.cells if name in self._cells.text), plan.stub)
        if written.strip() == plan.stub.strip():
            return _result(plan, "not attempted")
        return _result(plan, "manual", ("A person grades this.",))


def _where_to_answer(plan: ExercisePlan) -> str:
    assert plan.check
    named = f"define `{plan.check.arguments[0]}` in a cell of your own" if plan.check.arguments else "add it"
    return (
        f"The notebook has no cell for this exercise. Answer it in the lesson's own cell, whose id is "
        f"`{plan.cells[-1]}`, or {named}."
    )


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
