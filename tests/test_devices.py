"""What runs where, and the stopwatch."""

import re
import subprocess
import sys
import types

import pytest

from tlkit.devices import (
    DeviceRecord,
    Devices,
    benchmark,
    benchmark_in_turns,
    describe,
    describe_devices,
    list_records,
    measure_device,
    num_cores,
    save_record,
)
from tlkit.devices.__main__ import main


class Clock:
    """A clock that advances by the next of `steps` at each second call."""

    def __init__(self, *steps: float) -> None:
        self.steps, self.now, self.running = list(steps), 0.0, False

    def __call__(self) -> float:
        self.now += self.steps.pop(0) if self.running else 0.0
        self.running = not self.running
        return self.now


@pytest.mark.parametrize(
    ("steps", "options", "expected"),
    [
        ((9, 1, 3, 2), {"repeats": 3}, (2, 1, 3, 9)),
        ((9, 8, 1, 3), {"repeats": 2, "warmup": 2}, (2, 1, 3, 9)),
        ((5,), {"repeats": 1, "warmup": 0}, (5, 5, 5, None)),
        ((100, 1, 1, 1, 1, 50), {}, (1, 1, 50, 100)),
    ],
)
def test_benchmark_takes_the_median_without_the_warmup(steps, options, expected):
    result = benchmark(lambda: None, clock=Clock(*steps), **options)
    assert (result.median, result.fastest, result.slowest, result.first) == expected
    assert result.num_calls == options.get("repeats", 5)
    assert f"{expected[0] * 1000:.3g} ms (median of" in str(result)


def test_benchmark_waits_for_the_device():
    class Tensor:
        fetched = 0

        def numpy(self):
            Tensor.fetched += 1

    benchmark(Tensor, repeats=2)
    assert Tensor.fetched == 3
    benchmark(lambda: {"loss": [Tensor(), (Tensor(),)]}, repeats=1, warmup=0)
    assert Tensor.fetched == 5


def test_benchmark_waits_for_jax():
    waited = []
    result = types.SimpleNamespace(block_until_ready=lambda: waited.append(1), numpy=pytest.fail)
    benchmark(lambda: result, repeats=1, warmup=0)
    assert waited == [1]


def test_turns_alternate_and_are_told_apart():
    calls = []
    fns = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    times = benchmark_in_turns(fns, repeats=2, clock=Clock(9, 8, 1, 10, 3, 30))
    assert calls == ["a", "b"] * 3
    assert (times["a"].first, times["a"].median) == (9, 2)
    assert (times["b"].first, times["b"].median) == (8, 20)


@pytest.mark.parametrize("options", [{"repeats": 0}, {"warmup": -1}])
def test_benchmark_refuses(options):
    with pytest.raises(ValueError, match="`repeats` must be at least 1 and `warmup` at least 0"):
        benchmark(lambda: None, **options)


@pytest.mark.parametrize(
    ("platform", "visible", "driver", "cuda", "expected"),
    [
        ("linux", None, False, True, "no NVIDIA GPU with a working driver"),
        ("linux", None, True, True, r"pip install 'tlkit\[gpu\]'"),
        ("linux", None, True, False, "CPU build"),
        ("linux", "-1", True, True, "CUDA_VISIBLE_DEVICES hides them"),
        ("darwin", None, False, False, "no GPU build for macOS"),
        ("win32", None, True, False, "WSL 2"),
    ],
)
def test_reason_for_no_gpu(monkeypatch, platform, visible, driver, cuda, expected):
    monkeypatch.setattr(describe.sys, "platform", platform)
    monkeypatch.setattr(describe, "_driver_sees_gpu", lambda: driver)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert re.search(expected, describe._why_no_gpu(built_with_cuda=cuda))


def test_description_agrees_with_tensorflow():
    import tensorflow as tf

    found = describe_devices()
    assert bool(found.gpus) == bool(tf.config.list_physical_devices("GPU")) == (not found.why_no_gpu)
    assert found.num_cores == num_cores() >= 1
    assert found.dtype_policy == "float32"


