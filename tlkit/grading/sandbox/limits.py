"""How much of the machine one submission may use."""

import os
from dataclasses import dataclass

__all__ = ["LONGEST_S", "MOST_DATA_OUTSIDE", "ONE_THREAD", "Limits", "patience", "time_for"]

ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}  # for a process's start: each core has one of its own
_MOST_PATIENCE = 10.0
LONGEST_S = 240.0  # for a submission, by the clock, whatever the load; a longer limit can only be asked for
MOST_DATA_OUTSIDE = 1536 << 20  # bytes of a grading process beside its libraries, which take 0.3 GB


def patience() -> float:
    """Return how much longer things take now than on an idle machine, in [1, 10]: the load of each core.

    Times by the clock are multiplied by it, or a busy grader would call honest answers slow.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return min(max(load / (os.cpu_count() or 1), 1.0), _MOST_PATIENCE)


def time_for(seconds: float) -> float:
    """Return how long a submission may take now, given the seconds that it may take on an idle machine.

    It is stretched by `patience`, but never beyond `LONGEST_S`, so that one submission cannot hold up a class.
    """
    return min(seconds * patience(), max(seconds, LONGEST_S))


@dataclass(frozen=True)
class Limits:
    """Limits of one submission.

    Attributes:
        cpu_seconds: CPU seconds of all its threads together, for one start of its process.
        memory_mb: Address space. TensorFlow itself reserves about 3 GB without using it.
        disk_mb: Size of its private `/tmp`, which is memory too.
        file_mb: Largest file.
        threads: Threads; it may start no process.
        open_files: Files open at once.
    """

    cpu_seconds: int = 120
    memory_mb: int = 6144
    disk_mb: int = 64
    file_mb: int = 32
    threads: int = 256
    open_files: int = 256
