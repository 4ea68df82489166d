"""Checks of lesson 4 on what things cost: a fair time, bytes, compiling, shares of a profile, what is done once."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import require
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import hidden_rng

__all__ = [
    "EPOCH_GAINS",
    "ONCE_GAINS",
    "THROUGHPUTS",
    "XLA_CHOICES",
    "a_slower_part_counts",
    "an_infinite_factor_is_a_limit",
    "averages_the_middle_two",
    "counts_the_first_pass",
    "drops_what_came_first",
    "five_or_nothing",
    "frozen_weights_are_bare",
    "has_a_limit",
    "learning_weights_are_fourfold",
    "measured_numbers",
    "never_is_an_answer",
    "nothing_is_no_image",
    "one_epoch_gains_nothing",
    "reconciles_the_epoch",
    "reconciles_the_images",
    "reconciles_the_pass",
    "reconciles_xla",
    "rounds_up_to_a_step",
    "shares_decide",
    "takes_the_middle",
    "the_gain_of_a_step_pays",
    "whole_images_only",
]

THROUGHPUTS = ("below 2 times", "2 to 5 times", "above 5 times")
XLA_CHOICES = ("within 1,000 steps", "later", "never here")
EPOCH_GAINS = ("below 3 times", "3 to 20 times", "above 20 times")
ONCE_GAINS = ("below 2 times", "2 to 10 times", "above 10 times")

# --- 4.1 A fair time


def _seconds(received: object, what: str) -> float:
    number = isinstance(received, (int, float, np.number)) and not isinstance(received, bool)
    require(number, f"{what} Return one number of seconds. Received: {str(received)[:60]}.")
    return float(np.asarray(received))


def _expect_seconds(fair_time: Callable, calls: np.ndarray, num_warmup: int, truth: float, message: str) -> None:
    told = f"Calls of {', '.join(f'{call:g}' for call in calls)} s, the first {num_warmup} to warm up: "
    received = _seconds(fair_time(calls, num_warmup), told)
    require(math.isclose(received, truth, rel_tol=1e-6), f"{told}{truth:g} s. Received {received:g}. {message}")


def drops_what_came_first(fair_time):
    """The warm-up is what came first, whatever it took."""
    unit = round(float(hidden_rng().uniform(1, 2)), 2)
    calls = unit * np.array([90.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    message = "Leave out the first calls as they come: do not sort before you cut, and cut all of them."
    _expect_seconds(fair_time, calls, 2, 5 * unit, message)


def takes_the_middle(fair_time):
    """One call that another program interrupted changes nothing."""
    rng = hidden_rng()
    later = 2.0 + rng.permutation([-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 60.0])
    calls, truth = np.concatenate([[9.0], later]), float(np.median(later))
    told = f"Seven calls of about 2 s, one of which took {later.max():g} s because another program ran, "
    received = _seconds(fair_time(calls, 1), told)
    is_mean = math.isclose(received, later.mean(), rel_tol=1e-6)
    is_least = math.isclose(received, later.min(), rel_tol=1e-6)
    name = "the mean, which one call ruins" if is_mean else "the fastest, which is luck" if is_least else "another"
    require(math.isclose(received, truth, rel_tol=1e-6), f"{told}gave {received:g} s: that is {name}. Take the median.")


def averages_the_middle_two(fair_time):
    """Of an even number of calls it is the mean of the two in the middle."""
    calls = np.concatenate([[50.0], hidden_rng().permutation([1.0, 2.0, 4.0, 6.0, 7.0, 8.0])])
    _expect_seconds(fair_time, calls, 1, 5.0, "With an even number there are two in the middle: take their mean.")


def five_or_nothing(fair_time):
    """Fewer than five timed calls are no measurement."""
    calls = np.full(7, 0.5)
    received = fair_time(calls, 3)
    require(received is None, f"Four calls were left after the warm-up; received {received!r}. Return `None`: too few.")
    require(fair_time(calls, 2) is not None, "Five calls were left, which is enough, but the answer was `None`.")


# --- 4.3 How many images fit?


def _expect_images(largest_batch: Callable, arguments: tuple[int, int, int, int], truth: int, message: str) -> None:
    budget, num_weights, num_learning, per_image = arguments
    received = largest_batch(*arguments)
    whole = isinstance(received, (int, float, np.number)) and float(received).is_integer()
    require(whole, f"The answer is a whole number of images. Received: {str(received)[:60]}. {message}")
    told = f"{budget:,} bytes; {num_weights:,} weights, {num_learning:,} of them learning; {per_image:,} outputs an "
    require(int(received) == truth, f"{told}image: {truth} images. Received {int(received)}. {message}")


def learning_weights_are_fourfold(largest_batch, rates):
    """A learning weight needs its gradient and Adam's two averages beside it, 4 bytes each."""
    weights, per_image, images = (int(number) for number in hidden_rng().integers((1000, 200, 20), (2000, 300, 40)))
    budget = 4 * (4 * weights + images * per_image)
    message = "Each number has 4 bytes, and a learning weight is four numbers: itself, its gradient, two averages."
    _expect_images(largest_batch, (budget, weights, weights, per_image), images, message)


