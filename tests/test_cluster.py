"""Grading through Dask, on a cluster of this machine: everything comes back, once, whatever is lost meanwhile."""

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.needs import NEEDS_SANDBOX
from tlkit.grading.find import read_submissions
from tlkit.grading.judging import cluster
from tlkit.grading.judging.batch import Batch
from tlkit.grading.judging.cluster import ClusterBatch, fan_out
from tlkit.grading.keep import SubmissionResult
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

distributed = pytest.importorskip("distributed", reason="needs Dask: pip install tlkit[cluster]")
pytestmark = pytest.mark.slow


def _cluster(num_workers: int = 2):
    """Worker processes on loopback."""
    return distributed.LocalCluster(
        n_workers=num_workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    )


@pytest.fixture(scope="module")
def local():
    """For tests that leave it as it was."""
    with _cluster() as running:
        yield running


@pytest.fixture
def fragile():
    """For tests that lose workers."""
    with _cluster() as running:
        yield running


def _workers(local) -> list[int]:
    return [worker.pid for worker in local.workers.values()]


def test_everything_comes_back_once_from_all_workers(local):
    def work(number):
        return number**2, os.getpid()

    found = list(fan_out(local.scheduler_address, work, range(40)))
    assert sorted((job, done[0]) for job, done in found) == [(number, number**2) for number in range(40)]
    assert {done[1] for _, done in found} == set(_workers(local))


def test_only_a_few_jobs_travel_at_a_time(local):
    packed = []

    def pack(job):
        packed.append(job)
        return job

    for num_back, _ in enumerate(fan_out(local.scheduler_address, lambda job: job, range(30), pack=pack)):
        assert len(packed) <= num_back + 1 + 2 * 2 * cluster._FLYING_A_THREAD
    assert packed == list(range(30))


def test_a_lost_worker_loses_nothing(fragile, tmp_path):
    def work(job):
        time.sleep(0.3)
        with Path(job[1], f"{job[0]}-{os.getpid()}-{time.time_ns()}").open("x"):
            return job[0]

    jobs, victim = [(number, str(tmp_path)) for number in range(16)], _workers(fragile)[0]
    found = []
    for job, done in fan_out(fragile.scheduler_address, work, jobs, patience=20.0):
        if not found:
            os.kill(victim, signal.SIGKILL)
        found.append((job[0], done))
    assert sorted(found) == [(number, number) for number in range(16)]
    by_whom = Counter(path.name.split("-")[1] for path in tmp_path.iterdir())
    assert by_whom[str(victim)] < 16 / 2 + 1


def test_a_job_that_kills_every_worker_is_done_here(fragile):
    here = os.getpid()

    def work(job):
        if job == 3 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return job, os.getpid()

    found = dict(fan_out(fragile.scheduler_address, work, range(6), patience=3.0))
    assert sorted(found) == list(range(6))
    assert found[3] == (3, here)


def test_without_any_worker_the_rest_is_done_here(fragile):
    here = os.getpid()

    def work(job):
        time.sleep(0.2)
        return os.getpid()

    found = {}
    for job, done in fan_out(fragile.scheduler_address, work, range(12), patience=1.0):
        found[job] = done
        if len(found) == 1:
            fragile.scale(0)
    assert sorted(found) == list(range(12))
    assert here in found.values()


def test_without_scheduler_the_rest_is_done_here(fragile):
    here, found = os.getpid(), {}

    def work(job):
        time.sleep(0.2)
        return os.getpid()

    for job, done in fan_out(fragile.scheduler_address, work, range(12), patience=1.0):
        found[job] = done
        if len(found) == 1:
            closing = threading.Thread(target=fragile.close, daemon=True)
            closing.start()
    closing.join(60)
    assert sorted(found) == list(range(12))
    assert here in found.values()


def test_an_error_is_tried_here_and_then_raised(local):
    def work(job):
        if job == 2:
            msg = f"no such job: {job}"
            raise KeyError(msg)
        return job

    found = []
    with pytest.raises(KeyError, match="no such job"):
        found.extend(fan_out(local.scheduler_address, work, range(5)))
    assert sorted(job for job, _ in found) in ([], [0, 1, 3, 4])


def test_other_version_on_a_worker(local, monkeypatch):
    monkeypatch.setattr(cluster, "__version__", "9.9.9")
    with pytest.raises(ValueError, match=r"Here: 9\.9\.9; on tcp://127"):
        list(fan_out(local.scheduler_address, lambda job: job, [1]))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "http://127.0.0.1:1"])
def test_nobody_there(address, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_S", 1.0)
    with pytest.raises(ValueError, match=r"`scheduler` must be the address.*dask worker ADDRESS"):
        list(fan_out(address, lambda job: job, [1]))


def test_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r'pip install "tlkit\[cluster\]"'):
        list(fan_out("tcp://127.0.0.1:1", lambda job: job, [1]))


@NEEDS_SANDBOX
def test_grades_are_those_of_one_machine(tmp_path):
    _, notebook = read_source(notebooks_dir() / "src" / "01_feature_extraction.py")
    for cell in notebook["cells"]:
        if cell["id"] == "exercise-1-1":
            cell["source"] = (
                "def trainable_share(model):\n    return len(model.trainable_weights) / len(model.weights)\n"
            )
    (tmp_path / "ada_01_feature_extraction.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "bob_01_feature_extraction.ipynb").write_text("no notebook")
    (tmp_path / "zoe_01_feature_extraction.ipynb").symlink_to(tmp_path / "ada_01_feature_extraction.ipynb")
    found = read_submissions([tmp_path])
    batch = Batch(b"secret", jobs=1)
    with _cluster(1) as one_worker:
        graded = list(ClusterBatch(one_worker.scheduler_address, batch).grade(found))
    there = {one.learner: _without_times(one) for one in graded}
    assert there == {one.learner: _without_times(one) for one in batch.grade(found)}
    assert {learner: one.status for learner, one in there.items()} == {
        "ada": "graded",
        "bob": "refused",
        "zoe": "refused",
    }
    assert there["ada"].exercises[0].status in ("wrong", "partial")
    assert there["ada"].exercises[0].messages


def _without_times(result: SubmissionResult) -> SubmissionResult:
    return replace(result, seconds=0.0, cpu_seconds=0.0)
