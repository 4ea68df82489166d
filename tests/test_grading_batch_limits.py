"""One limit for a submission, as the page for instructors states it, and one for the memory of a grading process."""

import json
import re
import subprocess
import sys

import pytest

from tlkit.grading.judging import batch
from tlkit.grading.sandbox import limits
from tlkit.paths import package_root


@pytest.mark.parametrize("load", [0.0, 3.0, 1000.0])
def test_no_load_stretches_a_submission_beyond_the_limit(monkeypatch, load):
    monkeypatch.setattr(limits.os, "getloadavg", lambda: (load, load, load))
    assert limits.time_for(20.0) <= limits.LONGEST_S
    assert limits.time_for(limits.LONGEST_S) == limits.LONGEST_S
    assert limits.time_for(600.0) == 600.0  # who asks for more, gets it
    assert limits.time_for(batch.Batch(b"").submission_seconds) + batch._GRACE_S < 5 * 60


def test_the_page_for_instructors_states_it():
    page = (package_root() / "docs" / "instructors.md").read_text(encoding="utf-8")
    assert re.search(rf"one limit for a submission: four times `--timeout`, {limits.LONGEST_S / 60:.0f} minutes", page)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts this memory")
def test_a_grading_process_cannot_take_more_memory_than_that():
    code = (
        "from tlkit.grading.judging.serve import _limit_memory; _limit_memory()\n"
        "import json, numpy\n"
        "try: numpy.ones(2 << 30, 'uint8'); print(json.dumps('taken'))\n"
        "except MemoryError: print(json.dumps('refused'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == "refused"
