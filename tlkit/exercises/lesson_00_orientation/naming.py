"""From a network's scores to probabilities, and to names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.trials import draws, random_names

__all__ = ["LIKELIEST_NAMES", "SOFTMAX"]


def _probabilities(softmax: Callable, logits: np.ndarray) -> np.ndarray:
    message = f"Logits of shape {logits.shape} need an answer of the same shape: one probability per logit."
    return numbers_of(softmax(logits), logits.shape, message)


def is_a_distribution(softmax):
    """It gives the softmax of one image's logits."""
    for rng in draws(4):
        logits = rng.normal(0, 2, rng.integers(2, 10))
        received = _probabilities(softmax, logits)
        total = f"The probabilities sum to {received.sum():.3f}, not to 1: divide by their sum."
        require(abs(received.sum() - 1) < 1e-5, total)
        require(
            close(received, special.softmax(logits), atol=1e-5),
            "They sum to 1, but they aren't exp(logit) / sum of all exp(logit). A negative logit counts, too.",
        )


def stands_large_logits(softmax):
    """Logits around a thousand do not overflow."""
    for rng in draws(3):
        large, count = float(rng.uniform(900, 3000)), int(rng.integers(2, 6))
        for most in (large, -large):  # one high among low ones, one low among high ones
            logits = rng.permutation([-most, *[most] * count]) + rng.normal(0, 1, count + 1)
            _expect_no_overflow(softmax, logits)


def _expect_no_overflow(softmax: Callable, logits: np.ndarray) -> None:
    received = _probabilities(softmax, logits)
    require(
        close(received, special.softmax(logits), atol=1e-5),
        f"Logits {logits.round().tolist()} gave {np.round(received, 3).tolist()}: exp(1000) overflows. Subtract "
        "the *largest* logit first; the ratios stay the same.",
    )


def each_image_apart(softmax):
    """In a batch, every image has probabilities of its own."""
    for rng in draws(3):
        num_images, num_classes = rng.integers(3, 8, 2)
        offsets = rng.permutation([0.0, 5.0, 1500.0, *rng.uniform(-5, 5, num_images - 3)])[:, None]
        logits = rng.normal(0, 2, (num_images, num_classes)) + offsets
        received = _probabilities(softmax, logits)
        sums = np.round(received.sum(axis=-1), 2).tolist()
        require(
            close(received, special.softmax(logits, axis=-1), atol=1e-5),
            f"{num_images} images, one per row, gave rows that sum to {sums}. Take the maximum and the sum of each "
            "row: `axis=-1, keepdims=True`.",
        )


SOFTMAX = Exercise(
    id="0.3",
    title="From scores to probabilities",
    points=1,
    hints=(
        "The softmax is exp(logit) / sum of all exp(logit). What is `np.exp(1000.0)`?",
        "Subtracting the same number from all logits of an image changes nothing: subtract the largest.",
        "`e = np.exp(logits - logits.max(axis=-1, keepdims=True))`; then divide `e` by its sum over the same axis.",
    ),
    properties=(is_a_distribution, stands_large_logits, each_image_apart),
)


def _named(top_names: Callable, rng: np.random.Generator, k: int) -> tuple[list, dict[str, float]]:
    """The answer for 4 to 8 drawn names, as a list of pairs; the truth as {name: probability}, likeliest first."""
    names = random_names(int(rng.integers(4, 9)), rng)
    probabilities = rng.dirichlet(np.ones(len(names)))
    probabilities[probabilities.argmin()] = rng.uniform(1e-6, 9e-5)  # in scientific notation where it is printed
    received = top_names(probabilities, names, k)
    require(
        _is_table(received),
        "Return a list of pairs `(name, probability)`, with the name as a string and the probability as a number. "
        f"Received {in_words(received)}.",
    )
    truth = dict(sorted(zip(names, probabilities.tolist(), strict=True), key=lambda pair: -pair[1]))
    return [tuple(pair) for pair in received], truth


def _is_table(received: object) -> bool:
    if not isinstance(received, (list, tuple)) or not received:
        return False
    pairs = [pair for pair in received if isinstance(pair, (list, tuple)) and len(pair) == 2]
    return len(pairs) == len(received) and all(
        isinstance(name, str) and isinstance(value, (int, float)) for name, value in pairs
    )


def likeliest_first(top_names):
    """The most likely name comes first."""
    for rng in draws(4):
        pairs, truth = _named(top_names, rng, 4)
        received, right = [name for name, _ in pairs], list(truth)[:4]
        require(
            received != right[::-1],
            f"These are the right names, but with the least likely first: {received}. `argsort` sorts in ascending "
            "order.",
        )
        require(received == right, f"The 4 most likely names are {right}. Received {received}.")


def pairs_belong_together(top_names):
    """Each name keeps its own probability."""
    for rng in draws(4):
        pairs, truth = _named(top_names, rng, 3)
        wrong = [name for name, value in pairs if not close(value, truth.get(name, np.nan), atol=1e-6)]
        rounded = all(close(value, truth.get(name, np.nan), atol=0.051) for name, value in pairs)
        message = f"{wrong} came with another name's probability. Sort names and probabilities *together*."
        require(not wrong, "Give each probability as it is: don't round it." if rounded else message)


def as_many_as_asked(top_names):
    """It gives `k` names, or all of them if there are fewer."""
    for k in (1, 2, 3, 50):
        for rng in draws(2):
            pairs, truth = _named(top_names, rng, k)
            count = min(k, len(truth))
            message = f"k = {k} with {len(truth)} names gave {len(pairs)} pairs, not {count}."
            require(len(pairs) == count, message)
            require({name for name, _ in pairs} <= set(truth), f"Received names that nobody passed: {in_words(pairs)}.")


LIKELIEST_NAMES = Exercise(
    id="0.4",
    title="The likeliest names",
    points=1,
    hints=(
        "Sort the *indices* by probability, not the probabilities themselves.",
        "`np.argsort(probabilities)` gives the indices in ascending order; `[::-1]` reverses them.",
        "For each index `i` in `np.argsort(probabilities)[::-1][:k]`: `(names[i], probabilities[i])`.",
    ),
    properties=(likeliest_first, pairs_belong_together, as_many_as_asked),
)
