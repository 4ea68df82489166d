"""The ways that a study compares, with and without transfer; each gets as many tries as the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import keras
import numpy as np

from tlkit.probes import linear_probe
from tlkit.study.draws import Draw
from tlkit.study.scores import Outcome, Score, score
from tlkit.study.source_networks import put_probe_into_head

__all__ = ["COLOURS", "MAJORITY", "Contestant", "Majority", "Network", "Probe", "colour_histograms"]

MAJORITY, COLOURS = "majority", "colours"
STRENGTHS = (0.0003, 0.003, 0.03)  # inverse strengths of a probe's penalty
_BINS = 4  # of each colour


class Contestant(Protocol):
    """One way to tell the photos apart."""

    @property
    def name(self) -> str:
        """As it is called in the report."""
        ...

    @property
    def transfers(self) -> bool:
        """Whether it starts from a network that others have trained."""
        ...

    @property
    def is_network(self) -> bool:
        """Whether it is a `Network`."""
        ...

    def run(self, labels: np.ndarray, draw: Draw, best: int | None = None) -> Outcome:
        """Learn from `draw.train`, and score it on `draw.report`.

        Args:
            labels: `(num_photos,)`.
            draw: The photos of one seed.
            best: The try that was chosen before; `None` makes all of them and chooses on `draw.tune`.
        """
        ...


class Network(Contestant, Protocol):
    """A contestant with a network that can be kept."""

    @property
    def size(self) -> int:
        """Height and width in pixels of the photos that it is given."""
        ...

    def prepare(self, labels: np.ndarray, rows: np.ndarray, best: int, *, seed: int) -> keras.Model:
        """The network as it is before it is trained by one of the tries on the photos of `rows`."""
        ...

    def train(self, labels: np.ndarray, rows: np.ndarray, best: int, *, seed: int) -> keras.Model:
        """Train it so; a classifier with logits."""
        ...

    def describe_training(self, best: int, *, seed: int) -> dict[str, Any]:
        """The settings of that training by name, for JSON."""
        ...


@dataclass
class Majority:
    """Always names the commonest class: what knowing nothing about a photo is worth."""

    name: str = MAJORITY
    transfers: bool = False
    is_network: bool = False

    def run(self, labels: np.ndarray, draw: Draw, best: int | None = None) -> Outcome:  # noqa: ARG002
        """See `Contestant.run`; there is nothing to choose."""
        commonest = np.bincount(labels[draw.train]).argmax()
        tune, report = (score(labels[rows], np.full(len(rows), commonest)) for rows in (draw.tune, draw.report))
        return Outcome(self.name, draw.seed, 0, "the commonest class", tune, report, 0.0)


@dataclass
class Probe:
    """A logistic regression on features that stay as they are.

    Attributes:
        name: As it is called in the report.
        transfers: Whether the features are those of a trained network.
        size: Height and width in pixels of the photos that the features are of.
        make_features: Gives `(num_photos, num_features)`, once, when they are needed.
        build: Gives a classifier whose pooled features these are; `None` where they are of no network.
    """

    name: str
    transfers: bool
    size: int
    make_features: Callable[[], np.ndarray]
    build: Callable[[], keras.Model] | None = None
    _features: np.ndarray | None = field(default=None, repr=False)

    @property
    def is_network(self) -> bool:
        """Whether the features are those of a network."""
        return self.build is not None

    @property
    def features(self) -> np.ndarray:
        """`(num_photos, num_features)`."""
        if self._features is None:
            self._features = self.make_features()
        return self._features

    def run(self, labels: np.ndarray, draw: Draw, best: int | None = None) -> Outcome:
        """See `Contestant.run`."""
        began = time.monotonic()
        places = range(len(STRENGTHS)) if best is None else [best]
        found = {place: self.try_strength(labels, draw, STRENGTHS[place]) for place in places}
        best = first_best(found)
        setting = f"C = {STRENGTHS[best]:g}"
        return Outcome(self.name, draw.seed, best, setting, *found[best], time.monotonic() - began)

    def try_strength(self, labels: np.ndarray, draw: Draw, strength: float) -> tuple[Score, Score]:
        """Fit to the photos to learn from; return the scores for choosing and for the report."""
        probe = linear_probe(self.features[draw.train], labels[draw.train], strength=strength)
        tune, report = (score(labels[rows], probe.predict(self.features[rows])) for rows in (draw.tune, draw.report))
        return tune, report

    def prepare(self, labels: np.ndarray, rows: np.ndarray, best: int, *, seed: int) -> keras.Model:  # noqa: ARG002
        """See `Network.prepare`."""
        if self.build is None:
            raise NotImplementedError(self.name)
        return self.build()

    def train(self, labels: np.ndarray, rows: np.ndarray, best: int, *, seed: int) -> keras.Model:
        """See `Network.train`; nothing in it is random."""
        model = self.prepare(labels, rows, best, seed=seed)
        probe = linear_probe(self.features[rows], labels[rows], strength=STRENGTHS[best])
        put_probe_into_head(probe, model.get_layer("head"))
        return model

    def describe_training(self, best: int, *, seed: int) -> dict[str, Any]:  # noqa: ARG002
        """See `Network.describe_training`."""
        return {"C": STRENGTHS[best]}


def first_best(found: Mapping[int, tuple[Score, Score]]) -> int:
    """The try with the best score for choosing; of equals, the first: the strongest penalty, the smallest rate.

    Args:
        found: For each try, its scores for choosing and for the report.
    """
    return max(found, key=lambda place: found[place][0].balanced)


def colour_histograms(images: np.ndarray) -> np.ndarray:
    """How often each of 64 colours occurs: `(num_photos, 64)`, shares in [0, 1].

    Args:
        images: `(num_photos, size, size, 3)`, `uint8`.

    Example:
        >>> colour_histograms(np.zeros((1, 8, 8, 3), "uint8"))[0, :4].tolist()
        [1.0, 0.0, 0.0, 0.0]
    """
    coarse = images // (256 // _BINS)  # (num_photos, size, size, 3) in [0, 4)
    numbers = coarse @ np.array([_BINS**2, _BINS, 1], "uint8")
    flat = numbers.reshape(len(images), -1)
    return np.stack([np.bincount(row, minlength=_BINS**3) / flat.shape[1] for row in flat])
