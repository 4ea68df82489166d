"""What one submission may use of the machine."""

import os
from dataclasses import dataclass

__all__ = ["ONE_THREAD", "Limits", "patience"]

ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}  # for a process's start: each core has its own one
_MOST_PATIENCE = 10.0


def patience() -> float:
    """Return how much longer things take now than on an idle machine, in [1, 10]: the load of each core.

    Times by the clock are multiplied by it, or a busy grader would call honest answers slow.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return min(max(load / (os.cpu_count() or 1), 1.0), _MOST_PATIENCE)


@dataclass(frozen=True)
class Limits:
    """Limits of one submission.

    Attributes:
        cpu_seconds: Of all its threads together, for one start of its process.
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
