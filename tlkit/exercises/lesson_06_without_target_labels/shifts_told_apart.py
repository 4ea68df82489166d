"""Three kinds of shift, told apart by what stays the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.exercises.lesson_06_without_target_labels.shown import KINDS
from tlkit.exercises.trials import draws, mixed

__all__ = ["KIND_OF_SHIFT"]

WHY = {
    "none": "Both tables are the same.",
    "covariate": "Inputs come in other shares, but what a given input means, p(class | input), stays the same.",
    "label": "Classes come in other shares, but what a given class looks like, p(input | class), stays the same.",
    "concept": "Inputs come in the same shares, but mean something else: p(class | input) has changed.",
    "several": "Neither p(class | input) nor p(input | class) stays the same, and the shares of inputs change, too.",
}
ALL_OF_THEM = " Compare all inputs and all classes, not only the first of them."


def _shares(*shape: int, rng: np.random.Generator) -> np.ndarray:
    """Positive numbers whose sum over the last axis is 1."""
    drawn = rng.uniform(0.2, 1.0, shape)
    return drawn / drawn.sum(axis=-1, keepdims=True)


def _pair(kind: str, rng: np.random.Generator, variant: int) -> tuple[np.ndarray, np.ndarray]:
    """A table of the source and one of the target, `(num_inputs, num_classes)` each, with that shift.

    Variant 1 keeps all that the first class, or the first input, says by itself.
    """
    inputs, classes = int(rng.integers(3, 6)), int(rng.integers(3 if variant == 1 else 2, 5))
    shares, others = _shares(inputs, rng=rng), _shares(inputs, rng=rng)
    meaning, another = (_shares(inputs, classes, rng=rng) for _ in range(2))
    source = shares[:, None] * meaning
    if kind == "label":
        return source, source / source.sum(axis=0) * _shares(classes, rng=rng)
    kept = int(rng.integers(inputs))  # one input keeps its meaning and, where several things change, its share
    another[kept] = meaning[kept]
    if kind == "concept" and variant == 1:
        another = _first_kept(meaning, rng)
    if kind == "several" and variant == 1:
        return source, _first_kept((source / source.sum(axis=0)).T, rng).T * _shares(classes, rng=rng)
    if kind == "several":
        return source, _several(source, shares, another, kept, rng)
    target = {
        "none": source.copy(),
        "covariate": others[:, None] * meaning,
        "concept": shares[:, None] * another,
    }
    return source, target[kind]


def _first_kept(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows whose first share is as it was, and whose others are new."""
    others = _shares(len(rows), rows.shape[1] - 1, rng=rng)
    return np.hstack([rows[:, :1], (1 - rows[:, :1]) * others])


def _several(
    source: np.ndarray, shares: np.ndarray, another: np.ndarray, kept: int, rng: np.random.Generator
) -> np.ndarray:
    """A target in which one input, or the look of one class, stays as it was, and the rest does not."""
    if rng.random() < 0.5:
        factors = rng.uniform(0.3, 2.0, source.shape)
        factors[:, rng.integers(source.shape[1])] = 1.0
        return source * factors / (source * factors).sum()
    others = rng.uniform(0.2, 1.0, len(shares))
    others[kept] = 0.0
    others *= (1 - shares[kept]) / others.sum()
    others[kept] = shares[kept]
    return others[:, None] * another


def _tell(kind_of_shift: Callable, kinds: Sequence[str], number: int) -> None:
    for variant, rng in enumerate(draws(number)):
        for kind in mixed(kinds, rng):
            source, target = _pair(kind, rng, variant)
            received = held(kind_of_shift(source.copy(), target.copy()))
            require(
                isinstance(received, str) and received in KINDS,
                f"Return one of {list(KINDS)}. Received: {in_words(received)}.",
            )
            require(
                received == kind,
                f"A shift of kind {kind!r}, {len(source)} inputs by {source.shape[1]} classes, was called "
                f"{received!r}. {WHY[kind]}{ALL_OF_THEM if variant == 1 else ''}",
            )


def inputs_are_not_classes(kind_of_shift):
    """It tells other inputs from other shares of the classes."""
    _tell(kind_of_shift, ["covariate", "label"], 5)


def a_rule_may_change(kind_of_shift):
    """It sees where the same input means something else."""
    _tell(kind_of_shift, ["concept", "covariate"], 3)


def nothing_or_several(kind_of_shift):
    """It says when nothing has changed, and when more than one thing has."""
    _tell(kind_of_shift, ["none", "several", "label"], 3)


KIND_OF_SHIFT = Exercise(
    id="6.1",
    title="Three kinds of shift",
    points=2,
    hints=(
        "From a joint table come three others: the shares of inputs, p(class | input), and p(input | class).",
        "`joint.sum(axis=1)` are the shares of inputs; `joint / joint.sum(axis=1, keepdims=True)` is p(class | input); "
        "with `axis=0` it is p(input | class).",
        "Ask in this order with `np.allclose`: the tables equal? p(class | input)? p(input | class)? the shares of "
        "inputs? If nothing stays the same: several.",
    ),
    properties=(inputs_are_not_classes, a_rule_may_change, nothing_or_several),
)
