"""Runs of detectors that a lesson has no time for, as `datasets/recipes/measure_detection.py` has kept them."""

from __future__ import annotations

import json

import numpy as np

from tlkit.backbones.embedded_weights import weights_dir

__all__ = ["recorded_runs"]


def recorded_runs() -> dict[str, dict[str, np.ndarray]]:
    """Return what was measured for each way, `(num_seeds,)` each, at the learning rate with most runs.

    Returns:
        For each way, as `"frozen, 40 scenes"`: `"named"` and `"any name"`, average precision at an overlap of 0.5;
        `"any name, loose"`, that at 0.1; `"share named"`, of the found truths; and `"seconds"` of CPU.

    Example:
        >>> recorded_runs()["frozen, 40 scenes"]["named"].shape
        (5,)
    """
    told = json.loads((weights_dir() / "detection.measured.json").read_text("utf-8"))["runs"]
    best: dict[str, list[dict]] = {way: max(rates.values(), key=len) for way, rates in told.items()}
    return {way: {name: np.array([run[name] for run in runs]) for name in runs[0]} for way, runs in best.items()}
