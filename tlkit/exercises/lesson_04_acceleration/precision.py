"""Training with sixteen bits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of, one_number
from tlkit.exercises.lesson_04_acceleration.measured import draw_numbers, measured_numbers
from tlkit.exercises.lesson_04_acceleration.shown import SPEEDS
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["SIXTEEN_BITS"]


def _unscaled(unscale: Callable, half: np.ndarray, scale: float) -> tuple[np.ndarray | None, float]:
    received = unscale(half, scale)
    pair = isinstance(received, (tuple, list)) and len(received) == 2
    require(pair, f"Return two things: the gradients (or `None`), and the next scale. Received {in_words(received)}.")
    gradients, next_scale = received
    if gradients is None:
        return None, one_number(next_scale, "for the next scale")
    count = f"{len(half)} gradients need as many back, in one array."
    dtype = getattr(gradients, "dtype", None)
    numbers_of(gradients, half.shape, count)
    require(dtype == np.float32, f"The optimizer's weights are float32, and so are their gradients. Received {dtype}.")
    return np.asarray(gradients, "float64"), one_number(next_scale, "for the next scale")


def _expect_gradients(unscale: Callable, low: float, high: float, scale: float, message: str) -> None:
    """Draw gradients between two sizes, of either sign."""
    rng = hidden_rng()
    count = int(rng.integers(5, 40))
    true = rng.choice([-1, 1], count) * 10 ** rng.uniform(math.log10(low), math.log10(high), count)
    received, next_scale = _unscaled(unscale, (true * scale).astype("float16"), scale)
    require(received is not None, "Every gradient was finite, but the step was skipped.")
    times = np.median(received / true) if received is not None else 0.0
    slips = [(scale, f"They are {scale:g} times too long: divide by `scale`.")]
    require(close(received, true, rtol=2e-3, atol=0), slip(round(float(times)), slips, message))
    require(next_scale == scale, f"All were finite at scale {scale:g}, but the next scale was {next_scale:g}. Keep it.")


def divides_by_the_scale(unscale):
    """The optimizer gets the gradients of the loss, not of the scaled loss."""
    for rng in draws(3):
        message = "Gradients between 0.01 and 30 came back with the wrong size: divide by `scale`, and change no more."
        _expect_gradients(unscale, 0.01, 30, float(2 ** int(rng.integers(6, 12))), message)


def small_gradients_survive(unscale):
    """Gradients that float16 alone would lose survive."""
    for rng in draws(3):
        message = (
            "Gradients of about 1e-8 were 0 or coarse after the division: they fit into float16 only while scaled. "
            "Convert to float32 first, then divide."
        )
        _expect_gradients(unscale, 1e-8, 2e-8, float(2 ** int(rng.integers(15, 18))), message)


def an_overflow_is_skipped(unscale):
    """A step with an overflow is skipped, and the scale is halved."""
    rng = hidden_rng()
    for bad in mixed([np.inf, -np.inf, np.nan], rng):
        scale = float(2 ** int(rng.integers(9, 14)))
        half = rng.permutation([*rng.normal(size=rng.integers(1, 30)), bad]).astype("float16")
        received, next_scale = _unscaled(unscale, half, scale)
        told = f"One scaled gradient was {bad}: too large for float16, so the true value is lost."
        require(
            received is None,
            f"{told} Return `None` in place of all gradients: clipping or replacing it would invent a direction.",
        )
        halved = f"{told} Return `None` and half the scale, {scale / 2:g}. Received {next_scale:g}."
        require(next_scale == scale / 2, halved)


def a_good_step_keeps_the_scale(unscale):
    """A step without overflow keeps the scale, even at the largest number of float16."""
    for rng in draws(3):
        scale, largest = float(2 ** int(rng.integers(5, 12))), float(rng.choice([-65504, 65504]))
        half = rng.permutation([0.5, -2.0, largest]).astype("float16")
        received, next_scale = _unscaled(unscale, half, scale)
        taken = received is not None and close(received, half.astype(float) / scale, rtol=1e-3)
        require(taken, f"{largest:g} is the largest number of float16, and finite: this step counts like any other.")
        finite = f"All gradients were finite at scale {scale:g}, but the next scale was {next_scale:g}. Keep it."
        require(next_scale == scale, finite)


def reconciles_the_bits(bits, prediction):
    """You predicted first."""
    single, half = measured_numbers(bits, ("float32", "mixed_float16"), "bits", "seconds per step, by precision")
    ratio = half / single
    measured = SPEEDS[0] if ratio < 0.8 else SPEEDS[1] if ratio <= 1.25 else SPEEDS[2]
    return f"You predicted {prediction!r}. Measured here: a float16 step took {ratio:.1f} times as long, {measured!r}."


SIXTEEN_BITS = Exercise(
    id="4.4",
    title="Sixteen bits",
    points=2,
    prediction=one_of(*SPEEDS),
    given={"bits": draw_numbers("float32", "mixed_float16", "mixed_bfloat16")},
    hints=(
        "There are two cases: all numbers are finite, or at least one is not. `np.isfinite(...).all()` tells which.",
        "What does float16 do with 1e-8? So which comes first, the division or `astype('float32')`?",
        "If not all are finite, `return None, scale / 2`; otherwise, `return half.astype('float32') / scale, scale`.",
    ),
    properties=(
        divides_by_the_scale,
        small_gradients_survive,
        an_overflow_is_skipped,
        a_good_step_keeps_the_scale,
        reconciles_the_bits,
    ),
)
