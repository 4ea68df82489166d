"""Six ways to set up a fine-tuning, and what moves in each: asked of the Keras that is installed, not of a book."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np

from tlkit.checks.toys import deep_classifier, quiet_tracing, tiny_batch
from tlkit.freezing import AuditReport, audit

__all__ = ["CONFIGURATIONS", "MOVES", "kind_of_moves", "true_moves"]

CONFIGURATIONS = {
    "A": "nothing is frozen; compile",
    "B": "backbone.trainable = False; compile",
    "C": "backbone called with training=False and unfrozen; compile",
    "D": "as C, but each BatchNorm trainable = False; compile",
    "E": "as B, fit, then backbone.trainable = True; no compile",
    "F": "compile, then backbone.trainable = False; no compile, and no fit before",
}
MOVES = ("head only", "all but statistics", "everything")


def kind_of_moves(report: AuditReport) -> str:
    """Return which of `MOVES` an audit found."""
    if report.num_bn_moved:
        return "everything"
    moved = [change for change in report.changes if change.moved and change.layer != "head"]
    return "all but statistics" if moved else "head only"


@functools.cache
@quiet_tracing()
def true_moves() -> dict[str, str]:
    """Return what moves in each configuration of a small network, measured once: it depends on Keras alone."""
    rng = np.random.default_rng(0)
    batch = tiny_batch(rng)
    return {letter: kind_of_moves(audit(_set_up(make, rng, batch), batch)) for letter, make in _STEPS.items()}


def _set_up(make: Callable, rng: np.random.Generator, batch: tuple) -> keras.Model:
    model = deep_classifier(rng, kind="nested", depth=2)
    make(model, model.get_layer("tiny"), batch)
    return model


def _compile(model: keras.Model) -> None:
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _all(model, backbone, batch) -> None:
    _compile(model)


def _frozen(model, backbone, batch) -> None:
    backbone.trainable = False
    _compile(model)


def _batchnorm_frozen(model, backbone, batch) -> None:
    for layer in backbone.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    _compile(model)


def _unheard(model, backbone, batch) -> None:
    _frozen(model, backbone, batch)
    model.fit(*batch, verbose=0)
    backbone.trainable = True


def _late(model, backbone, batch) -> None:
    _compile(model)
    backbone.trainable = False


# The toy's backbone is always called with training=False: in C it changes nothing, which is the point of C.
_STEPS = {"A": _all, "B": _frozen, "C": _all, "D": _batchnorm_frozen, "E": _unheard, "F": _late}
