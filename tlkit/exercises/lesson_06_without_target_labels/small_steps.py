"""Gradual self-training: to a far target in small steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from tlkit.adaptation import gradual_guesses
from tlkit.checks.exercise import CheckFailed, Exercise, require
from tlkit.checks.held import held
from tlkit.checks.prediction import one_of
from tlkit.checks.received import mean_shares
from tlkit.counts import count
from tlkit.exercises.lesson_06_without_target_labels.shown import REACHES
from tlkit.exercises.trials import draws, mixed

__all__ = ["SMALL_STEPS"]


Tables = Sequence[np.ndarray]
STEP_BY_STEP = (
    "Go from stage to stage, in the order in which they are given: classify one, and learn anew from these guesses "
    "*alone* before the next one."
)
CURVED = (
    "A boundary that is too curved guesses badly where nothing was learned, and the errors add up. A straight line is "
    "enough here, as that of `linear_probe`."
)


def _turned(num_rows: int, angle: float, names: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds on opposite sides of the origin, turned by an angle in degrees, with their classes."""
    sides = rng.permutation(np.arange(num_rows) % 2)
    turn = np.deg2rad(angle)
    centre = 5 * np.array([np.cos(turn), np.sin(turn)])
    return (2 * sides - 1)[:, None] * centre + rng.normal(0, 0.9, (num_rows, 2)), names[sides]


def _guesses(walk: Callable, source: np.ndarray, labels: np.ndarray, stages: list[np.ndarray]) -> np.ndarray:
    try:
        with threadpool_limits(1):
            received = held(walk(source.copy(), labels.copy(), [points.copy() for points in stages]))
    except ValueError as error:
        require("class" not in str(error), f"At one stage, all guesses became one class: `{error}`. {CURVED}")
        raise
    array = np.asarray(received if isinstance(received, list | tuple | np.ndarray) else [])
    rows = len(stages[-1])
    require(
        array.shape == (rows,),
        f"Return one class for each of the {rows} rows of the last stage. Received shape {array.shape}.",
    )
    names = np.unique(labels)
    known = np.isin(array, names).all()
    require(known, f"Return classes as `labels` names them, {names[0]} and {names[1]}. Received: {array[:3].tolist()}.")
    return array


def _walk(walk: Callable, angles: list[float], rng: np.random.Generator) -> None:
    """Expect right guesses for the last stage of a walk through these angles."""
    names = rng.permutation(rng.choice(30, 2, replace=False))
    start = float(rng.uniform(0, 360))
    source, labels = _turned(int(rng.integers(70, 100)), start, names, rng)
    stages = [_turned(int(rng.integers(70, 100)), start + angle, names, rng) for angle in angles]
    guesses = partial(_guesses, walk, source, labels)
    tables, truths = zip(*stages, strict=True)
    received = guesses(list(tables))
    share = float(np.mean(received == truths[-1]))
    if share <= 0.97:
        msg = (
            f"{count(len(angles), 'stage')}, the last one turned by {angles[-1]:.0f} degrees: {share:.0%} of its rows "
            f"were guessed right, and all can be. {_told(guesses, received, tables, truths, rng)}"
        )
        raise CheckFailed(msg)


def _told(guesses: Callable, received: np.ndarray, tables: Tables, truths: Tables, rng: np.random.Generator) -> str:
    """What a walk that has lost its way misunderstands, as other walks of the same answer show."""
    half = list(tables[: max(2, len(tables) // 2)])
    if len(half) > 1 and (guesses(half) == guesses(half[-1:])).all():
        return f"Without the stages in between, your guesses would be the same. {STEP_BY_STEP}"
    soon = list(tables[:3])
    if 0.3 < np.mean(guesses(soon) == truths[len(soon) - 1]) < 0.9:
        return f"After {count(len(soon), 'stage')} it is off already. {CURVED}"
    if len(tables) > 3 and (guesses([*mixed(tables[:-1], rng), tables[-1]]) == received).all():
        return (
            f"In another order, the stages give the same guesses, as if all were learned from at once. {STEP_BY_STEP}"
        )
    return STEP_BY_STEP


def _steps(to: float, rng: np.random.Generator) -> list[float]:
    return np.linspace(0, to, int(np.ceil(to / rng.uniform(9, 13))) + 1)[1:].tolist()


def reaches_a_far_target(walk):
    """It reaches a target that is turned by more than a right angle."""
    for rng in draws(2):
        for to in mixed([float(rng.uniform(120, 170)), float(rng.uniform(190, 240))], rng):
            _walk(walk, _steps(to, rng), rng)


def a_short_walk_is_short(walk):
    """It works where there are one, two or three stages."""
    for rng in draws(2):
        for number in mixed([1, 2, 3], rng):
            _walk(walk, [12.0 * (step + 1) for step in range(number)], rng)


def both_ways(walk):
    """It goes either way round, and back to where it came from."""
    for rng in draws(2):
        there = _steps(float(rng.uniform(130, 160)), rng)
        for angles in mixed([[-angle for angle in there], there + there[-2::-1] + [0.0]], rng):
            _walk(walk, angles, rng)


def reconciles_the_steps(reached, prediction):
    """Your prediction is compared with your own walk."""
    fine = isinstance(reached, dict) and set(reached) == {"all at once", "in steps"}
    require(fine, "`reached` must hold the accuracies 'all at once' and 'in steps', seed by seed, as measured.")
    told = ", ".join(f"{name}: {mean:.0%}" for name, mean in mean_shares(reached, "reached").items())
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