def frozen_weights_are_bare(largest_batch, rates):
    """A frozen weight needs nothing beside it."""
    frozen, learning, per_image = (int(n) for n in hidden_rng().integers((9000, 100, 200), (10_000, 200, 300)))
    budget = 4 * (frozen + 4 * learning + 8 * per_image)
    message = "A frozen weight is one number: no gradient, no averages. And the total already counts the learning ones."
    _expect_images(largest_batch, (budget, frozen + learning, learning, per_image), 8, message)


def whole_images_only(largest_batch, rates):
    """What is left over is no image."""
    budget = 4 * (4 * 100 + 5 * 1000) + 3999
    _expect_images(largest_batch, (budget, 100, 100, 1000), 5, "Round down: nine tenths of an image do not fit.")


def nothing_is_no_image(largest_batch, rates):
    """Where the weights alone are too many, no image fits."""
    message = "Even the weights do not fit: a negative number of images says nothing."
    _expect_images(largest_batch, (10_000, 5000, 5000, 100), 0, message)


def reconciles_the_images(largest_batch, rates):
    """You predicted first."""
    guess = locked_prediction("4.3")
    values = measured_numbers(rates, ("1", "64"), "rates", "images a second, by size of the batch")
    ratio = values[1] / values[0]
    measured = THROUGHPUTS[0] if ratio < 2 else THROUGHPUTS[1] if ratio <= 5 else THROUGHPUTS[2]
    return f"You predicted {guess!r}; measured here: {ratio:.1f} times the images a second, {measured!r}."


def measured_numbers(values: object, names: tuple[str, ...], argument: str, what: str) -> list[float]:
    """Return the positive numbers that a notebook measured, in the order of `names`.

    Raises:
        CheckFailed: If one is missing, or is no positive number; the message calls them `argument` and `what`.
    """
    fine = isinstance(values, dict) and all(name in values for name in names)
    require(fine, f"`{argument}` must hold {what}: {list(names)}.")
    numbers = [float(np.asarray(values[name])) for name in names] if isinstance(values, dict) else []
    good = all(number > 0 and math.isfinite(number) for number in numbers)
    require(good, f"`{argument}` must hold positive numbers, as measured. Received {numbers}.")
    return numbers


# --- 4.5 When has compiling paid?


def _expect_steps(break_even: Callable, seconds: tuple[float, float, float], truth: int | None, message: str) -> None:
    compiling, plain, compiled = seconds
    told = f"{compiling:g} s to compile, then {compiled:g} s a step against {plain:g} s: "
    received = break_even(*seconds)
    right = received is None if truth is None else received is not None and float(received) == truth
    require(right, f"{told}{truth if truth is not None else 'never'}. Received {received!r}. {message}")


def the_gain_of_a_step_pays(break_even, xla):
    """What a step gains pays for compiling."""
    steps = int(hidden_rng().integers(10, 40))
    message = "Divide by what a step gains, the difference of the two, not by what it takes."
    _expect_steps(break_even, (steps * 0.25, 0.75, 0.5), steps, message)


def rounds_up_to_a_step(break_even, xla):
    """After part of a step it has not paid yet."""
    _expect_steps(break_even, (10.0, 1.0, 0.25), 14, "13 steps gain 9.75 s: not enough yet. Round up.")


def never_is_an_answer(break_even, xla):
    """Where a compiled step gains nothing, it never pays."""
    for plain, compiled in ((0.5, 0.5), (0.25, 0.5)):
        _expect_steps(break_even, (2.0, plain, compiled), None, "Return `None`: no number of steps pays for it.")


