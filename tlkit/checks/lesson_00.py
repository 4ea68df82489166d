"""The exercises of lesson 0, orientation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.asking import (
    UNKNOWN,
    answers_alike_each_time,
    answers_when_sure,
    as_many_as_asked,
    each_image_apart,
    exactly_enough_is_enough,
    is_a_distribution,
    likeliest_first,
    pairs_belong_together,
    refuses_each_for_itself,
    stands_large_logits,
    stretches_fractions,
    takes_bytes_as_they_are,
    trusts_the_type,
)
from tlkit.checks.exercise import CheckFailed, Exercise, one_of, register, require
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import hidden_rng

OUTCOMES = ("better", "about the same", "worse")
WIDTHS = ("below 5 points", "5 to 10 points", "above 10 points")
FACTORS = ("about the same", "2 to 10 times", "above 10 times")

# --- 0.1 Read a learning curve


def _expect_epoch(best_epoch: Callable, val_accuracy: list[float], val_loss: list[float], message: str) -> None:
    """The epoch with the best validation accuracy; training goes up to the end."""
    rising = [round(0.3 + 0.1 * epoch, 1) for epoch in range(len(val_loss))]
    history = {"accuracy": rising, "loss": [2.0 - value for value in rising]}
    received = best_epoch(history | {"val_accuracy": val_accuracy, "val_loss": val_loss})
    best = val_accuracy.index(max(val_accuracy)) + 1
    require(received == best, f"Validation accuracies {val_accuracy}: epoch {best}. Received {received!r}. {message}")


def counts_from_one(best_epoch, finals):
    """It counts epochs as the curves do, from 1."""
    message = "Python counts from 0, the curves from 1."
    _expect_epoch(best_epoch, [0.8, 0.5, 0.5, 0.5], [1.0, 1.1, 1.2, 1.3], message)


def reads_validation(best_epoch, finals):
    """It goes by the accuracy on images that were not trained on."""
    message = "Training accuracy rises to the very end: what was trained on is known by heart."
    _expect_epoch(best_epoch, [0.4, 0.7, 0.6, 0.5, 0.6], [2.0, 1.5, 1.3, 1.4, 1.5], message)


def takes_the_first_of_equals(best_epoch, finals):
    """Of equally good epochs it names the first."""
    message = "Two epochs are equally good: the first of them is cheaper."
    _expect_epoch(best_epoch, [0.1, 0.7, 0.3, 0.7], [2.0, 1.0, 1.2, 1.1], message)


def reconciles_the_outcome(best_epoch, finals):
    """You predicted first."""
    guess = locked_prediction("0.1")
    values = [float(finals.get(name, math.nan)) for name in ("head", "everything")] if isinstance(finals, dict) else []
    fine = len(values) == 2 and all(0 <= value <= 1 for value in values)
    require(fine, '`finals` must hold the accuracies "head" and "everything", as measured.')
    gain = values[1] - values[0]
    measured = OUTCOMES[1] if abs(gain) < 0.05 else OUTCOMES[0 if gain > 0 else 2]
    return f"You predicted {guess!r}. With everything learning at this rate it came out {measured!r}."


def _draw_finals(rng: np.random.Generator) -> dict[str, float]:
    return {"head": float(rng.uniform(0.4, 0.9)), "everything": float(rng.uniform(0.1, 0.9))}


# --- 0.5 Let it refuse


def reconciles_the_noise(refuse, sure_of_noise):
    """You predicted first."""
    guess, measured = float(locked_prediction("0.5")), 100 * float(np.asarray(sure_of_noise))
    require(0 < measured <= 100, f"`sure_of_noise` is a share in (0, 1], as measured. Received {sure_of_noise!r}.")
    than_thought = "surer than" if measured > guess else "less sure than"
    how = "about as sure as" if abs(measured - guess) < 10 else than_thought
    return f"You predicted {guess:.0f} %. Of pure noise it was {how} you thought."


def _draw_sureness(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.2, 0.9))


def _percent(answer: object) -> None:
    if isinstance(answer, bool) or not isinstance(answer, (int, float)) or not 0 <= answer <= 100:
        msg = f"The prediction is a number of percent from 0 to 100. Received: {answer!r}."
        raise CheckFailed(msg)


# --- 0.6 How good is it, really?


def _interval(accuracy_interval: Callable, num_right: int, num_images: int) -> tuple[float, float]:
    """The interval for that many right answers, in any order."""
    return _bounds(accuracy_interval(hidden_rng().permutation(np.arange(num_images) < num_right)))


def _bounds(received: object) -> tuple[float, float]:
    fine = isinstance(received, (list, tuple, np.ndarray)) and np.shape(received) == (2,)
    require(fine, f"Return two numbers, `low, high`. Received {str(received)[:80]}.")
    low, high = np.asarray(received, float)
    message = f"A share lies in [0, 1], and `low` is not above `high`. Received {low:.2f}, {high:.2f}."
    require(-1e-9 <= low <= high <= 1 + 1e-9, message)
    return float(low), float(high)


def is_never_certain(accuracy_interval, right):
    """Ten right answers of ten do not make it infallible."""
    for num_right in (10, 0):
        low, high = _interval(accuracy_interval, num_right, 10)
        message = f"{num_right} right of 10 gave [{low:.2f}, {high:.2f}]. Ten images cannot make you that certain: "
        require(high - low > 0.1, message + "sqrt(p (1 - p) / n) is 0 here, and wrong. Take another formula.")


def covers_the_truth(accuracy_interval, right):
    """It holds the true accuracy in about 95 of 100 cases."""
    counts = np.arange(15, 41)  # fewer than 15 of 40 do not happen
    bounds = [_interval(accuracy_interval, int(count), 40) for count in counts]
    holds = [low <= 0.7 <= high for low, high in bounds]
    covered = float(stats.binom.pmf(counts, 40, 0.7)[holds].sum())
    message = (
        f"A network that is right in 70 %, asked 40 times: the interval holds the 70 % in {covered:.0%} of cases. "
    )
    require(covered > 0.9, message + "95 % need 1.96 standard errors to each side, not one.")


def narrows_with_images(accuracy_interval, right):
    """Sixteen times the images make it four times narrower."""
    few, many = _interval(accuracy_interval, 70, 100), _interval(accuracy_interval, 1120, 1600)
    ratio = (few[1] - few[0]) / max(many[1] - many[0], 1e-12)
    message = f"Sixteen times the images made it {ratio:.1f} times narrower: it should be 4. The standard *error* is "
    require(3.5 < ratio < 4.5, message + "the standard deviation, divided by the square root of the number of images.")


def reconciles_the_width(accuracy_interval, right):
    """You predicted first."""
    guess, answers = locked_prediction("0.6"), np.asarray(right)
    fine = answers.ndim == 1 and len(answers) > 1 and np.isin(answers, (0, 1)).all()
    require(fine, f"`right` holds true or false for each validation image. Received shape {answers.shape}.")
    low, high = _bounds(accuracy_interval(answers.astype(bool)))
    measured = WIDTHS[0] if high - low < 0.05 else WIDTHS[1] if high - low <= 0.1 else WIDTHS[2]
    return f"You predicted {guess!r}. By your own interval the width is {measured!r}."


def _draw_right(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(size=130) < rng.uniform(0.5, 0.8)


# --- 0.7 How long will it take?


def _expect_seconds(seconds_for: Callable, arguments: tuple, truth: float, message: str) -> None:
    """`arguments` are images, size of a batch, epochs, seconds of the first step, seconds of each later one."""
    received = float(seconds_for(*arguments))
    images, batch, epochs, first, later = arguments
    told = f"{images} images in batches of {batch}, {epochs} epochs, first step {first:g} s, then {later:g} s: "
    require(math.isclose(received, truth, rel_tol=1e-6), f"{told}{truth:g} s. Received {received:g}. {message}")


def pays_the_first_step_once(seconds_for, first_to_later):
    """The first step is paid once, each later one by itself."""
    message = "Only the very first step builds the graph; it is one of the steps, and the next epoch needs it no more."
    _expect_seconds(seconds_for, (320, 32, 5, 8.0, 0.5), 8.0 + 49 * 0.5, message)


def counts_the_last_batch(seconds_for, first_to_later):
    """The last, smaller batch of each epoch is a step, too."""
    message = "100 images are 4 batches: the last one is smaller, but a step. Round up."
    _expect_seconds(seconds_for, (100, 32, 3, 0.25, 0.25), 12 * 0.25, message)


def works_for_one_step(seconds_for, first_to_later):
    """One batch and one epoch are the first step and no more."""
    _expect_seconds(seconds_for, (20, 32, 1, 6.0, 1.0), 6.0, "There is no later step here.")


def reconciles_the_first_step(seconds_for, first_to_later):
    """You predicted first."""
    guess, ratio = locked_prediction("0.7"), float(np.asarray(first_to_later))
    require(ratio > 0, f"`first_to_later` is a ratio of two times, as measured. Received {first_to_later!r}.")
    measured = FACTORS[0] if ratio < 2 else FACTORS[1] if ratio <= 10 else FACTORS[2]
    return f"You predicted {guess!r}. The first call took {measured!r} as long as a later one."


def _draw_ratio(rng: np.random.Generator) -> float:
    return float(rng.uniform(2, 100))


register(
    Exercise(
        id="0.1", title="Read a learning curve", points=1, prediction=one_of(*OUTCOMES),
        given={"finals": _draw_finals},
        hints=(
            'Two lists matter here: `history["accuracy"]` and `history["val_accuracy"]`. Which one is honest?',
            "`np.argmax(values)` is the place of the first largest value, counted from 0.",
            'Return `int(np.argmax(history["val_accuracy"])) + 1`.',
        ),
        properties=(counts_from_one, reads_validation, takes_the_first_of_equals, reconciles_the_outcome),
    ),
    Exercise(
        id="0.2", title="Ask it yourself", points=1,
        hints=(
            "Two things may be missing: a batch axis in front, and the scale of [0, 255].",
            "`picture[None]` has a batch axis. `picture.dtype` tells bytes from fractions.",
            "If the dtype is not `uint8`, multiply by 255. Return `network(picture[None], training=False)[0]`.",
        ),
        properties=(takes_bytes_as_they_are, stretches_fractions, trusts_the_type, answers_alike_each_time),
    ),
    Exercise(
        id="0.3", title="From scores to probabilities", points=1,
        hints=(
            "The softmax is exp(logit) / sum of all exp(logit). What is `np.exp(1000.0)`?",
            "Subtracting the same number from all logits of an image changes nothing: subtract the largest.",
            "`e = np.exp(logits - logits.max(axis=-1, keepdims=True))`, then divide by its sum in the same way.",
        ),
        properties=(is_a_distribution, stands_large_logits, each_image_apart),
    ),
    Exercise(
        id="0.4", title="The likeliest names", points=1,
        hints=(
            "Sort the *places* by probability, not the probabilities themselves.",
            "`np.argsort(probabilities)` gives the places upwards; `[::-1]` turns them round.",
            "For each place in `np.argsort(probabilities)[::-1][:k]`: `(names[place], probabilities[place])`.",
        ),
        properties=(likeliest_first, pairs_belong_together, as_many_as_asked),
    ),
    Exercise(
        id="0.5", title="Let it refuse", points=1, prediction=_percent, given={"sure_of_noise": _draw_sureness},
        hints=(
            "Each row is an image. Its largest probability says how sure the network is.",
            "`row.argmax()` is the place of the name, `row.max()` how sure; compare it with `at_least`.",
            f'`names[row.argmax()] if row.max() >= at_least else "{UNKNOWN}"`, for each row.',
        ),
        properties=(answers_when_sure, refuses_each_for_itself, exactly_enough_is_enough, reconciles_the_noise),
    ),
    Exercise(
        id="0.6", title="How good is it, really?", points=1, prediction=one_of(*WIDTHS), given={"right": _draw_right},
        hints=(
            "Wilson's interval stays sensible for ten of ten. SciPy has it, in `scipy.stats.binomtest`.",
            '`binomtest(num_right, num_images).proportion_ci(method="wilson")` has `low` and `high`.',
            "`num_right` is `int(sum(right))`, `num_images` is `len(right)`. Return `interval.low, interval.high`.",
        ),
        properties=(is_never_certain, covers_the_truth, narrows_with_images, reconciles_the_width),
    ),
    Exercise(
        id="0.7", title="How long will it take?", points=1, prediction=one_of(*FACTORS),
        given={"first_to_later": _draw_ratio},
        hints=(
            "How many steps has an epoch? How many are there in all, and how many of them are the first?",
            "An epoch has `math.ceil(num_images / batch_size)` steps; `-(-a // b)` rounds up, too.",
            "`first + (steps - 1) * later`, where `steps` counts those of all epochs.",
        ),
        properties=(pays_the_first_step_once, counts_the_last_batch, works_for_one_step, reconciles_the_first_step),
    ),
)  # fmt: skip
