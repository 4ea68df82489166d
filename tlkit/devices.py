"""What runs where: processors, GPUs or why there is none, precision, XLA; and a fair stopwatch.

TensorFlow is imported by the functions that need it, not by this module.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tlkit.quiet import quiet_import

__all__ = ["Benchmark", "Devices", "benchmark", "describe_devices", "num_cores"]


@dataclass(frozen=True)
class Devices:
    """What TensorFlow can compute on.

    Attributes:
        num_cores: Processor cores that this process may use.
        gpus: Names of the GPUs that TensorFlow sees.
        why_no_gpu: Empty if there is one; else the reason, and the cure if there is one.
        dtype_policy: Keras' default precision, as `"float32"` or `"mixed_bfloat16"`.
        xla_by_default: Whether Keras' `jit_compile="auto"` would compile with XLA here.
    """

    num_cores: int
    gpus: tuple[str, ...]
    why_no_gpu: str
    dtype_policy: str
    xla_by_default: bool

    def __str__(self) -> str:
        """Return the description in four lines."""
        gpu = ", ".join(self.gpus) or f"none: {self.why_no_gpu}"
        xla = "on, as there is a GPU" if self.xla_by_default else "off, as compiling costs more than it gains on a CPU"
        return f"Cores: {self.num_cores}\nGPU: {gpu}\nPrecision: {self.dtype_policy}\nXLA by default: {xla}"


@dataclass(frozen=True)
class Benchmark:
    """Times of repeated calls, in seconds.

    Attributes:
        median: Median of the timed calls.
        fastest: Their minimum.
        slowest: Their maximum.
        first: The first warm-up call, which traces and compiles; `None` without warm-up.
        num_calls: How many calls were timed.
    """

    median: float
    fastest: float
    slowest: float
    first: float | None
    num_calls: int

    def __str__(self) -> str:
        """Return the times in one line, in milliseconds."""
        first = "" if self.first is None else f", first call {self.first * 1e3:.3g} ms"
        spread = f"{self.fastest * 1e3:.3g} to {self.slowest * 1e3:.3g}"
        return f"{self.median * 1e3:.3g} ms (median of {self.num_calls}; {spread}){first}"


def num_cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe_devices() -> Devices:
    """Describe what TensorFlow can compute on. Imports TensorFlow and Keras."""
    quiet_import()
    import keras
    import tensorflow as tf

    gpus = tuple(_gpu_name(tf, device) for device in tf.config.list_physical_devices("GPU"))
    return Devices(
        num_cores=num_cores(),
        gpus=gpus,
        why_no_gpu="" if gpus else _why_no_gpu(built_with_cuda=tf.test.is_built_with_cuda()),
        dtype_policy=keras.config.dtype_policy().name,
        xla_by_default=bool(gpus),
    )


def _gpu_name(tf: Any, device: Any) -> str:
    return tf.config.experimental.get_device_details(device).get("device_name", device.name)


def _why_no_gpu(*, built_with_cuda: bool) -> str:
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "the variable CUDA_VISIBLE_DEVICES hides them; unset it to use them"
    if sys.platform == "darwin":
        return "TensorFlow has no GPU build for macOS; the lessons are made for the CPU"
    if sys.platform == "win32":
        return "TensorFlow has no GPU build for Windows; use WSL 2; the lessons are made for the CPU"
    if not _driver_sees_gpu():
        return "this machine has no NVIDIA GPU with a working driver; the lessons are made for the CPU"
    if not built_with_cuda:
        return "this TensorFlow is a CPU build"
    return "the driver works, but CUDA's libraries are missing: pip install 'tlkit[gpu]'"


def _driver_sees_gpu() -> bool:
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listed.returncode == 0 and "GPU" in listed.stdout


def benchmark(
    fn: Callable[[], Any], *, repeats: int = 5, warmup: int = 1, clock: Callable[[], float] = time.perf_counter
) -> Benchmark:
    """Time a function: the warm-up apart, since a first call traces and compiles; then the median of the rest.

    A result that has `numpy`, as a tensor, is fetched before the clock stops: a GPU computes while Python goes on.

    Args:
        fn: Called without arguments.
        repeats: Timed calls, at least 1. The median needs 3 to be worth anything.
        warmup: Calls before these, at least 0.
        clock: Returns seconds.

    Raises:
        ValueError: If `repeats` or `warmup` is too small.

    Example:

    >>> ticks = iter([0.0, 9.0, 10.0, 11.0, 20.0, 23.0, 30.0, 32.0])
    >>> benchmark(lambda: None, repeats=3, clock=lambda: next(ticks))
    Benchmark(median=2.0, fastest=1.0, slowest=3.0, first=9.0, num_calls=3)
    """
    if repeats < 1 or warmup < 0:
        msg = f"`repeats` must be at least 1 and `warmup` at least 0. Received: repeats={repeats}, warmup={warmup}."
        raise ValueError(msg)
    times = [_time_once(fn, clock) for _ in range(warmup + repeats)]
    timed = times[warmup:]
    first = times[0] if warmup else None
    return Benchmark(statistics.median(timed), min(timed), max(timed), first, repeats)


def _time_once(fn: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    result = fn()
    if hasattr(result, "numpy"):
        result.numpy()
    return clock() - start
