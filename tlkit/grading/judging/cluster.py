"""Grade on several machines, through a Dask scheduler that is already running.

Dask may lose workers, and a scheduler may go away: what did not come back is then done on this machine, so that no
submission is lost. Only a few jobs travel at a time, which bounds the memory on both sides.

Whoever reaches a Dask scheduler can run code on its workers: keep it in a network of your own, or use `tls://`
([Dask's page on it](https://distributed.dask.org/en/stable/tls.html)). A learner's code cannot reach it: the sandbox
has no network.
"""

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tlkit import __version__
from tlkit.grading.find import Submission
from tlkit.grading.judging.batch import Batch, Grader
from tlkit.grading.keep import SubmissionResult

__all__ = ["ClusterBatch", "fan_out"]

Job = TypeVar("Job")
Done = TypeVar("Done")
_CONNECT_S = 15.0
_LOOK_S = 0.05
_FLYING_A_THREAD = 2


@dataclass(frozen=True)
class ClusterBatch:
    """Grades as `Batch` does, with the same outcome, on the workers of a Dask scheduler.

    Attributes:
        address: The address of the scheduler.
        batch: How a submission is graded; `jobs` does not count, because each thread of a worker grades one at a time.
    """

    address: str
    batch: Batch

    def grade(self, submissions: Iterable[Submission]) -> Iterator[SubmissionResult]:
        """Grade submissions; yield each result as soon as it is there, in any order."""
        jobs = list(submissions)
        try:
            for _, text in fan_out(self.address, _grade_there, jobs, pack=lambda submission: (self.batch, submission)):
                yield SubmissionResult.from_json(text)
        finally:
            close_graders()


_of_thread = threading.local()


def _grade_there(job: tuple[Batch, Submission]) -> str:
    """Grade a submission on the machine where this is called; return its result as JSON."""
    batch, submission = job
    graders = _of_thread.__dict__.setdefault("graders", {})
    if batch not in graders:
        graders[batch] = Grader(batch)
    result = graders[batch].grade(submission, threading.Event())
    assert result, "nobody stops it"
    return result.to_json()


def close_graders() -> None:
    """End the grading processes that this thread started."""
    for grader in _of_thread.__dict__.pop("graders", {}).values():
        grader.close()


def fan_out(
    address: str,
    work: Callable[[Any], Done],
    jobs: Sequence[Job],
    *,
    pack: Callable[[Job], Any] = lambda job: job,
    patience: float = 60.0,
) -> Iterator[tuple[Job, Done]]:
    """Yield each job with what `work(pack(job))` returned on some worker, as they come, each exactly once.

    Args:
        address: The address of the scheduler, such as `"tcp://10.0.0.5:8786"` or `"tls://..."`.
        work: A function that workers can import. It may run twice for a job whose worker was lost.
        jobs: What to do.
        pack: Turns a job into what travels; called when the job's turn comes.
        patience: Seconds to wait while no worker does anything.

    Raises:
        ValueError: If Dask is missing, nobody answers at `address`, or a worker has another version of the kit.
        Exception: What `work` raises for a job on this machine, where a job that failed elsewhere is tried again.
    """
    dask = _dask()
    left = dict(enumerate(jobs))
    with _client(dask, address) as client:
        _require_same_kit(client)
        for index, done in _from_workers(client, _Queue(work, left, pack), patience):
            yield left.pop(index), done
    for job in list(left.values()):
        yield job, work(pack(job))


class _Queue:
    """What is still to be sent, by number."""

    def __init__(self, work: Callable, jobs: dict[int, Any], pack: Callable):
        self.waiting, self._work, self._jobs, self._pack = deque(jobs), work, jobs, pack
        self._name = f"tlkit-{uuid.uuid4().hex}"

    def submit(self, client: Any) -> tuple[Any, int]:
        index = self.waiting.popleft()
        key = f"{self._name}-{index}"
        return client.submit(self._work, self._pack(self._jobs[index]), key=key, pure=False), index


def _from_workers(client: Any, queue: _Queue, patience: float) -> Iterator[tuple[int, Any]]:
    """Yield number and outcome of each job that workers finish; end when no job is left or the cluster is gone."""
    flying: dict[Any, int] = {}
    alive = time.monotonic()
    while queue.waiting or flying:
        threads, busy = _look(client)
        alive = time.monotonic() if busy else alive
        if client.status != "running" or time.monotonic() - alive > patience:
            return
        while queue.waiting and len(flying) < _FLYING_A_THREAD * threads:
            future, index = queue.submit(client)
            flying[future] = index
        for future in [future for future in flying if future.done()] or _pause():
            index = flying.pop(future)
            alive = time.monotonic()
            try:
                done = future.result(timeout=patience)  # a result can vanish with its worker before it is fetched
            except Exception:  # of the work, or on the way back: the job is tried again here
                continue
            yield index, done


def _pause() -> tuple[()]:
    time.sleep(_LOOK_S)
    return ()


def _look(client: Any) -> tuple[int, bool]:
    """Return the threads of all workers together, and whether any works: one that retires counts, but takes no job."""
    try:
        return sum(client.nthreads().values()), any(client.processing().values())
    except OSError:  # a TimeoutError is one
        return 0, False


def _dask() -> Any:
    try:
        import distributed
    except ImportError as error:
        msg = '`--scheduler` needs Dask. Install it with `pip install "tlkit[cluster]"`, here and on the workers.'
        raise ValueError(msg) from error
    return distributed


def _client(dask: Any, address: str) -> Any:
    try:
        dask.comm.registry.get_backend(
            dask.comm.parse_address(address)[0]
        )  # an unknown kind of address is refused at once
        return dask.Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        msg = (
            f"`scheduler` must be the address of a running Dask scheduler, such as tcp://10.0.0.5:8786. Received: "
            f"{address!r}, where nobody answered ({error}). Start one with `dask scheduler`, and on each machine "
            "`dask worker ADDRESS --nworkers -1 --nthreads 1`."
        )
        raise ValueError(msg) from error


def _require_same_kit(client: Any) -> None:
    """Refuse workers that would grade differently, or not at all."""
    found = client.run(_kit_there)
    for worker, (version, advice) in found.items():
        if version != __version__:
            msg = (
                f"All machines need the same tlkit, or grades would differ. Here: {__version__}; on {worker}: "
                f"{version}. Install tlkit=={__version__} there."
            )
            raise ValueError(msg)
        if advice:
            msg = f"The worker {worker} cannot grade. {advice}"
            raise ValueError(msg)


def _kit_there() -> tuple[str, str]:
    import tlkit
    from tlkit.grading.sandbox.advice import sandbox_advice

    return tlkit.__version__, sandbox_advice()
