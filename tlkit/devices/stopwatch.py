"""A fair stopwatch: it separates the warm-up, waits for the device, takes the median of the rest, and takes turns."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Benchmark", "benchmark", "benchmark_in_turns"]


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


def benchmark(
    fn: Callable[[], Any], *, repeats: int = 5, warmup: int = 1, clock: Callable[[], float] = time.perf_counter
) -> Benchmark:
    """Time a function: the warm-up separately, since a first call traces and compiles, then the median of the rest.

    The clock stops only when results on a device are ready: a GPU computes while Python goes on.

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
    return benchmark_in_turns({"": fn}, repeats=repeats, warmup=warmup, clock=clock)[""]


def benchmark_in_turns(
    fns: Mapping[str, Callable[[], Any]],
    *,
    repeats: int = 5,
    warmup: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Benchmark]:
    """Time functions in turns, so that a slow minute of the machine affects all of them equally.

    Args:
        fns: The functions, by name.
        repeats: Rounds that are timed, at least 1.
        warmup: Rounds before these, at least 0.
        clock: Returns seconds.

    Returns:
        A `Benchmark` for each name.

    Raises:
        ValueError: If `repeats` or `warmup` is too small.

    Example:
    >>> times = benchmark_in_turns({"list": lambda: sum([1] * 9), "range": lambda: sum(range(9))}, repeats=3)
    >>> sorted(times)
    ['list', 'range']
    """
    if repeats < 1 or warmup < 0:
        msg = f"`repeats` must be at least 1 and `warmup` at least 0. Received: repeats={repeats}, warmup={warmup}."
        raise ValueError(msg)
    rounds = [{name: _time_once(fn, clock) for name, fn in fns.items()} for _ in range(warmup + repeats)]
    return {name: _summary([times[name] for times in rounds], warmup) for name in fns}


def _summary(times: list[float], warmup: int) -> Benchmark:
    timed = times[warmup:]
    first = times[0] if warmup else None
    return Benchmark(statistics.median(timed), min(timed), max(timed), first, len(timed))


def _time_once(fn: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    _wait_for(fn())
    return clock() - start


def _wait_for(result: Any) -> None:
    """TensorFlow and PyTorch wait when a tensor is fetched, JAX when it is asked to."""
    if isinstance(result, (list, tuple)):
        for part in result:
            _wait_for(part)
    elif isinstance(result, Mapping):
        _wait_for(list(result.values()))
    elif hasattr(result, "block_until_ready"):
        result.block_until_ready()
    elif hasattr(result, "numpy"):
        result.numpy()
