"""When compiling has paid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number, whole_number
from tlkit.exercises.lesson_04_acceleration.measured import draw_numbers, measured_numbers
from tlkit.exercises.lesson_04_acceleration.shown import XLA_CHOICES
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["BREAK_EVEN"]

TICK = 1 / 128  # seconds are multiples of it, so that differences and products are exact


def _expect_steps(break_even: Callable, compiling: float, plain: float, compiled: float) -> None:
    """Expect the first step after which compiling has paid, or `None`."""
    received, gain = break_even(compiling, plain, compiled), plain - compiled
    told = f"{compiling:g} s to compile, then {compiled:g} s a step against {plain:g} s: "
    if gain <= 0:
        never = f"{told}it never pays. Received {in_words(received)}. Return `None`: no number of steps pays for it."
        require(received is None, never)
        return
    truth = int(-(-compiling // gain))
    require(received is not None, f"{told}{truth} steps. Received `None`, but a small gain pays, too, if later.")
    steps = whole_number(received, "of steps")
    slips = [
        (compiling // gain, "Then it has not quite paid yet: round up."),
        (truth + 1, "It has paid one step before: where the numbers divide evenly, no further step is needed."),
        (-(-compiling // plain), "Divide by what a step gains, the difference of the two, not by what it takes."),
        (-(-compiling // compiled), "Divide by what a step gains, the difference of the two, not by what it takes."),
    ]
    require(steps == truth, f"{told}{truth} steps. Received {steps}. {slip(steps, slips)}")


def _times(rng: np.random.Generator) -> tuple[float, float]:
    """Seconds of a compiled step, and what it gains over a plain one."""
    return TICK * int(rng.integers(1, 60)), TICK * int(rng.integers(1, 60))


def the_gain_of_a_step_pays(break_even):
    """What a step gains pays for compiling."""
    for rng in draws(4):
        compiled, gain = _times(rng)
        _expect_steps(break_even, int(rng.integers(10, 900)) * gain, compiled + gain, compiled)


def rounds_up_to_a_step(break_even):
    """After part of a step it has not paid yet."""
    for rng in draws(4):
        compiled, gain = _times(rng)
        part = gain * float(rng.choice([0.125, 0.5, 0.875]))
        _expect_steps(break_even, int(rng.integers(10, 900)) * gain + part, compiled + gain, compiled)


def never_is_an_answer(break_even):
    """Where a compiled step gains nothing, it never pays; where it gains little, it pays late."""
    for rng in draws(2):
        compiled, gain = _times(rng)
        late = int(rng.integers(2000, 90_000)) * gain
        for plain in mixed([compiled, compiled - compiled / 2, compiled + gain], rng):
            _expect_steps(break_even, late, plain, compiled)


def reconciles_xla(break_even, xla, prediction):
    """You predicted first."""
    compiling, plain, compiled = measured_numbers(xla, ("compile", "plain", "compiled"), "xla", "seconds, as measured")
    steps = break_even(compiling, plain, compiled)
    measured = XLA_CHOICES[2] if steps is None else XLA_CHOICES[int(one_number(steps, "of steps") > 1000)]
    return f"You predicted {prediction!r}. Measured here: {measured!r}."


BREAK_EVEN = Exercise(
    id="4.5",
    title="When has compiling paid off?",
    points=2,
    prediction=one_of(*XLA_CHOICES),
    given={"xla": draw_numbers("compile", "plain", "compiled")},
    hints=(
        "Compiling is a debt. What does each later step pay back?",
        "A step pays back `plain - compiled`. Is that always positive? Is the number of steps always whole?",
        "`gain = plain - compiled`; `None` if `gain <= 0`, otherwise `math.ceil(compile_seconds / gain)`.",
    ),
    properties=(
        the_gain_of_a_step_pays,
        rounds_up_to_a_step,
        never_is_an_answer,
        reconciles_xla,
    ),
)
