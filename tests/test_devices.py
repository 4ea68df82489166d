"""What runs where, and the stopwatch."""

import re

import pytest

from tlkit import devices
from tlkit.devices import Devices, benchmark, describe_devices, num_cores


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
    monkeypatch.setattr(devices.sys, "platform", platform)
    monkeypatch.setattr(devices, "_driver_sees_gpu", lambda: driver)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert re.search(expected, devices._why_no_gpu(built_with_cuda=cuda))


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
