"""Accuracy, size and time of all Keras Applications: what is published, and what is measured here."""

from __future__ import annotations

import functools
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tlkit.quiet_start

import numpy as np

from tlkit.backbones import list_backbones, load_backbone

__all__ = ["TIMES_FILE", "Latency", "list_latencies", "measure_latency"]

TIMES_FILE = Path(__file__).with_name("latency.json")


@dataclass(frozen=True)
class Latency:
    """A network of Keras Applications as its documentation describes it; what that leaves out is `None`.

    Attributes:
        name: As `load_backbone` takes it.
        top1: Published single-crop accuracy on ImageNet's validation images, in [0, 1].
        milliseconds: Time of one image on the machine of the kit's record, which has two cores, in ms
            (`python -m tlkit.selection.measure_latencies`).
        published: "Time per inference step (CPU)" of Keras' documentation, in ms; the page says that it was taken with
            92 cores and batches of 32.
        megabytes: Weights without the top as float32, in units of 10^6 bytes.
        parameters: Without the top.
        pixels: Side of the images that the network was designed for.
        embedded: Names of weights of this architecture that come with the kit; all others need a network once.
    """

    name: str
    top1: float | None
    milliseconds: float | None
    published: float | None
    megabytes: float | None
    parameters: int | None
    pixels: int | None
    embedded: tuple[str, ...]


def list_latencies() -> list[Latency]:
    """List all of the installed Keras Applications, by family and size.

    Example:
    >>> found = next(each for each in list_latencies() if each.name == "mobilenet_v2")
    >>> found.top1, found.published, found.embedded
    (0.713, 25.9, ())
    """
    times = _times()
    return [
        Latency(
            info.name,
            info.imagenet_top1,
            times["milliseconds"].get(info.name),
            times["published"]["milliseconds"].get(info.name),
            info.size_mb,
            info.num_parameters,
            info.input_size,
            info.embedded,
        )
        for info in list_backbones()
    ]


def measure_latency(name: str, *, pixels: int | None = None, repeats: int = 10) -> float:
    """Milliseconds on this machine for one image through a network, without weights from anywhere.

    The network is built with Keras' own initial values, which take as long as trained ones.

    Args:
        name: As `load_backbone` takes it.
        pixels: Side of the image in pixels; `None` takes the size that the network was designed for.
        repeats: Timed passes after one that builds the graph, at least 1.

    Returns:
        The fastest pass, in ms: what else a machine does makes passes slower, never faster.

    Raises:
        ValueError: If there is no such network, or `repeats` is below 1.
    """
    if repeats < 1:
        msg = f"`repeats` must be at least 1. Received: {repeats!r}."
        raise ValueError(msg)
    side = pixels or next((each.pixels for each in list_latencies() if each.name == name), None) or 224
    model = load_backbone(name, weights=None, input_shape=(side, side, 3))
    image, found = np.zeros((1, side, side, 3), "float32"), []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        model.predict_on_batch(image)
        found.append(1000 * (time.perf_counter() - began))
    return min(found[1:])


@functools.cache
def _times() -> dict[str, Any]:
    return json.loads(TIMES_FILE.read_text(encoding="utf-8"))
