"""Asking a network: a picture in, scores out."""

from __future__ import annotations

from collections.abc import Callable

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.toys import SIZE, hidden_rng, quiet_tracing, redraw, tiny_classifier, tiny_images
from tlkit.exercises.trials import Untouched, draws, mixed

__all__ = ["ASK"]


@shared_trial
def _built() -> keras.Model:
    """A network for all properties: building takes longer than asking."""
    rng = hidden_rng()
    return tiny_classifier(rng, width=int(rng.integers(3, 7)), num_classes=int(rng.integers(2, 7)))


def _network(rng: np.random.Generator) -> keras.Model:
    """The network with new weights, all of which may learn."""
    network = _built()
    network.trainable = True
    redraw(network, rng)
    return network


def _compare(ask: Callable, rng: np.random.Generator, picture: np.ndarray, in_bytes: np.ndarray, message: str) -> None:
    """The answer for `picture` must be the network's own for the same picture in [0, 255], computed before."""
    network = _network(rng)
    num_classes = network.output_shape[-1]
    truth = np.asarray(network(in_bytes[None].astype("float32"), training=False))[0]
    unscaled = np.asarray(network(picture[None].astype("float32"), training=False))[0]
    with quiet_tracing():
        received = numbers_of(
            ask(network, picture),
            (num_classes,),
            f"One picture and {num_classes} classes: return shape `({num_classes},)`, one number per class.",
        )
    is_unscaled = picture.dtype != np.uint8 and _is_near(received, unscaled)
    otherwise = "Its answer isn't the network's own: are the channels, the axes or the values changed?"
    require(_is_near(received, truth), message if is_unscaled or picture.dtype == np.uint8 else otherwise)


def _is_near(received: np.ndarray, truth: np.ndarray) -> bool:
    return close(received, truth, rtol=1e-3, atol=1e-2)


def takes_bytes_as_they_are(ask):
    """A `uint8` picture goes in as it is."""
    for rng in draws(2):
        picture = tiny_images(1, rng)[0]
        _compare(
            ask,
            rng,
            picture,
            picture,
            "For a `uint8` picture, the answer isn't the network's own: its values must stay in [0, 255].",
        )


def stretches_fractions(ask):
    """A picture of floats in [0, 1], of 32 or 64 bits, is scaled to [0, 255]."""
    for rng in draws(2):
        for dtype in mixed(["float32", "float64"], rng):
            picture = rng.uniform(0, 1, (SIZE, SIZE, 3)).astype(dtype)
            _compare(
                ask,
                rng,
                picture,
                picture * 255,
                f"A {dtype} picture in [0, 1] was not multiplied by 255. Unscaled, it looks almost black to this "
                "network.",
            )


def trusts_the_type(ask):
    """A very dark `uint8` picture is not mistaken for fractions."""
    for rng in draws(2):
        picture = rng.integers(0, 2, (SIZE, SIZE, 3)).astype("uint8")
        _compare(
            ask,
            rng,
            picture,
            picture,
            "A `uint8` picture that holds only 0 and 1 is a very dark one; its answer came out wrong. Go by "
            "`picture.dtype`: the largest value says nothing.",
        )


def answers_alike_each_time(ask):
    """Asked twice, it gives the same answer, and the network stays as it was."""
    for rng in draws(2):
        network, picture = _network(rng), tiny_images(1, rng)[0]
        message = f"Return one number for each of the {network.output_shape[-1]} classes."
        truth, before = np.asarray(network(picture[None].astype("float32"), training=False))[0], Untouched(network)
        first, second = (numbers_of(ask(network, picture), network.output_shape[1:], message) for _ in range(2))
        require(
            close(first, second, rtol=1e-4),
            "Asked twice about one picture, it answered differently: dropout is at work. Call it with "
            "`training=False`.",
        )
        require(_is_near(first, truth), "Asked twice, it gave the same answer, but not the network's own.")
        before.require("Asking it only looks.")


ASK = Exercise(
    id="0.2",
    title="Ask it yourself",
    points=1,
    hints=(
        "Two things may be missing: a batch axis in front, and the scale of [0, 255].",
        "`picture[None]` adds a batch axis. `picture.dtype` tells bytes from fractions.",
        "If the dtype is not `uint8`, multiply by 255. Return `network(picture[None], training=False)[0]`.",
    ),
    properties=(takes_bytes_as_they_are, stretches_fractions, trusts_the_type, answers_alike_each_time),
)
