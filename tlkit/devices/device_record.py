"""A measured record of a device: training steps of one network, by precision and batch size, on any Keras backend.

`python -m tlkit.devices --record` makes one and keeps it in the folder of the learner's progress, where lesson 4 finds
it. Set `KERAS_BACKEND` first to measure another backend: Keras is imported by the functions, not by this module.
"""

import itertools
import json
import platform
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlkit.devices.describe import gpus_of_driver, num_cores
from tlkit.devices.stopwatch import benchmark
from tlkit.paths import home_dir

__all__ = ["DeviceRecord", "list_records", "measure_device", "save_record"]

POLICIES = ("float32", "mixed_float16", "mixed_bfloat16")
_SIDE, _NUM_CLASSES = 64, 10


@dataclass(frozen=True)
class DeviceRecord:
    """What was measured, on what, with what, when.

    Attributes:
        machine: Operating system, kind of processor, number of cores.
        device: Names of the GPUs that were used, or the processor.
        backend: Keras' backend with its version, such as `"tensorflow 2.21.0"`.
        date: Day, ISO 8601, UTC.
        network: What was trained, on what.
        rows: One dictionary per measurement: `policy`, `jit_compile`, `batch_size`, `first_seconds` (the first step,
            which traces and compiles), `step_seconds` (median of the later ones), `num_calls`.
    """

    machine: str
    device: str
    backend: str
    date: str
    network: str
    rows: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        """Return the record as a table of images per second."""
        lines = [f"{self.device}; {self.backend}; {self.machine}; {self.date}", self.network]
        for row in self.rows:
            rate = row["batch_size"] / row["step_seconds"]
            compiled = ", XLA" if row["jit_compile"] else ""
            lines.append(
                f"{row['policy'] + compiled:20} batch {row['batch_size']:4}: {rate:10,.0f} images per second; "
                f"first step {row['first_seconds']:.2g} s"
            )
        return "\n".join(lines)


def measure_device(
    *,
    policies: Iterable[str] = POLICIES,
    batch_sizes: Iterable[int] = (32, 256),
    jit_compile: bool = False,
    repeats: int = 10,
    make_model: Callable[[], Any] | None = None,
) -> DeviceRecord:
    """Train on random images, and time the steps.

    Args:
        policies: Names of Keras' dtype policies.
        batch_sizes: Images per step.
        jit_compile: Whether to compile with XLA, as JAX always does. On a CPU that can take minutes.
        repeats: Timed steps, at least 1.
        make_model: Returns a model from `(batch, 64, 64, 3)` in [0, 255] to logits of 10 classes, not compiled; by
            default MobileNetV3-Small with random weights.

    Returns:
        The record. Keras' policy is afterwards what it was.
    """
    import keras

    make_model, rows, network, before = make_model or _mobilenet, [], "", keras.config.dtype_policy()
    jit_compile = jit_compile or keras.backend.backend() == "jax"  # without it, JAX would run step by step
    try:
        for policy in policies:
            keras.config.set_dtype_policy(policy)
            model = make_model()
            network = f"training of {model.name}, {model.count_params():,} parameters, {_SIDE} x {_SIDE} pixels"
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            for batch_size in batch_sizes:
                model.compile("adam", loss, jit_compile=jit_compile)
                about = {"policy": policy, "jit_compile": jit_compile, "batch_size": batch_size}
                rows.append(about | _time_steps(model, batch_size, repeats))
    finally:
        keras.config.set_dtype_policy(before)
    return DeviceRecord(_machine(), _device(keras), _backend(keras), _today(), network, tuple(rows))


def _time_steps(model: Any, batch_size: int, repeats: int) -> dict[str, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (batch_size, _SIDE, _SIDE, 3)).astype("float32")
    labels = rng.integers(0, _NUM_CLASSES, batch_size)
    # `train_on_batch` returns numbers, so it has waited for the device.
    times = benchmark(lambda: model.train_on_batch(images, labels), repeats=repeats)
    return {"first_seconds": times.first, "step_seconds": times.median, "num_calls": times.num_calls}


def _mobilenet() -> Any:
    import keras

    base = keras.applications.MobileNetV3Small((_SIDE, _SIDE, 3), weights=None, include_top=False, pooling="avg")
    logits = keras.layers.Dense(_NUM_CLASSES, dtype="float32")(base.output)
    return keras.Model(base.inputs, logits, name="MobileNetV3-Small")


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {num_cores()} cores"


def _device(keras: Any) -> str:
    uses_gpu = any("gpu" in name or "cuda" in name for name in map(str.lower, keras.distribution.list_devices()))
    return (", ".join(gpus_of_driver()) or "GPU") if uses_gpu else _processor()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _backend(keras: Any) -> str:
    name = keras.backend.backend()
    return f"{name} {__import__(name).__version__}, keras {keras.__version__}"


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def save_record(record: DeviceRecord, folder: Path | None = None) -> Path:
    """Write a record as JSON under a free name, and return its path.

    Args:
        record: The record from `measure_device`.
        folder: Made if missing; by default `devices` beside the learner's progress.
    """
    folder = folder or _folder()
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        path = folder / f"{record.date}-{number}.json"
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            json.dump(asdict(record), file, indent=1)
            return path
    raise AssertionError


def list_records(folder: Path | None = None) -> list[DeviceRecord]:
    """Return the records in a folder (default: where `save_record` puts them), oldest first; other files are left out.

    A record that somebody else measured is shown too, if its file is put there.
    """
    records = (_read(path) for path in sorted((folder or _folder()).glob("*.json")))
    return [record for record in records if record]


def _folder() -> Path:
    return home_dir() / "devices"


def _read(path: Path) -> DeviceRecord | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        record = DeviceRecord(**(data | {"rows": tuple(data["rows"])}))
        str(record)  # a row without its numbers fails here, not in a notebook
    except (OSError, ValueError, TypeError, KeyError, ZeroDivisionError):
        return None
    return record
