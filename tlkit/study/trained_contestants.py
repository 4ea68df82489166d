"""Contestants that train a network: from scratch, and fine-tuned from what others have trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from tlkit.backbones import add_head
from tlkit.probes import linear_probe
from tlkit.restart import renew_optimizer, restart
from tlkit.speed import fit
from tlkit.study.contestants import Probe, first_best
from tlkit.study.draws import Draw
from tlkit.study.scores import Outcome, Score, score
from tlkit.study.source_networks import Source, let_learn, put_probe_into_head

__all__ = ["BATCH_SIZE", "FINE_TUNING", "FROM_SCRATCH", "Trained", "Try"]

BATCH_SIZE = 32
HEAD_STRENGTH = 0.003  # of the probe that a fine-tuned head starts from; not chosen, it is only a start


@dataclass(frozen=True)
class Try:
    """One setting of a training.

    Attributes:
        share: Of the blocks, from the last one, that learn, in (0, 1].
        rate: Adam's learning rate.
    """

    share: float
    rate: float

    def __str__(self) -> str:
        depth = "all blocks" if self.share == 1 else f"the last {self.share:.0%} of the blocks"
        return f"{depth} at {self.rate:g}"


FROM_SCRATCH = (Try(1, 3e-4), Try(1, 1e-3), Try(1, 3e-3))
FINE_TUNING = (Try(0.5, 3e-4), Try(1, 1e-4), Try(1, 3e-4))


@dataclass
class Trained:
    """A network that is trained whole or in part, `epochs` long at each of its tries.

    Attributes:
        name: As it is called in the report.
        source: The network that it starts from, or, from scratch, whose untrained twin it starts from.
        transfers: Whether it starts from the source's weights.
        images: `(num_photos, size, size, 3)`, `uint8`.
        num_classes: At least 2.
        tries: Settings, as many as other contestants have.
        epochs: Of each training.
        start: The probe whose weights the head starts with (Kumar et al., 2022, "Fine-tuning can distort pretrained
            features", arXiv:2202.10054); `None` for a head with random weights.
        progress: Called before each try, with the tries done and all.
    """

    name: str
    source: Source
    transfers: bool
    images: np.ndarray
    num_classes: int
    tries: Sequence[Try]
    epochs: int
    start: Probe | None = None
    progress: Callable[[int, int], object] = lambda *_: None
    _models: dict[float, tuple[keras.Model, list[np.ndarray]]] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Height and width in pixels of the photos that it is given."""
        return self.images.shape[1]

    @property
    def is_network(self) -> bool:
        """It is one."""
        return True

    def run(self, labels: np.ndarray, draw: Draw, best: int | None = None) -> Outcome:
        """See `tlkit.study.contestants.Contestant.run`."""
        began = time.monotonic()
        places = range(len(self.tries)) if best is None else [best]
        found: dict[int, tuple[Score, Score]] = {}
        for done, place in enumerate(places):
            self.progress(done, len(places))
            found[place] = self.try_setting(labels, draw, place)
        best = first_best(found)
        return Outcome(self.name, draw.seed, best, str(self.tries[best]), *found[best], time.monotonic() - began)

    def try_setting(self, labels: np.ndarray, draw: Draw, place: int) -> tuple[Score, Score]:
        """Train with one try; return the scores for choosing and for the report."""
        model = self.train(labels, draw.train, place, seed=draw.seed)
        named = predict_labels(model, self.images, np.concatenate([draw.tune, draw.report]))
        chosen_on, reported_on = np.split(named, [len(draw.tune)])
        return score(labels[draw.tune], chosen_on), score(labels[draw.report], reported_on)

    def prepare(self, labels: np.ndarray, rows: np.ndarray, best: int, *, seed: int) -> keras.Model:
        """See `tlkit.study.contestants.Network.prepare`; the same object for each call with one depth."""
        setting = self.tries[best]
        model, initial = self._model(setting.share)
        if self.transfers:
            model.set_weights(initial)
            renew_optimizer(model)
        else:
            restart(model, seed)
        if self.start is not None:
            probe = linear_probe(self.start.features[rows], labels[rows], strength=HEAD_STRENGTH)
            put_probe_into_head(probe, model.get_layer("head"))
        model.optimizer.learning_rate = setting.rate
        return model

    def train(self, labels: np.ndarray, rows: np.ndarray, best: int, *, seed: int) -> keras.Model:
        """See `tlkit.study.contestants.Network.train`."""
        model = self.prepare(labels, rows, best, seed=seed)
        keras.utils.set_random_seed(seed)
        fit(model, self.images[rows], labels[rows], batch_size=BATCH_SIZE, epochs=self.epochs, verbose=0)
        return model

    def describe_training(self, best: int, *, seed: int) -> dict[str, Any]:
        """See `tlkit.study.contestants.Network.describe_training`."""
        rate = self.tries[best].rate
        return {"learning_rate": rate, "batch_size": BATCH_SIZE, "epochs": self.epochs, "seed": seed}

    def _model(self, share: float) -> tuple[keras.Model, list[np.ndarray]]:
        """The network of a depth, compiled once, with the weights that it starts from."""
        if share not in self._models:
            backbone = self.source.load() if self.transfers else self.source.load_fresh()
            model = add_head(backbone, self.num_classes)
            if self.transfers:
                let_learn(model, share)
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile(keras.optimizers.Adam(), loss)
            self._models[share] = model, model.get_weights()
        return self._models[share]


def predict_labels(model: keras.Model, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The class that the model names for each of `rows`: `(num_rows,)`."""
    chunks = np.array_split(rows, max(1, len(rows) // 128))
    return np.concatenate([np.argmax(model.predict_on_batch(images[chunk]), axis=-1) for chunk in chunks])
