"""How far the features drift."""

from __future__ import annotations

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_02_fine_tuning.shown import DRIFTS, NUM_SEEDS
from tlkit.exercises.trials import draws, mixed
from tlkit.measure import paired_interval
from tlkit.tuning import linear_cka

__all__ = ["HEAD_FIRST"]


def _alike(similarity, a: np.ndarray, b: np.ndarray) -> float:
    return one_number(similarity(a, b))


def ignores_turn_and_size(similarity):
    """Rotated or scaled features are the same features, and others are not."""
    for rng in draws(4):
        width = int(rng.integers(4, 8))
        a = rng.normal(size=(40, width)) + 3.0
        turn = np.linalg.qr(rng.normal(size=(width, width)))[0]
        for what, b in (("themselves", a), ("rotated ones", a @ turn), ("ones 7 times as large", 7 * a)):
            received = _alike(similarity, a, b)
            require(close(received, 1), f"Features compared with {what} must give 1. Received {received:.3f}.")
        received = _alike(similarity, a, rng.normal(size=a.shape))
        require(
            received < 0.9,
            f"Features compared with unrelated ones must give much less than 1. Received {received:.3f}.",
        )


def ignores_the_mean(similarity):
    """A constant added to a feature changes nothing."""
    for rng in draws(2):
        a, b = rng.normal(size=(60, 5)), rng.normal(size=(60, 5))
        truth = linear_cka(a, b)
        for lift in mixed((0, 50, -20), rng):
            received = _alike(similarity, a, b + lift)
            require(
                close(received, truth, rtol=1e-4),
                f"Two unrelated tables of features, with {lift} added to one of them, gave {received:.3f}, not "
                f"{truth:.3f}. Subtract each column's mean first.",
            )


def agrees_with_the_definition(similarity):
    """It agrees with an independent implementation, even where the widths differ."""
    for rng in draws(2):
        size, width = int(rng.integers(30, 60)), int(rng.integers(5, 9))
        a = rng.normal(size=(size, width))
        for b in (rng.normal(size=(size, 4)), np.hstack([a[:, :3], 2 * rng.normal(size=(size, 2))])):
            truth = linear_cka(a, b)
            received = _alike(similarity, a, b)
            require(
                close(received, truth),
                f"{size} images with {width} and {b.shape[1]} features gave {received:.3f}; by the formula, it is "
                f"{truth:.3f}.",
            )


def reconciles_the_drift(similarity, drifted, prediction):
    """Your prediction is compared with your own runs, five seeds each."""
    start, joint, first = (np.asarray(drifted[name]) for name in ("before", "joint", "head first"))
    require(len(joint) == len(first) == 5, f"Five runs each are compared. Received {len(joint)} and {len(first)}.")
    drift = [[1 - _alike(similarity, start, run) for run in runs] for runs in (joint, first)]
    gap = paired_interval(*drift, percent=False)
    found = {"positive": "joint", "negative": "head first"}.get(gap.verdict, "no difference")
    means = f"{np.mean(drift[0]):.2f} jointly and {np.mean(drift[1]):.2f} with the head first"
    return f"You predicted {prediction!r}. Measured here: mean drift {means}, difference {gap}; that is {found!r}."


def _draw_drifted(rng: np.random.Generator) -> dict[str, object]:
    """Features `(num_images, num_features)` before, and after five runs each: jointly they drift further."""
    before = rng.normal(size=(50, 6))
    runs = {"joint": 0.8, "head first": 0.2}
    drifted = {name: list(before + size * rng.normal(size=(NUM_SEEDS, 50, 6))) for name, size in runs.items()}
    return {"before": before, **drifted}


HEAD_FIRST = Exercise(
    id="2.8",
    title="Head first",
    points=3,
    prediction=one_of(*DRIFTS),
    given={"drifted": _draw_drifted},
    kit_has=(linear_cka,),
    hints=(
        "Subtract each column's mean. Then compare the two tables by their matrix product.",
        "Sizes are Frobenius norms: `np.linalg.norm(a.T @ b)` is one number.",
        "With both centred: `np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))`.",
    ),
    properties=(
        ignores_turn_and_size,
        ignores_the_mean,
        agrees_with_the_definition,
        reconciles_the_drift,
    ),
)
