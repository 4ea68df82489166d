"""The program of one grading process, asked and answering in lines of JSON: `python -m tlkit.grading.judging.serve`.

The batch starts one for each core. A grading process that hangs or dies takes down one submission and not the batch.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys

from tlkit.grading.sandbox.limits import MOST_DATA_OUTSIDE, ONE_THREAD

__all__ = ["main"]

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def main(options: dict) -> None:
    """Answer each line of standard input, a submission, with a line, its result, until the input ends."""
    _join_family()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the batch, which ends this process
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what Keras prints is not an answer
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", **ONE_THREAD}

    from tlkit.grading.find import Submission
    from tlkit.grading.judging.judge import Judge
    from tlkit.grading.sandbox.run import NoSandbox

    _limit_memory()
    with Judge(**options) as judge:
        fault = judge.sandbox_fault()
        print(json.dumps({"no_sandbox": fault} if fault else {"ready": True}), file=answers, flush=True)
        for line in sys.stdin:
            task = json.loads(line)
            submission = Submission(**task["submission"])
            try:
                reply = {"result": judge.grade(submission, bytes.fromhex(task["secret"])).to_json()}
            except NoSandbox as error:
                reply = {"no_sandbox": str(error)}
            except Exception as error:
                reply = {"failed": f"{type(error).__name__}: {error}"}
            print(json.dumps(reply), file=answers, flush=True)
    _wait_for_all()


def _join_family() -> None:
    """Ask the kernel to end this process when the batch is killed, and to hand it the orphans below it.

    Bubblewrap ends a moment before its own child does. In a container nobody else may ever wait for that one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _limit_memory() -> None:
    """Let an allocation fail before this process harms the machine; the worker in the sandbox has limits of its own."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_DATA_OUTSIDE, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _wait_for_all() -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
    os._exit(0)  # the sandbox has ended; TensorFlow would take a second to clear up
