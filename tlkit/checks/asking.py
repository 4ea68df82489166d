"""Checks of lesson 0 on asking a network: a picture in, probabilities and names out, and when not to answer."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from scipy import special

from tlkit.checks.exercise import require
from tlkit.checks.toys import SIZE, hidden_rng, quiet_tracing, tiny_classifier, tiny_images

__all__ = [
    "UNKNOWN",
    "answers_alike_each_time",
    "answers_when_sure",
    "as_many_as_asked",
    "each_image_apart",
    "exactly_enough_is_enough",
    "is_a_distribution",
    "likeliest_first",
    "pairs_belong_together",
    "refuses_each_for_itself",
    "stands_large_logits",
    "stretches_fractions",
    "takes_bytes_as_they_are",
    "trusts_the_type",
]

NAMES = ["wolf", "ant", "zebra", "cup", "moth", "bell"]
UNKNOWN = "unknown"

# --- 0.2 Ask it yourself


def _answer(ask: Callable, network: keras.Model, picture: np.ndarray) -> np.ndarray:
    with quiet_tracing():
        received = np.asarray(ask(network, picture), float)
    message = f"One picture and 3 classes gave an answer of shape {received.shape}: return `(3,)`, one number a class."
    require(received.shape == (3,), message)
    return received


def _compare(ask: Callable, picture: np.ndarray, in_bytes: np.ndarray, message: str) -> None:
    """The answer for `picture` must be the network's own for the same picture in [0, 255]."""
    network = tiny_classifier(hidden_rng())
    truth = np.asarray(network(in_bytes[None].astype("float32"), training=False))[0]
    require(np.allclose(_answer(ask, network, picture), truth, rtol=1e-3, atol=1e-2), message)


def takes_bytes_as_they_are(ask):
    """A `uint8` picture goes in as it is."""
    picture = tiny_images(1, hidden_rng())[0]
    message = "For a `uint8` picture the answer is not the network's own: its values must stay in [0, 255]."
    _compare(ask, picture, picture, message)


def stretches_fractions(ask):
    """A picture of floats in [0, 1] is brought to [0, 255]."""
    picture = hidden_rng().uniform(0, 1, (SIZE, SIZE, 3))
    message = "A float picture in [0, 1] was not multiplied by 255: unscaled, it is almost black to this network."
    _compare(ask, picture, picture * 255, message)


def trusts_the_type(ask):
    """A very dark `uint8` picture is not taken for fractions."""
    picture = hidden_rng().integers(0, 2, (SIZE, SIZE, 3)).astype("uint8")
    message = "A `uint8` picture with values 0 and 1 only is a very dark one, and came out wrong. Go by "
    _compare(ask, picture, picture, message + "`picture.dtype`: the largest value says nothing.")


def answers_alike_each_time(ask):
    """Asked twice, it answers the same."""
    network, picture = tiny_classifier(hidden_rng()), tiny_images(1, hidden_rng())[0]
    first, second = (_answer(ask, network, picture) for _ in range(2))
    message = "Asked twice about one picture, it answered differently: dropout is at work. Call it for inference."
    require(np.allclose(first, second, rtol=1e-4), message)


# --- 0.3 From scores to probabilities


def _probabilities(softmax: Callable, logits: np.ndarray) -> np.ndarray:
    received = np.asarray(softmax(logits), float)
    message = f"Logits of shape {logits.shape} gave an answer of shape {received.shape}: one probability for each."
    require(received.shape == logits.shape, message)
    return received


def is_a_distribution(softmax):
    """It gives the softmax of one image's logits."""
    logits = hidden_rng().normal(0, 2, 6)
    received = _probabilities(softmax, logits)
    total = f"The probabilities sum to {received.sum():.3f}, not to 1: divide by their sum."
    require(abs(received.sum() - 1) < 1e-5, total)
    message = "They sum to 1, but are not exp(logit) / sum of all exp(logit): a negative logit counts, too."
    require(np.allclose(received, special.softmax(logits), atol=1e-5), message)


def stands_large_logits(softmax):
    """Logits of a thousand do not overflow."""
    received = _probabilities(softmax, np.array([1000.0, 998.0, -1000.0]))
    message = f"Logits 1000, 998 and -1000 gave {np.round(received, 3).tolist()}: exp(1000) is no number any more. "
    message += "Subtract the largest logit first; the ratios stay as they are."
    require(np.allclose(received, special.softmax([1000.0, 998.0, -1000.0]), atol=1e-5), message)


