"""A pytest plugin for `tests.parity`: Keras' `fit` is the kit's."""

import os
import sys

import pytest
from keras.src.backend.tensorflow.trainer import TensorFlowTrainer

from tlkit import speed
from tlkit.speed import gears

_PLAIN = TensorFlowTrainer.fit
_busy: list = []
GEARS: dict[str, int] = {}


def _kit(model, *arguments, **options):
    """The kit's `fit`, of which the plain `fit` within is Keras' own."""
    if model in _busy:
        return _PLAIN(model, *arguments, **options)
    _busy.append(model)
    try:
        history = speed.fit(model, *arguments, **options)
    finally:
        _busy.remove(model)
    gear = getattr(history, "gear", "none")
    GEARS[gear] = GEARS.get(gear, 0) + 1
    return history


def _kept_if_it_can(model, split_for):
    """The kept gear also where nothing is frozen, so that its batches and steps are put through the tests, too."""
    choice = gears.choose(model, split_for)
    can = choice.gear == gears.QUICK or (choice.split is not None and choice.split.prefix is None)
    return gears.Choice(gears.KEPT, "asked for", choice.split) if can and model.trainable_variables else choice


if os.environ.get("TLKIT_PARITY") in ("kit", "kept"):
    TensorFlowTrainer.fit = _kit
if os.environ.get("TLKIT_PARITY") == "kept":
    sys.modules["tlkit.speed.training"].choose = _kept_if_it_can


def skip_if_backend(name: str, reason: str):
    """What Keras' own conftest offers to its tests."""
    return pytest.mark.skipif(name == "tensorflow", reason=reason)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """Which gears the tests went through."""
    terminalreporter.write_line(f"gears: {GEARS}")