def test_description_in_words():
    text = str(Devices(2, (), "no driver", "float32", False))
    assert text.splitlines()[:2] == ["Cores: 2", "GPU: none: no driver"]
    assert "H200" in str(Devices(2, ("H200",), "", "float32", True))


@pytest.mark.parametrize(
    ("listed", "returncode", "expected"),
    [("NVIDIA H200\nNVIDIA H200\n", 0, ("NVIDIA H200",) * 2), ("", 0, ()), ("no driver", 9, ())],
)
def test_names_from_the_driver(monkeypatch, listed, returncode, expected):
    monkeypatch.setattr(describe.shutil, "which", lambda name: name)
    done = subprocess.CompletedProcess([], returncode, listed)
    monkeypatch.setattr(describe.subprocess, "run", lambda *args, **kwargs: done)
    assert describe.gpus_of_driver() == expected


SPLIT = """
from tlkit.devices import replica_devices, split_cpu
import sys
assert "tensorflow" not in sys.modules
print(split_cpu(2), split_cpu(2), split_cpu(3), replica_devices())
import tensorflow as tf
with tf.device("CPU:1"):
    print(tf.ones(2).device[-5:])
"""


@pytest.mark.slow
def test_processor_is_split_and_a_late_call_breaks_nothing():
    done = subprocess.run([sys.executable, "-c", SPLIT], capture_output=True, text=True, check=True)
    two = str(["CPU:0", "CPU:1"])
    assert done.stdout.splitlines() == [f"{two} {two} {two} {two}", "CPU:1"]


def test_split_refuses_no_device():
    from tlkit.devices import split_cpu

    with pytest.raises(ValueError, match=r"`count` must be at least 1\. Received: 0"):
        split_cpu(0)


def tiny_model():
    import keras

    layers = [keras.Input((64, 64, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, dtype="float32")]
    return keras.Sequential(layers, name="tiny")


@pytest.mark.slow
def test_record_is_measured_kept_and_found_again(tmp_path, monkeypatch):
    import keras

    monkeypatch.setenv("TLKIT_HOME", str(tmp_path))
    assert list_records() == []
    policies = ("float32", "mixed_bfloat16")
    record = measure_device(policies=policies, batch_sizes=(2, 3), repeats=2, make_model=tiny_model)
    assert keras.config.dtype_policy().name == "float32"
    assert [(row["policy"], row["batch_size"]) for row in record.rows] == [(p, b) for p in policies for b in (2, 3)]
    assert all(row["first_seconds"] > 0 and row["step_seconds"] > 0 and row["num_calls"] == 2 for row in record.rows)
    assert f"keras {keras.__version__}" in record.backend
    assert "training of tiny, 40 parameters" in str(record)
    first, second = save_record(record), save_record(record)
    assert first != second
    (first.parent / "broken.json").write_text('{"rows": [{}]}')
    assert list_records() == [record, record]


def test_table_of_a_record():
    row = {"policy": "float32", "jit_compile": True, "batch_size": 64, "step_seconds": 0.5, "first_seconds": 3.0}
    text = str(DeviceRecord("Linux", "a GPU", "jax 0", "2026-01-31", "tiny", (row,)))
    assert text.splitlines()[0] == "a GPU; jax 0; Linux; 2026-01-31"
    assert re.search(r"float32, XLA\s+batch   64:\s+128 images per second; first step 3 s", text)


def test_command_records(tmp_path, monkeypatch, capsys):
    record = DeviceRecord("Linux", "a GPU", "jax 0", "2026-01-31", "tiny", ())
    asked = {}
    monkeypatch.setattr(
        sys.modules[main.__module__], "measure_device", lambda **options: asked.update(options) or record
    )
    assert main(["--record", "--policies", "float32", "--batch-sizes", "8", "--out", str(tmp_path)]) == 0
    assert asked == {"policies": ["float32"], "batch_sizes": [8], "jit_compile": False}
    assert list_records(tmp_path) == [record]
    assert "kept in" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--record", "--batch-sizes", "0"])
    assert "must be at least 1. Received: [0]" in capsys.readouterr().err
