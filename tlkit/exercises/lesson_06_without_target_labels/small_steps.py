"""Gradual self-training: to a far target in small steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from tlkit.adaptation import gradual_guesses
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_06_without_target_labels.shown import REACHES
from tlkit.exercises.trials import draws, mixed

__all__ = ["SMALL_STEPS"]


def _turned(num_rows: int, angle: float, names: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds on opposite sides of the origin, turned by an angle in degrees, with their classes."""
    sides = rng.permutation(np.arange(num_rows) % 2)
    turn = np.deg2rad(angle)
    centre = 5 * np.array([np.cos(turn), np.sin(turn)])
    return (2 * sides - 1)[:, None] * centre + rng.normal(0, 0.9, (num_rows, 2)), names[sides]


def _walk(walk: Callable, angles: list[float], rng: np.random.Generator, why: str) -> None:
    """Expect right guesses for the last stage of a walk through these angles."""
    names = rng.permutation(rng.choice(30, 2, replace=False))
    start = float(rng.uniform(0, 360))
    source, labels = _turned(int(rng.integers(70, 100)), start, names, rng)
    stages = [_turned(int(rng.integers(70, 100)), start + angle, names, rng) for angle in angles]
    truth = stages[-1][1]
    with threadpool_limits(1):
        received = held(walk(source.copy(), labels.copy(), [points.copy() for points, _ in stages]))
    array = np.asarray(received if isinstance(received, list | tuple | np.ndarray) else [])
    require(
        array.shape == truth.shape,
        f"Return one class for each of the {len(truth)} rows of the last stage. Received shape {array.shape}.",
    )
    share = float(np.mean(array == truth))
    require(
        share > 0.97,
        f"{len(angles)} stages, the last one turned by {angles[-1]:.0f} degrees: {share:.0%} of its rows were guessed "
        f"right, and all can be. {why}",
    )


def _steps(to: float, rng: np.random.Generator) -> list[float]:
    return np.linspace(0, to, int(np.ceil(to / rng.uniform(9, 13))) + 1)[1:].tolist()


def reaches_a_far_target(walk):
    """It reaches a target that is turned by more than a right angle."""
    for rng in draws(2):
        for to in mixed([float(rng.uniform(120, 170)), float(rng.uniform(190, 240))], rng):
            why = "Classify each stage, and learn anew from these guesses *alone* before the next stage."
            _walk(walk, _steps(to, rng), rng, why)


def a_short_walk_is_short(walk):
    """It works where there are one, two or three stages."""
    for rng in draws(2):
        for number in mixed([1, 2, 3], rng):
            why = "The last stage is guessed by what was learned from the stage before, or from the source."
            _walk(walk, [12.0 * (step + 1) for step in range(number)], rng, why)


def both_ways(walk):
    """It goes either way round, and back to where it came from."""
    for rng in draws(2):
        there = _steps(float(rng.uniform(130, 160)), rng)
        for angles in mixed([[-angle for angle in there], there + there[-2::-1] + [0.0]], rng):
            why = "Go through the stages in the order in which they are given."
            _walk(walk, angles, rng, why)


def reconciles_the_steps(reached, prediction):
    """Your prediction is compared with your own walk."""
    fine = isinstance(reached, dict) and set(reached) == {"all at once", "in steps"}
    require(fine, "`reached` must hold the accuracies 'all at once' and 'in steps', seed by seed, as measured.")
    told = ", ".join(f"{name}: {np.mean(runs):.0%}" for name, runs in reached.items())
    return f"You predicted {prediction!r}. Measured here: {told}."


SMALL_STEPS = Exercise(
    id="6.8",
    title="To a far target in small steps",
    points=3,
    prediction=one_of(*REACHES),
    given={"reached": lambda rng: {name: rng.uniform(0.4, 1, 5).tolist() for name in ("all at once", "in steps")}},
    kit_has=(gradual_guesses,),
    hints=(
        "Each stage is close to the one before it. What can a classifier of stage 3 be taught with?",
        "A loop over the stages: guess the stage with the present classifier, then fit a new one to these guesses.",
        "`guesses = labels, points = source`; for each stage: `probe = linear_probe(points, guesses)`; "
        "`points, guesses = stage, probe.predict(stage)`; at the end, return the guesses.",
    ),
    properties=(reaches_a_far_target, a_short_walk_is_short, both_ways, reconciles_the_steps),
)