def reconciles_xla(break_even, xla):
    """You predicted first."""
    guess = locked_prediction("4.5")
    compiling, plain, compiled = measured_numbers(xla, ("compile", "plain", "compiled"), "xla", "seconds, as measured")
    steps = break_even(compiling, plain, compiled)
    measured = XLA_CHOICES[2] if steps is None else XLA_CHOICES[0] if float(steps) <= 1000 else XLA_CHOICES[1]
    return f"You predicted {guess!r}; measured here: {measured!r}."


# --- 4.7 What remains is what counts


def _expect_gain(speedup: Callable, profile: dict, factors: dict, message: str) -> None:
    truth = sum(profile.values()) / sum(time / factors.get(part, 1) for part, time in profile.items())
    told = f"Seconds {profile}, sped up by {factors}: "
    received = float(np.asarray(speedup(profile, factors)))
    right = math.isclose(received, truth, rel_tol=1e-6)
    require(right, f"{told}{truth:.3g} times as fast. Received {received:.3g}. {message}")


def shares_decide(speedup, profile):
    """A part counts by its share of the time."""
    first, second = (int(number) for number in hidden_rng().integers(2, 9, 2))
    message = "Add the seconds that are left of each part; a part without a factor stays as it is. Then divide."
    _expect_gain(speedup, {"read": float(first), "compute": 10.0, "save": float(second)}, {"compute": 5}, message)


def an_infinite_factor_is_a_limit(speedup, profile):
    """A part that vanishes leaves the others."""
    message = f"A part that is {math.inf:g} times as fast takes 0 s; what remains is the limit."
    _expect_gain(speedup, {"read": 3.0, "compute": 9.0}, {"compute": math.inf}, message)


def a_slower_part_counts(speedup, profile):
    """Two parts at once, one of them slower than before."""
    message = "A factor of 0.5 doubles the seconds of its part. Factors are not averaged or multiplied."
    _expect_gain(speedup, {"read": 2.0, "compute": 8.0, "save": 2.0}, {"read": 0.5, "compute": 4}, message)


def reconciles_the_epoch(speedup, profile):
    """You predicted first."""
    guess = locked_prediction("4.7")
    parts = ("read", "frozen part", "head")
    times = dict(zip(parts, measured_numbers(profile, parts, "profile", "seconds of an epoch"), strict=True))
    gain = float(np.asarray(speedup(times, {"frozen part": 50, "head": 50})))
    measured = EPOCH_GAINS[0] if gain < 3 else EPOCH_GAINS[1] if gain <= 20 else EPOCH_GAINS[2]
    return f"You predicted {guess!r}; measured here: by your own profile {gain:.1f} times, {measured!r}."


# --- 4.8 Never run it twice


def _expect_once(gain: Callable, arguments: tuple[float, float, int], message: str) -> None:
    once, each, epochs = arguments
    truth = epochs * (once + each) / (once + epochs * each)
    told = f"{once:g} s for the frozen part, {each:g} s for the rest, {epochs} epochs: "
    received = float(np.asarray(gain(*arguments)))
    right = math.isclose(received, truth, rel_tol=1e-6)
    require(right, f"{told}{truth:.4g} times as fast. Received {received:.4g}. {message}")


def one_epoch_gains_nothing(gain, runs):
    """In a single epoch nothing is run twice."""
    once, each = (float(number) for number in hidden_rng().integers(2, 9, 2))
    _expect_once(gain, (once, each, 1), "One epoch is one pass in either way.")


def counts_the_first_pass(gain, runs):
    """The first pass has to be paid."""
    once = float(hidden_rng().integers(4, 9))
    _expect_once(gain, (once, 1.0, 5), "Kept features must be computed once: this pass is on the bill of both ways.")


def has_a_limit(gain, runs):
    """With very many epochs only the rest counts, and it counts each time."""
    _expect_once(gain, (9.0, 1.0, 10**6), "The rest of the network runs in every epoch, in both ways.")


def reconciles_the_pass(gain, runs):
    """You predicted first."""
    guess = locked_prediction("4.8")
    names = ("fit", "kept features")
    plain, kept = measured_numbers(runs, names, "once", "seconds of all epochs, as measured")
    ratio = plain / kept
    measured = ONCE_GAINS[0] if ratio < 2 else ONCE_GAINS[1] if ratio <= 10 else ONCE_GAINS[2]
    return f"You predicted {guess!r}; measured here: {ratio:.1f} times as fast, {measured!r}."
