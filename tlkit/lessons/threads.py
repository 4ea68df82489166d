"""How many threads a lesson's networks compute with."""

__all__ = ["KERNEL_THREADS", "SAID"]

# For the environment of a kernel, below what the user has set. Lessons train small networks on images of 64 pixels:
# to share out one operation among threads costs more than it gains (`python -m tests.benchmarks.threads`). Operations
# that do not wait for each other still run side by side.
KERNEL_THREADS = {"TF_NUM_INTRAOP_THREADS": "1"}

SAID = (
    "Each operation of TensorFlow runs on one thread, which is faster for small networks, such as those of the "
    "lessons. For large ones, start with TF_NUM_INTRAOP_THREADS=0: as many threads as there are cores."
)
