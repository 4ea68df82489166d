"""A low-rank change of a kernel, merged into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_10_words.shown import LORA
from tlkit.exercises.trials import draws, mixed

__all__ = ["MERGED"]

Case = tuple[np.ndarray, np.ndarray, np.ndarray, float]


def _draw(rng: np.random.Generator, rank: int | None = None) -> Case:
    """A kernel that is not square, both factors, and alpha, which is not the rank."""
    wide, narrow = rng.choice(np.arange(5, 12), 2, replace=False).tolist()
    rank = int(rng.integers(2, 5)) if rank is None else rank
    alpha = float(rank * rng.choice([0.5, 2.0, 4.0]))
    return rng.normal(size=(wide, narrow)), rng.normal(size=(wide, rank)), rng.normal(size=(rank, narrow)), alpha


def _truth(kernel: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    """What Keras' own layer with LoRA gives for each unit vector."""
    layer: Any = keras.layers.Dense(kernel.shape[1], use_bias=False, dtype="float64")
    layer.build((None, len(kernel)))
    layer.kernel.assign(kernel)
    layer.enable_lora(a.shape[1], lora_alpha=alpha)
    layer.lora_kernel_a.assign(a)
    layer.lora_kernel_b.assign(b)
    return np.asarray(layer(np.eye(len(kernel))))


def _slips(kernel: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> list[tuple[np.ndarray, str]]:
    rank, change = a.shape[1], a @ b
    scale = alpha / rank
    return [
        (kernel + change, "The change is multiplied by `alpha / rank`."),
        (kernel + alpha * change, "Divide by the rank: the change is multiplied by `alpha / rank`."),
        (kernel + change / scale, "It is `alpha / rank`, not `rank / alpha`."),
        (kernel + rank * alpha * change, "Divide by the rank, in place of multiplying by it."),
        (scale * change, "This is the change alone: the kernel stays, and the change is added to it."),
        (kernel - scale * change, "The change is added, not subtracted."),
        (scale * (kernel + change), "Only the change is scaled, not the kernel."),
        (kernel + scale * a.sum(axis=1)[:, None] * b.sum(axis=0), "Multiply the factors as matrices: `a @ b`."),
        (kernel.copy(), "This is the kernel without its change."),
        ((kernel + scale * change).T, "Keras keeps a kernel as (inputs, outputs)."),
        (kernel + alpha / len(kernel) * change, "The rank is the number of columns of `a`, not of its rows."),
    ]


def _expect(merged: Callable, case: Case, why: str) -> None:
    kernel, a, b, alpha = case
    truth, slips = _truth(*case), _slips(*case)
    answer = merged(kernel.copy(), a.copy(), b.copy(), alpha)
    shape = np.shape(answer) if np.shape(answer) == kernel.T.shape else kernel.shape
    message = f"Return a kernel like the given one, {kernel.shape}."
    received = numbers_of(answer, shape, message)
    if close(received, truth, rtol=1e-4, atol=1e-5):
        return
    fits = (text for value, text in slips if close(received, value, rtol=1e-4, atol=1e-5))
    told = (
        f"A kernel of {kernel.shape} with a change of rank {a.shape[1]} and alpha {alpha:g}: the answer does not give"
    )
    require(False, f"{told} what Keras' layer gives. {next(fits, why)}")


def equals_the_layer(merged):
    """A plain layer with the merged kernel gives what the layer with LoRA gave."""
    for rng in draws(6):
        _expect(merged, _draw(rng), "`kernel + alpha / rank * a @ b`.")


def any_rank(merged):
    """It holds for a rank of 1 and for larger ones."""
    for rng in draws(3):
        for rank in mixed([1, 3, 5], rng):
            _expect(merged, _draw(rng, rank), "The rank is the number of columns of `a`.")


def at_first_nothing_has_changed(merged):
    """Where the second factor is still zero, as at the beginning, the kernel is as it was."""
    for rng in draws(3):
        kernel, a, b, alpha = _draw(rng)
        _expect(merged, (kernel, a, 0 * b, alpha), "With a zero factor, there is no change.")
        _expect(merged, (0 * kernel, a, b, alpha), "With a zero kernel, the change is all there is.")


def reconciles_the_share(lora_share, prediction):
    """Your prediction is compared with Keras' own count."""
    fine = isinstance(lora_share, float) and 0 < lora_share < 1
    require(fine, "`lora_share` must be the share of parameters that learn, as counted.")
    return f"You predicted {prediction!r}. Of the encoder's parameters, {lora_share:.1%} learn with LoRA of rank 4."


MERGED = Exercise(
    id="10.8",
    title="LoRA, merged",
    points=2,
    prediction=one_of(*LORA),
    given={"lora_share": lambda rng: float(rng.uniform(0.02, 0.06))},
    hints=(
        "The change of the kernel is `a @ b`, a matrix of the kernel's shape whose rank is that of the factors.",
        "It is scaled by `alpha / rank`; the rank is `a.shape[1]`.",
        "`kernel + alpha / a.shape[1] * (a @ b)`.",
    ),
    properties=(equals_the_layer, any_rank, at_first_nothing_has_changed, reconciles_the_share),
)
