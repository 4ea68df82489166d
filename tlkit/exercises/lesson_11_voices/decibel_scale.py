"""Decibels below the loudest cell: the logarithm that makes quiet sounds visible."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.audio import decibels
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.trials import draws, mixed

__all__ = ["DECIBELS"]


def _truth(power: np.ndarray, span: float) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.maximum(10 * np.log10(power / power.max()), -span)


def _draw(rng: np.random.Generator, *, zeros: bool = False) -> np.ndarray:
    """Powers over many orders of magnitude, in a unit that is not known."""
    shape = int(rng.integers(3, 8)), int(rng.integers(3, 8))
    power = 10 ** rng.uniform(-7, 3) * 10 ** rng.uniform(-6, 0, shape)
    power[rng.random(shape) < (0.3 if zeros else 0)] = 0
    power[0, 0] = power.max() or 1.0
    return rng.permuted(power.ravel()).reshape(shape)


def _slips(power: np.ndarray, span: float) -> list[tuple[np.ndarray, str]]:
    ratio = power / power.max()
    with np.errstate(divide="ignore", invalid="ignore"):
        straight, natural, absolute = 10 * np.log10(ratio), np.log(ratio), 10 * np.log10(power)
        of_each = [10 * np.log10(power / power.max(axis=axis, keepdims=True)) for axis in (0, 1)]
    return [
        (np.maximum(2 * straight, -span), "20 belongs to amplitudes; a power takes 10 times the logarithm to base 10."),
        (np.maximum(natural, -span), "Decibels are 10 times the logarithm to *base 10*."),
        (np.maximum(10 * natural, -span), "Decibels are 10 times the logarithm to *base 10*."),
        (np.maximum(absolute, -span), "Decibels are relative to the loudest cell, which is 0 dB."),
        (np.maximum(absolute, absolute.max() - span), "Decibels are relative to the loudest cell, which is 0 dB."),
        (_truth(power, span) + span, "You added the span: the loudest cell is 0 dB, and the quietest -span."),
        (
            10 * np.log10(ratio + 10 ** (-span / 10)),
            "You added the end of the span to each ratio; take the *larger* of the two, so that loud cells stay.",
        ),
        (np.maximum(straight, span), "The end of the span lies *below* 0 dB, at -span."),
        *(
            (np.maximum(each, -span), f"Divide by the largest of *all* cells, not of each {line}.")
            for line, each in zip(("column", "row"), of_each, strict=True)
        ),
        (-_truth(power, span), "Quieter cells have negative decibels."),
        (
            np.where(np.isfinite(straight), straight, -span),
            "What lies more than `span` below the loudest is set to -span.",
        ),
        (straight, "What lies more than `span` below the loudest is set to -span."),
    ]


def _expect(decibels: Callable, power: np.ndarray, span: float, why: str) -> None:
    truth = _truth(power, span)
    received = numbers_of(
        decibels(power.copy(), span), power.shape, f"Return one value for each of {power.shape} cells."
    )
    of_nothing = f"A value is not finite. {why if (power == 0).any() else ''} Is a 0 in a logarithm?"
    known = (said for wrong, said in _slips(power, span) if np.allclose(received, wrong, atol=1e-6, equal_nan=True))
    found = next(known, why if np.isfinite(received).all() else of_nothing)
    place = np.unravel_index(abs(received - truth).argmax(), truth.shape)
    told = f"A power of {power[place]:.3g}, where the largest is {power.max():.3g}, is {truth[place]:.2f} dB"
    require(
        close(received, truth, atol=1e-4), f"{told} over a span of {span:g}. Received: {received[place]:.2f}. {found}"
    )


def tenfold_power_is_ten_decibels(decibels):
    """Ten times the power is 10 dB more, and the loudest cell is 0 dB."""
    for rng in draws(4):
        _expect(decibels, _draw(rng), float(rng.uniform(70, 90)), "`10 * np.log10(power / power.max())`.")


def the_span_cuts_off_what_is_quiet(decibels):
    """Nothing is quieter than the span allows."""
    for rng in draws(3):
        for span in mixed([12.0, 25.0, 40.0], rng):
            _expect(decibels, _draw(rng), span * float(rng.uniform(0.8, 1.2)), "`np.maximum(..., -span)`.")


def silence_is_the_end_of_the_span(decibels):
    """A power of 0 becomes minus the span, not minus infinity."""
    for rng in draws(4):
        for span in mixed([rng.uniform(30, 60), rng.uniform(70, 90)], rng):  # the draw covers 60 dB
            _expect(decibels, _draw(rng, zeros=True), float(span), "A power of 0 is the end of the span.")


def the_unit_does_not_count(decibels):
    """A louder recording of the same sound gives the same decibels."""
    for rng in draws(2):
        power, span = _draw(rng), float(rng.uniform(30, 90))
        for factor in mixed([1e-12, 1.0, 1e9], rng):
            _expect(decibels, factor * power, span, "Divide by the largest power; add no constant, it has a unit, too.")


DECIBELS = Exercise(
    id="11.3",
    title="Decibels",
    points=2,
    kit_has=(decibels,),
    hints=(
        "What is the ratio of each power to the largest one?",
        "`10 * np.log10(ratio)`; of 0 it would be minus infinity, so raise the ratio to `10 ** (-span / 10)` first.",
        "`10 * np.log10(np.maximum(power / power.max(), 10 ** (-span / 10)))`.",
    ),
    properties=(
        tenfold_power_is_ten_decibels,
        the_span_cuts_off_what_is_quiet,
        silence_is_the_end_of_the_span,
        the_unit_does_not_count,
    ),
)
