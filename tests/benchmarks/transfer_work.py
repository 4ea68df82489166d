"""What `transfer_map` runs: targets with few labels, probes on frozen features, and trainings of the whole network."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from tlkit.backbones import add_head, list_embedded, load_backbone
from tlkit.data import Split, load_dataset
from tlkit.probes import linear_probe
from tlkit.restart import restart
from tlkit.speed import cache_features

ARCHITECTURE = "mobilenet_v3_small"  # of width 1.0, as the embedded weights
SIZE = 64  # pixels
BATCH_SIZE = 32  # about: batches are alike in size, since a rest of one image would spoil BatchNorm
RATES = (3e-4, 1e-3, 3e-3)  # of Adam, for every training
STRENGTHS = (0.003, 0.05, 1.0)  # of the probe: the inverse of its penalty
TUNING_SEED = 100  # rates and strengths are chosen with this draw, on validation images; results use other draws
IMAGES_SEEN, EPOCHS = 6000, (12, 60)  # of every training; fewest and most epochs
SETTINGS = {
    "images_seen": IMAGES_SEEN, "epochs": list(EPOCHS), "rates": list(RATES), "strengths": list(STRENGTHS), "size": SIZE
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """Images to learn from with few labels; `val` is for choices, `test` for results."""

    name: str
    train: Split
    val: Split
    test: Split

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.test.class_names)


def list_sources() -> dict[str, str]:
    """The embedded sources of one network, and the untrained one: name to SHA-256 of the weights."""
    embedded = {entry.name: entry.sha256 for entry in list_embedded() if entry.architecture == ARCHITECTURE}
    return embedded | {"random": "seed 0"}


def read_target(name: str, photos10: Path | None = None) -> Target:
    """Read a dataset of the kit, or `photos10` from its path."""
    if name == "photos10":
        return _read_photos10(photos10)
    data = load_dataset(name, size=SIZE)
    return Target(name, data.train, data.val, data.test.open("source x target map"))


def _read_photos10(path: Path) -> Target:
    """Read `train/<class>/*` and `test/<class>/*` from a zip file or a folder; a quarter of `train` validates."""
    root = zipfile.Path(path) if path.suffix == ".zip" else path
    root = next(place for place in (root, *root.iterdir()) if (place / "train").is_dir())
    whole, test = _read_folder(root / "train"), _read_folder(root / "test")
    val_rows = np.zeros(len(whole), bool)
    for label in range(len(whole.class_names)):
        rows = np.flatnonzero(whole.labels == label)
        val_rows[rows[3 * len(rows) // 4 :]] = True
    parts = [Split(whole.images[rows], whole.labels[rows], whole.class_names) for rows in (~val_rows, val_rows)]
    return Target("photos10", *parts, test)


def _read_folder(folder) -> Split:
    names = sorted(place.name for place in folder.iterdir() if place.is_dir())
    files = [
        (label, file)
        for label, name in enumerate(names)
        for file in sorted((folder / name).iterdir(), key=lambda file: file.name)
    ]
    images = np.stack([_read_image(file) for _, file in files])
    return Split(images, np.array([label for label, _ in files], "int32"), names)


def _read_image(file) -> np.ndarray:
    with file.open("rb") as stream:
        return np.asarray(Image.open(stream).convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC))


class Prober:
    """Linear probes on a frozen backbone, which sees each image once: features are found by its content."""

    def __init__(self, backbone: keras.Model):
        pooled = keras.layers.GlobalAveragePooling2D()(backbone.outputs[0])
        self._prefix = keras.Model(backbone.inputs[0], pooled)

    def score(self, target: Target, labels: int, seed: int, strength: float, *, part: str = "test") -> float:
        """Accuracy on a part of the target after fitting to `labels` training images per class."""
        few = cache_features(self._prefix, target.train.take_per_class(labels, seed))
        judged = cache_features(self._prefix, getattr(target, part))
        return float(linear_probe(few.features, few.labels, strength=strength).score(judged.features, judged.labels))


class Trainer:
    """One network, traced once, which is started anew for each run: from scratch, or from given weights.

    It has as many outputs as the largest target has classes. Those that a target does not use are never asked for, in
    every run alike.
    """

    def __init__(self, num_outputs: int):
        self._backbone = load_backbone(ARCHITECTURE, weights=None, alpha=1.0)
        self._model = add_head(self._backbone, num_outputs)
        for layer in self._model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = 0.9  # Keras' own is made for long trainings, and would spoil these
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._model.compile(keras.optimizers.Adam(), loss, jit_compile=False)

    def score(
        self, target: Target, labels: int, seed: int, rate: float, *, start: keras.Model | None = None, part="test"
    ) -> float:
        """Accuracy on a part of the target after training all layers on `labels` images per class."""
        few = target.train.take_per_class(labels, seed)
        keras.utils.set_random_seed(seed)
        restart(self._model, seed)
        if start is not None:
            self._backbone.set_weights(start.get_weights())
        epochs = num_epochs(len(few))
        schedule = keras.callbacks.LearningRateScheduler(
            lambda epoch: rate * (1 + math.cos(math.pi * epoch / epochs)) / 2
        )
        batches = few.as_dataset(batch_size(len(few)), shuffle=True, seed=seed)
        self._model.fit(batches, epochs=epochs, callbacks=[schedule], verbose=0)
        images = getattr(target, part)
        predicted = self._model.predict(images.images, batch_size=128, verbose=0).argmax(axis=1)
        return float((predicted == images.labels).mean())


def num_epochs(num_images: int) -> int:
    """The budget of a training: as many epochs as show `IMAGES_SEEN` images, within `EPOCHS`."""
    return min(EPOCHS[1], max(EPOCHS[0], IMAGES_SEEN // num_images))


def batch_size(num_images: int) -> int:
    """The size, near `BATCH_SIZE`, that leaves the smallest rest."""
    return math.ceil(num_images / max(1, round(num_images / BATCH_SIZE)))


def choose_and_score(
    score: Callable[..., float], choices: tuple[float, ...], seeds: range
) -> tuple[float, list[float]]:
    """Choose the best of `choices` on validation images, then score it on the test with each seed."""
    found = [score(TUNING_SEED, choice, part="val") for choice in choices]
    best = choices[int(np.argmax(found))]
    return best, [score(seed, best) for seed in seeds]
