"""What remains when one part becomes fast, and what is gained by running it only once."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number
from tlkit.exercises.lesson_04_acceleration.measured import draw_numbers, measured_numbers
from tlkit.exercises.lesson_04_acceleration.shown import EPOCH_GAINS, ONCE_GAINS
from tlkit.exercises.trials import draws, mixed, random_names, slip

__all__ = ["NEVER_TWICE", "SPEEDUP"]


def _expect_gain(speedup: Callable, profile: dict[str, float], factors: dict[str, float], message: str) -> None:
    before, after = sum(profile.values()), sum(time / factors.get(part, 1) for part, time in profile.items())
    truth, received = before / after, one_number(speedup(profile, factors), "of times as fast")
    named, finite = sum(profile[part] for part in factors), [factor for factor in factors.values() if factor < math.inf]
    slips = [
        (after / before, "That is the part of the time that is left: divide the seconds before by those after."),
        (math.prod(finite) if finite else 0.0, "Factors are not multiplied: add the seconds that remain of each part."),
        (named / max(1e-12, after - before + named), "A part without a factor stays as it is, and counts, too."),
    ]
    told = f"The seconds {profile}, sped up by {factors}, become {truth:.6g} times as fast. Received {received:.6g}."
    require(math.isclose(received, truth, rel_tol=1e-6), f"{told} {slip(received, slips, message)}")


def _profile(rng: np.random.Generator, count: int) -> dict[str, float]:
    return {name: round(float(rng.uniform(1, 9)), 2) for name in random_names(count, rng)}


def shares_decide(speedup):
    """A part counts by its share of the time."""
    for rng in draws(3):
        profile = _profile(rng, int(rng.integers(2, 6)))
        part = str(rng.choice(list(profile)))
        message = "Add the seconds that remain of each part; a part without a factor stays as it is. Then divide."
        _expect_gain(speedup, profile, {part: int(rng.integers(2, 9))}, message)


def an_infinite_factor_is_a_limit(speedup):
    """A part that vanishes leaves the others, however little they take."""
    for rng in draws(3):
        profile = _profile(rng, int(rng.integers(2, 5)))
        most = max(profile, key=profile.__getitem__)
        scaled = {part: time * (float(rng.uniform(20, 90)) if part == most else 1) for part, time in profile.items()}
        message = f"A part that is {math.inf:g} times as fast takes 0 s; the other parts set the limit."
        _expect_gain(speedup, scaled, {most: math.inf}, message)


def a_slower_part_counts(speedup):
    """It handles two parts at once, one of which became slower, and a whole that did."""
    for rng in draws(3):
        profile = _profile(rng, int(rng.integers(3, 6)))
        first, second = list(profile)[:2]
        message = "A factor of 0.5 doubles the seconds of its part. Factors are not averaged or multiplied."
        for factors in mixed([{first: 0.5, second: 4}, {first: 0.2, second: 0.5}, {second: 1.5, first: 0.25}], rng):
            _expect_gain(speedup, profile, factors, message)


def reconciles_the_epoch(speedup, profile, prediction):
    """You predicted first."""
    parts = ("read", "frozen part", "head")
    times = dict(zip(parts, measured_numbers(profile, parts, "profile", "seconds per epoch"), strict=True))
    gain = one_number(speedup(times, {"frozen part": 50, "head": 50}), "of times as fast")
    measured = EPOCH_GAINS[0] if gain < 3 else EPOCH_GAINS[1] if gain <= 20 else EPOCH_GAINS[2]
    return f"You predicted {prediction!r}. Measured here: by your own profile, {gain:.1f} times as fast, {measured!r}."


SPEEDUP = Exercise(
    id="4.7",
    title="What remains is what counts",
    points=2,
    prediction=one_of(*EPOCH_GAINS),
    given={"profile": draw_numbers("read", "frozen part", "head")},
    hints=(
        "How many seconds does each part take before, and how many after? Add up both, then divide.",
        "A part without a factor stays as it is: `factors.get(part, 1)`.",
        "`sum(profile.values()) / sum(s / factors.get(part, 1) for part, s in profile.items())`.",
    ),
    properties=(
        shares_decide,
        an_infinite_factor_is_a_limit,
        a_slower_part_counts,
        reconciles_the_epoch,
    ),
)


def _expect_once(gain: Callable, once: float, each: float, epochs: int, message: str) -> None:
    truth = epochs * (once + each) / (once + epochs * each)
    received = one_number(gain(once, each, epochs), "of times as fast")
    slips = [
        (1 / truth, "That is the part of the time that is left: divide the seconds of the plain way by those of this."),
        ((once + each) / each, "Kept features must be computed once: this pass is on the bill, too."),
        (epochs * (once + each) / (once + each), "The rest of the network runs in every epoch, in both ways."),
    ]
    told = f"{once:g} s for the frozen part, {each:g} s for the rest, {epochs} epochs: {truth:.6g} times as fast."
    right = math.isclose(received, truth, rel_tol=1e-6)
    require(right, f"{told} Received {received:.6g}. {slip(received, slips, message)}")


def _bill(rng: np.random.Generator) -> tuple[float, float]:
    return round(float(rng.uniform(2, 9)), 2), round(float(rng.uniform(0.5, 9)), 2)


def one_epoch_gains_nothing(gain):
    """In a single epoch nothing is run twice, in two epochs something is."""
    for rng in draws(3):
        for epochs in mixed([1, 2], rng):
            _expect_once(gain, *_bill(rng), epochs, "One epoch is one pass in either way.")


def counts_the_first_pass(gain):
    """The first pass has to be paid."""
    for rng in draws(3):
        message = "Kept features must be computed once: this pass is on the bill of both ways."
        _expect_once(gain, *_bill(rng), int(rng.integers(3, 30)), message)


def has_a_limit(gain):
    """With very many epochs only the rest counts, and it counts each time."""
    for rng in draws(3):
        once, each = round(float(rng.uniform(20, 90)), 1), round(float(rng.uniform(0.5, 1.5)), 2)
        message = "The rest of the network runs in every epoch, in both ways."
        _expect_once(gain, once, each, int(10 ** rng.integers(4, 7)), message)


def reconciles_the_pass(once, prediction):
    """You predicted first."""
    names = ("fit", "kept features")
    plain, kept = measured_numbers(once, names, "once", "seconds for all epochs, as measured")
    ratio = plain / kept
    measured = ONCE_GAINS[0] if ratio < 2 else ONCE_GAINS[1] if ratio <= 10 else ONCE_GAINS[2]
    return f"You predicted {prediction!r}. Measured here: {ratio:.1f} times as fast, {measured!r}."


NEVER_TWICE = Exercise(
    id="4.8",
    title="Never run it twice",
    points=2,
    prediction=one_of(*ONCE_GAINS),
    given={"once": draw_numbers("fit", "kept features")},
    hints=(
        "Write down the seconds of both ways for three epochs by hand. What appears three times, and what only once?",
        "Plain: `epochs * (once + each)`. Kept: the frozen part once, the rest in each epoch.",
        "`epochs * (once + each) / (once + epochs * each)`.",
    ),
    properties=(
        one_epoch_gains_nothing,
        counts_the_first_pass,
        has_a_limit,
        reconciles_the_pass,
    ),
)
