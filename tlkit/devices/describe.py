"""What runs where: CPU cores, GPUs or why there are none, precision, XLA.

TensorFlow is imported by the functions that need it, not by this module.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tlkit.quiet import quiet_import

__all__ = ["Devices", "describe_devices", "gpus_of_driver", "num_cores"]


@dataclass(frozen=True)
class Devices:
    """What TensorFlow can compute on.

    Attributes:
        num_cores: Processor cores that this process may use.
        gpus: Names of the GPUs that TensorFlow sees.
        why_no_gpu: Empty if there is one; otherwise the reason, and a fix if there is one.
        dtype_policy: Keras' default precision, such as `"float32"` or `"mixed_bfloat16"`.
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
    return bool(gpus_of_driver())


def gpus_of_driver() -> tuple[str, ...]:
    """Return the names of the GPUs that NVIDIA's driver sees, whichever library will use them."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        listed = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(listed.stdout.strip().splitlines()) if listed.returncode == 0 else ()