def each_image_apart(softmax):
    """In a batch every image has probabilities of its own."""
    logits = hidden_rng().normal(0, 2, (4, 5)) + np.array([[0.0], [5.0], [-5.0], [1500.0]])
    received = _probabilities(softmax, logits)
    sums = np.round(received.sum(axis=-1), 2).tolist()
    message = f"Four images, one a row, gave rows that sum to {sums}: take the maximum and the sum per row, "
    require(np.allclose(received, special.softmax(logits, axis=-1), atol=1e-5), message + "`axis=-1, keepdims=True`.")


# --- 0.4 The likeliest names


def _named(top_names: Callable, k: int) -> tuple[list, dict[str, float]]:
    """The answer for hidden probabilities as a list of pairs, and the truth as {name: probability}, likeliest first."""
    probabilities = hidden_rng().dirichlet(np.ones(len(NAMES)))
    received = top_names(probabilities, list(NAMES), k)
    pairs = [tuple(pair) for pair in received] if _is_table(received) else []
    message = "Return a list of pairs `(name, probability)`, the name a text. Received "
    require(pairs and all(isinstance(name, str) for name, _ in pairs), f"{message}{str(received)[:80]}.")
    truth = dict(sorted(zip(NAMES, probabilities.tolist(), strict=True), key=lambda pair: -pair[1]))
    return pairs, truth


def _is_table(received: object) -> bool:
    is_list = isinstance(received, (list, tuple))
    return is_list and all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in received)


def likeliest_first(top_names):
    """The likeliest comes first."""
    pairs, truth = _named(top_names, 4)
    received, right = [name for name, _ in pairs], list(truth)[:4]
    turned = f"The right names, the least likely of them first: {received}. `argsort` sorts upwards."
    require(received != right[::-1], turned)
    require(received == right, f"Asked for the 4 likeliest, {right}; received {received}.")


def pairs_belong_together(top_names):
    """Each name keeps its own probability."""
    pairs, truth = _named(top_names, 3)
    wrong = [name for name, value in pairs if name in truth and abs(float(value) - truth[name]) > 1e-6]
    require(not wrong, f"{wrong} came with a probability of another name: sort names and probabilities *together*.")


def as_many_as_asked(top_names):
    """It gives `k` names, or all where there are fewer."""
    for k, count in ((1, 1), (3, 3), (50, len(NAMES))):
        pairs, _ = _named(top_names, k)
        require(len(pairs) == count, f"k = {k} of {len(NAMES)} names gave {len(pairs)} pairs, not {count}.")


# --- 0.5 Let it refuse


def _answers(refuse: Callable, probabilities: list[list[float]], at_least: float) -> list[str]:
    received = refuse(np.array(probabilities), ["cup", "cat", "bell"], at_least)
    fine = isinstance(received, (list, tuple, np.ndarray)) and len(received) == len(probabilities)
    message = f"{len(probabilities)} images need as many answers, a list of texts, {UNKNOWN!r} among them. Received "
    require(fine, f"{message}{str(received)[:80]}.")
    return [str(answer) for answer in received]


def answers_when_sure(refuse, *_):
    """It names the likeliest class where the network is sure enough."""
    received = _answers(refuse, [[0.1, 0.8, 0.1], [0.7, 0.2, 0.1], [0.0, 0.1, 0.9]], 0.6)
    message = f"Three images, each sure by 70 % or more, 60 % being enough, gave {received}. "
    require(received == ["cat", "cup", "bell"], message + "Answer with the name of each row's largest probability.")


def refuses_each_for_itself(refuse, *_):
    """It refuses an image that it is not sure enough of, and only that one."""
    received = _answers(refuse, [[0.1, 0.8, 0.1], [0.4, 0.3, 0.3], [0.7, 0.2, 0.1], [0.3, 0.2, 0.5]], 0.65)
    message = f"Sure by 80, 40, 70 and 50 %, 65 % being enough, the answers were {received}. "
    require(received == ["cat", UNKNOWN, "cup", UNKNOWN], message + "Decide for each row by its own largest value.")


def exactly_enough_is_enough(refuse, *_):
    """Exactly as sure as demanded is enough."""
    received = _answers(refuse, [[0.25, 0.75, 0.0], [0.5, 0.25, 0.25]], 0.5)
    message = f"Sure by 75 and 50 %, *at least* 50 % being enough, the answers were {received}: use `>=`."
    require(received == ["cat", "cup"], message)
